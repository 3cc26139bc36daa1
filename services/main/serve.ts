import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import type { Log } from '../domain/context.ts';
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../store/embedded-database.ts';
import { SharedLimits } from './held-associations.ts';
import { type Role, type SupervisedRole, supervise } from './supervise.ts';

const STOP_SECONDS = { receiver: 10, puller: 10, web: 5, worker: 25 } as const;

export interface RunningServices {
  readonly httpPort: number;
  readonly dimsePort: number;
  readonly pids: () => Readonly<Record<string, number | undefined>>;
  stop(): Promise<void>;
}

/**
 * The supervisor: embedded database (unless DATABASE_URL names one), receiver, worker and web as processes of their
 * own, and a puller where archives are watched. It parses nothing from the network. Stops in the order receiver, puller, web,
 * worker, database.
 */
export async function startServices(config: Config, log: Log, env: NodeJS.ProcessEnv): Promise<RunningServices> {
  const dataDir = resolve(config.DATA_DIR);
  await mkdir(dataDir, { recursive: true });
  const database: EmbeddedDatabase | undefined =
    config.DATABASE_URL === undefined ? await startEmbeddedDatabase(dataDir, log) : undefined;
  const roleEnv = { ...env, DATA_DIR: dataDir, DATABASE_URL: database?.url ?? config.DATABASE_URL };
  const role = (name: string, more: Partial<Role> = {}): SupervisedRole => {
    const entry = join(import.meta.dirname, `${name}.ts`);
    return supervise({ name, entry, env: roleEnv, ...more }, log);
  };
  const web = role('web');
  // The web server shows the figures of all roles on its one metrics page.
  const told = (entry: string, more: Partial<Role> = {}) => {
    const { name = entry } = more;
    return role(entry, { ...more, onMetrics: (snapshot) => web.send({ type: 'metrics', role: name, snapshot }) });
  };
  // Each alive for itself; the system shares connections out to them, and the limits on associations hold for all together.
  const limits = new SharedLimits();
  const receivers = Array.from({ length: config.RECEIVER_PROCESSES }, (_, at) => {
    const [name, args] = at === 0 ? ['receiver', []] : [`receiver-${at + 1}`, [String(at + 1)]];
    const hooks = {
      onHeld: (held: Readonly<Record<string, number>>) => limits.told(name, held),
      onServing: () => limits.tell(name),
    };
    const receiver = told('receiver', { name, args, ...hooks });
    limits.add(name, receiver);
    return receiver;
  });
  const [receiver] = receivers;
  const roles = { web, worker: told('worker') };
  const puller = config.WATCH_FILE === undefined ? undefined : told('puller');
  const stop = async () => {
    await Promise.all(receivers.map((receiver) => receiver.stop(STOP_SECONDS.receiver)));
    await puller?.stop(STOP_SECONDS.puller);
    await roles.web.stop(STOP_SECONDS.web);
    await roles.worker.stop(STOP_SECONDS.worker);
    await database?.stop();
  };
  const received = Promise.all(receivers.map(({ ready }) => ready));
  const ready = Promise.all([received, roles.web.ready, roles.worker.ready, puller?.ready]);
  const [[dimsePort], httpPort] = await ready.catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    dimsePort: dimsePort ?? config.DIMSE_PORT,
    httpPort: httpPort ?? config.HTTP_PORT,
    pids: () => ({
      ...{ receiver: receiver?.pid(), web: roles.web.pid(), worker: roles.worker.pid() },
      ...(puller && { puller: puller.pid() }),
    }),
    stop,
  };
}
