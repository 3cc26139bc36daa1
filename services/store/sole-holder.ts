import pg from 'pg';
import type { Log } from '../domain/context.ts';
import { connection } from './connect.ts';

/**
 * One process of all that use a database does something: who holds an advisory lock of the server, by a connection of its own.
 * When that breaks, so does the hold, and whoever asks next has it. What one does who has just lost it, and does not know yet,
 * must be harmless.
 */
export class SoleHolder {
  readonly #url: string;
  readonly #key: number;
  readonly #log: Log;
  #client: pg.Client | undefined;
  #held = false;

  constructor(url: string, key: number, log: Log) {
    this.#url = url;
    this.#key = key;
    this.#log = log;
  }

  /** Whether we hold it now; asks for it when we do not. */
  async holds(): Promise<boolean> {
    if (this.#held) return true;
    const client = await this.#connected();
    const { rows } = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1) AS held', [this.#key]);
    this.#held = rows[0]?.held === true && this.#client === client;
    return this.#held;
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#lost(client);
    await client?.end().catch(() => {});
  }

  async #connected(): Promise<pg.Client> {
    if (this.#client !== undefined) return this.#client;
    const client = new pg.Client(connection(this.#url));
    client.on('error', (error) => {
      this.#log.warn('lock.connection-lost', { reason: error.message });
      this.#lost(client);
    });
    client.on('end', () => this.#lost(client));
    await client.connect();
    this.#client = client;
    return client;
  }

  #lost(client: pg.Client | undefined): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#held = false;
  }
}
