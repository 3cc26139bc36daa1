import {
  type BackendFactory,
  type ConnectionOptions,
  createPostgresBackend,
  createRedisBackend,
  type IQueueBackend,
  type PgPool,
  type PostgresConnectionOptions,
  runMigrations,
} from 'bullmq';
import { Pool, type PoolConfig } from 'pg';
import type { Log } from '../domain/context.ts';

/** Where the jobs live, and how to reach it. The queue and its workers take it whole and never look inside. */
export interface QueueBackend<Connection> {
  readonly factory: BackendFactory<IQueueBackend, Connection>;
  readonly connection: Connection;
  /** To be called after every queue and worker on it is closed. */
  close(): Promise<void>;
}

/**
 * The default: jobs beside the results, in schema `bullmq` of the same database.
 *
 * The pool is its own and not that of the store: BullMQ calls its functions by bare name, so each
 * connection must have the schema on its search path. Each worker keeps one client for LISTEN.
 */
export async function postgresBackend(
  database: PoolConfig,
  log: Log,
): Promise<QueueBackend<PostgresConnectionOptions>> {
  const pool = new Pool({ ...database, options: '-c search_path=bullmq', keepAlive: true, max: 12 });
  pool.on('error', (error) => log.error('queue.connection-lost', error));
  // On one client, not on the pool: the migration takes an advisory lock and must keep its session.
  const client = await pool.connect();
  try {
    await runMigrations(client);
  } finally {
    client.release();
  }
  // BullMQ's PgPool declares the overloads of `on` otherwise than pg does; the object is the same.
  return { factory: createPostgresBackend, connection: pool as unknown as PgPool, close: () => pool.end() };
}

/** `QUEUE_URL=redis://…`: Redis or Valkey. Each queue and worker opens and closes its own connection. */
export function redisBackend(url: string): QueueBackend<ConnectionOptions> {
  return { factory: createRedisBackend, connection: { url, maxRetriesPerRequest: null }, close: async () => {} };
}
