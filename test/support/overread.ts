import { type ChildProcess, fork } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { StudyDetail, Worklist } from '../../services/domain/contract/worklist.ts';
import { EndState } from '../../services/domain/run.ts';
import { freePort } from '../../services/main/ports.ts';

const Ready = z.object({ type: z.literal('ready'), httpPort: z.number(), dimsePort: z.number() });

/** A whole Overread as an operator runs it: supervisor, embedded database, roles, in a folder and on ports of its own. */
export interface Overread {
  readonly url: string;
  readonly dimsePort: number;
  readonly dataDir: string;
  readonly env: NodeJS.ProcessEnv;
  supervisorPid(): number;
  /** Everything it wrote to standard output and error. */
  output(): string;
  worklist(): Promise<Worklist>;
  study(StudyInstanceUID: string): Promise<StudyDetail | undefined>;
  /** Resolves when the newest run of the study has ended in one of the four states. */
  ended(StudyInstanceUID: string, seconds?: number): Promise<StudyDetail>;
  /** Kills the supervisor as `kill -9` would, without a word to its children. */
  killSupervisor(): void;
  /** Starts again on the same folder and ports. */
  restart(): Promise<void>;
  stop(): Promise<void>;
  remove(): void;
}

/** Starts `overread serve` on a fresh folder; `settings` override its environment. */
export async function startOverread(settings: Readonly<Record<string, string>> = {}): Promise<Overread> {
  const dataDir = settings.DATA_DIR ?? mkdtempSync(join(tmpdir(), 'overread-test-'));
  // Started by root, the embedded server runs as another account, which must be able to enter the folder.
  if (settings.DATA_DIR === undefined) chmodSync(dataDir, 0o755);
  const [dimsePort, httpPort] = [await freePort(0), await freePort(0)];
  const env = {
    ...process.env,
    DATA_DIR: dataDir,
    DIMSE_HOST: '127.0.0.1',
    DIMSE_PORT: String(dimsePort),
    HTTP_PORT: String(httpPort),
    SERIES_QUIET_SECONDS: '4',
    SERIES_RELEASED_QUIET_SECONDS: '0.5',
    RETRY_SECONDS: '1',
    LOG_LEVEL: 'info',
    ...settings,
  };
  const current: { child?: ChildProcess; output: string } = { output: '' };
  const url = `http://127.0.0.1:${httpPort}`;

  const start = async () => {
    const child = fork(join(import.meta.dirname, '../../services/main/cli.ts'), ['serve'], {
      env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    });
    current.child = child;
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (text: Buffer) => (current.output += text.toString()));
    await new Promise<void>((resolve, reject) => {
      child.on('message', (message) => Ready.safeParse(message).success && resolve());
      child.once('exit', (code) => reject(new Error(`serve ended with ${code}:\n${current.output.slice(-4000)}`)));
    });
  };
  await start();

  const read = async <T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> => {
    const response = await fetch(`${url}${path}`).catch(() => undefined);
    return response?.ok ? schema.parse(await response.json()) : undefined;
  };
  const study = (uid: string) => read(`/api/studies/${uid}`, StudyDetail);

  return {
    url,
    dimsePort,
    dataDir,
    env,
    supervisorPid: () => current.child?.pid ?? 0,
    output: () => current.output,
    async worklist() {
      const list = await read('/api/worklist?limit=500', Worklist);
      if (list === undefined) throw new Error('no worklist');
      return list;
    },
    study,
    async ended(uid, seconds = 120) {
      for (const until = Date.now() + seconds * 1000; Date.now() < until; await sleep(200)) {
        const detail = await study(uid);
        const run = detail?.runs.at(0);
        if (
          detail !== undefined &&
          run !== undefined &&
          EndState.safeParse(run.state).success &&
          run.newInstances === 0
        )
          return detail;
      }
      const detail = await study(uid);
      throw new Error(
        `${uid} did not end in ${seconds} s: ${detail?.runs.map(({ state }) => state)}\n${current.output.slice(-6000)}`,
      );
    },
    killSupervisor: () => void current.child?.kill('SIGKILL'),
    restart: start,
    stop: () => stopped(current.child),
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}

function stopped(child: ChildProcess | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return resolve();
    child.removeAllListeners('exit');
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
