import { Kysely, PostgresDialect, type PostgresPool } from 'kysely';
import pg from 'pg';
import type { Log } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';
import { databaseError } from './database-error.ts';
import { migrate } from './migrate.ts';
import type { Schema } from './schema.ts';

/** The tables, by Kysely. Made once per process. */
export interface Store {
  readonly database: Kysely<Schema>;
  /** For a connection of one's own, to listen on. Holds the password. */
  readonly url: string;
  close(): Promise<void>;
}

const OLDEST_VERSION = 150_000;
const MAX_CONNECTIONS = 10;

/**
 * Opens a pool on the server, checks that it keeps what it commits, and brings the tables up to date.
 *
 * @throws {AppError} DATABASE_UNSAFE when the server is older than 15, the database not in UTF8, or fsync,
 *   full_page_writes or synchronous_commit off; DATABASE_UNAVAILABLE when it does not answer.
 */
export async function connect(url: string, log: Log): Promise<Store> {
  await checkServer(url, log);
  const pool = new pg.Pool({ ...connection(url), max: MAX_CONNECTIONS, idleTimeoutMillis: 60_000 });
  // An idle connection that breaks is replaced when next needed; unheard, its error would end the process.
  pool.on('error', (error) => log.warn('database.connection-lost', { code: codeOf(error) }));
  pool.on('connect', (client) => client.on('error', () => {}));
  const database = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: namingErrors(pool) }) });
  try {
    await migrate(database);
  } catch (error) {
    await database.destroy();
    throw error;
  }
  return { database, url, close: () => database.destroy() };
}

/**
 * What every connection of ours says; `synchronous_commit` again, for a role may have its own default. Our queries are short:
 * to compile one (`jit`) takes longer than it saves.
 */
export function connection(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: 'overread',
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
    options: '-c synchronous_commit=on -c timezone=UTC -c jit=off',
    types: { getTypeParser: numberParser },
  };
}

const INT8 = 20;

/** `bigint` as a number: our counts stay far below 2^53. */
const numberParser: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === INT8 ? Number : pg.types.getTypeParser(oid, format as 'text');

async function checkServer(url: string, log: Log): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ name: string; setting: string }>(
      `SELECT name, setting FROM pg_settings WHERE name IN
        ('server_version_num', 'server_version', 'server_encoding', 'fsync', 'full_page_writes', 'synchronous_commit',
         'data_checksums')`,
    );
    const setting = Object.fromEntries(rows.map((row) => [row.name, row.setting]));
    const problem = unsafeServer(setting);
    if (problem !== undefined) throw new AppError('DATABASE_UNSAFE', problem);
    if (setting.data_checksums === 'off') log.warn('database.no-checksums');
  } catch (error) {
    throw databaseError(error);
  } finally {
    await client.end().catch(() => {});
  }
}

/** Why a server with these settings would not keep what it commits, or not understand us. */
export function unsafeServer(setting: Readonly<Record<string, string>>): string | undefined {
  if (!(Number(setting.server_version_num) >= OLDEST_VERSION)) {
    return `PostgreSQL 15 or newer is needed, this is ${setting.server_version}`;
  }
  if (setting.server_encoding !== 'UTF8') {
    return `The database must be in UTF8, this one is in ${setting.server_encoding}: names of patients would be lost`;
  }
  const off = ['fsync', 'full_page_writes', 'synchronous_commit'].filter(
    (name) => setting[name] === undefined || setting[name] === 'off',
  );
  return off.length === 0 ? undefined : `The server may lose what it commits: turn on ${off.join(', ')}`;
}

/** The pool as Kysely uses it, with the server's failures under our names. */
function namingErrors(pool: pg.Pool): PostgresPool {
  const named = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw databaseError(error);
    });
  return {
    options: pool.options,
    end: () => pool.end(),
    connect: async () => {
      const client = await named(pool.connect());
      return {
        query: ((text: string, values: readonly unknown[]) => named(client.query(text, [...values]))) as never,
        release: (destroy?: boolean) => client.release(destroy),
      };
    },
  };
}

const codeOf = (error: Error): string => String((error as { code?: unknown }).code ?? error.name);
