import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { open, readFile, rename, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { AppError } from '../../domain/errors.ts';
import type { Account } from './account.ts';
import type { Binaries } from './binaries.ts';

/** The superuser of the embedded server, and its only one. */
export const SUPERUSER = 'overread';

/** Nothing of our own environment, so no credential of another service, reaches the server. */
export const ENVIRONMENT = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' };

const MAX_LOG_BYTES = 10_000_000;

/** The cluster on disk, who runs it and by which programs. */
export interface Cluster {
  readonly directory: string;
  /** The server's own log. It may quote statements, so it never joins ours. */
  readonly logFile: string;
  readonly account: Account | undefined;
  readonly binaries: Binaries;
  /** What `-D` says: the folder, or its working folder where the account may not enter the folders above it. */
  readonly dataArgument: string;
}

// biome-ignore format: a setting a line
const SERVER_OPTIONS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'fsync=on',
  'full_page_writes=on',
  'synchronous_commit=on',
  // A small shared memory (the 64 MB of a container) must do.
  'max_parallel_workers_per_gather=0',
  'max_parallel_maintenance_workers=0',
  'jit=off',
  'log_checkpoints=off',
  // No statement and no detail, so no value of a patient, in its log.
  'log_min_error_statement=panic',
  'log_error_verbosity=terse',
].flatMap((setting) => ['-c', setting]);

/** util-linux: a server whose owner dies gets a fast shutdown. Where it is missing the next start ends the orphan. */
const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));

/** A command that gets `signal` when we die, by whatever death. */
export function dyingWithUs(signal: 'INT' | 'KILL', program: string, args: readonly string[]): [string, string[]] {
  return SETPRIV === undefined ? [program, [...args]] : [SETPRIV, ['--pdeathsig', signal, '--', program, ...args]];
}

export interface ServerProcess {
  /** Resolves when the server has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Fast shutdown; by force when it does not come. */
  stop(): Promise<void>;
}

/**
 * Starts the server and answers once it takes connections, which after a crash is when it has replayed its log.
 * It gets a session of its own: Ctrl-C of the terminal must reach it through us, after everybody else has closed.
 *
 * @throws {AppError} DATABASE_UNAVAILABLE with the server's own words when it ends instead.
 */
export async function startServer(cluster: Cluster, url: string): Promise<ServerProcess> {
  const logStart = await shortenLog(cluster.logFile);
  const child = await spawnServer(cluster, new URL(url).port);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const server = { ended, stop: () => stopServer(child, ended) };
  const waiting = new AbortController();
  const failed = ended.then(async () => {
    const words = await fatalWords(cluster.logFile, logStart);
    throw new AppError('DATABASE_UNAVAILABLE', `PostgreSQL did not start: ${words}`, { log: cluster.logFile });
  });
  failed.catch(() => {});
  try {
    await Promise.race([untilReady(url, waiting.signal), failed]);
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  } finally {
    waiting.abort();
  }
}

async function spawnServer(cluster: Cluster, port: string): Promise<ChildProcess> {
  const log = await open(cluster.logFile, 'a', 0o600);
  const args = ['-D', cluster.dataArgument, ...SERVER_OPTIONS, '-p', port];
  try {
    return spawn(...dyingWithUs('INT', cluster.binaries.postgres, args), {
      ...cluster.account,
      cwd: cluster.directory,
      env: ENVIRONMENT,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
  } finally {
    await log.close();
  }
}

/** One older log is kept. Answers with where the log of this start begins. */
async function shortenLog(file: string): Promise<number> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size <= MAX_LOG_BYTES) return size;
  await rename(file, `${file}.1`);
  return 0;
}

async function fatalWords(logFile: string, from: number): Promise<string> {
  const text = (await readFile(logFile).catch(() => Buffer.alloc(0))).subarray(from).toString();
  const lines = text.split('\n').filter((line) => /\b(FATAL|PANIC|HINT|could not|cannot)\b/.test(line));
  return lines.slice(-3).join(' / ') || `it says nothing; see ${logFile}`;
}

/** Not listening yet, or starting up, which after a crash takes as long as it takes. */
const NOT_YET = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', '57P03']);
const WRONG_PASSWORD = '28P01';

async function untilReady(url: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const client = new pg.Client({ connectionString: maintenanceUrl(url), connectionTimeoutMillis: 5000 });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query('SELECT 1');
      return;
    } catch (error) {
      const { code, message } = error as { code?: string; message?: string };
      if (code !== undefined && !NOT_YET.has(code)) {
        const hint = code === WRONG_PASSWORD ? ' (database.json is not the one of this database)' : '';
        throw new AppError('DATABASE_UNAVAILABLE', `PostgreSQL refuses us: ${message}${hint}`, { code }, error);
      }
      await sleep(50);
    } finally {
      await client.end().catch(() => {});
    }
  }
}

/** The same server by the database that is always there. */
export function maintenanceUrl(url: string): string {
  const other = new URL(url);
  other.pathname = '/postgres';
  return other.href;
}

async function stopServer(child: ChildProcess, ended: Promise<void>): Promise<void> {
  for (const [signal, seconds] of [
    ['SIGINT', 60],
    ['SIGQUIT', 10],
    ['SIGKILL', 10],
  ] as const) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    child.kill(signal);
    const abort = new AbortController();
    await Promise.race([ended, sleep(seconds * 1000, undefined, { signal: abort.signal }).catch(() => {})]);
    abort.abort();
  }
}
