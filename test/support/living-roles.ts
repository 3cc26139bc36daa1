import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { freePort } from '../../services/main/ports.ts';
import { startDatabase, type TestDatabase } from './database.ts';

/** The two processes that must live, as the supervisor starts them, over a real database; no worker takes their work. */
export interface LivingRoles {
  readonly url: string;
  readonly dimsePort: number;
  readonly dataDir: string;
  readonly database: TestDatabase;
  /** Error lines of their logs; none of them names a patient. */
  readonly errors: readonly string[];
  /** Process ids; those that ended have none. */
  pids(): { readonly web: number | undefined; readonly receiver: number | undefined };
  /** As `kill -9` would. */
  kill(name: RoleName): Promise<void>;
  restart(name: RoleName): Promise<void>;
  stop(): Promise<void>;
}

type RoleName = 'web' | 'receiver';

const Ready = z.object({ type: z.literal('ready') });

export async function startLivingRoles(
  settings: Readonly<Record<string, string>> = {},
  below = tmpdir(),
): Promise<LivingRoles> {
  const database = await startDatabase(below);
  const dataDir = mkdtempSync(join(below, 'overread-roles-'));
  const [httpPort, dimsePort] = [await freePort(0), await freePort(0)];
  const env = {
    ...process.env,
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    HTTP_PORT: String(httpPort),
    DIMSE_PORT: String(dimsePort),
    DIMSE_HOST: '127.0.0.1',
    LOG_LEVEL: 'error',
    ...settings,
  };
  const errors: string[] = [];
  const start = async (name: RoleName): Promise<ChildProcess> => {
    const child = fork(join(import.meta.dirname, `../../services/main/${name}.ts`), [], { env, silent: true });
    child.stderr?.pipe(process.stderr);
    if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', (line) => void errors.push(line));
    await new Promise<void>((resolve, reject) => {
      child.on('message', (message) => Ready.safeParse(message).success && resolve());
      child.once('exit', (code) => reject(new Error(`the ${name} ended with ${code}`)));
    });
    return child;
  };
  const children: Record<RoleName, ChildProcess> = { web: await start('web'), receiver: await start('receiver') };
  const alive = (child: ChildProcess) => (child.exitCode === null && child.signalCode === null ? child.pid : undefined);
  return {
    url: `http://127.0.0.1:${httpPort}`,
    dimsePort,
    dataDir,
    database,
    errors,
    pids: () => ({ web: alive(children.web), receiver: alive(children.receiver) }),
    kill: (name) => ended(children[name], 'SIGKILL'),
    restart: async (name) => {
      children[name] = await start(name);
    },
    stop: async () => {
      await Promise.all(Object.values(children).map((child) => ended(child, 'SIGTERM')));
      await database.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}
