import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Log } from '../domain/context.ts';
import type { ChangeEvent } from '../domain/contract/system.ts';
import type { StudyQueries } from '../domain/ports.ts';
import { connection, type Store } from './connect.ts';
import { databaseError } from './database-error.ts';

type Listener = (event: ChangeEvent) => void;

const PAUSE_MS = 500;
/** Longer than any transaction of ours: an event may carry an earlier time than one that was heard before it. */
const OVERLAP_SECONDS = 60;
const MAX_MISSED = 1000;

export const CHANGE_COLUMNS = `id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at, kind, "StudyInstanceUID"`;

/**
 * One connection per process, while anybody listens, hears of committed events and tells every listener. After a lost
 * connection it reads what it missed: an event may be told twice, and is never left out.
 */
export function eventListener(store: Store, log: Log): StudyQueries['subscribe'] {
  const listeners = new Set<Listener>();
  const current: { channel?: Channel } = {};
  const tell = (event: ChangeEvent) => {
    for (const listener of listeners) listener(event);
  };

  return async (listener) => {
    // Wrapped: the same function may subscribe twice.
    const own: Listener = (event) => listener(event);
    listeners.add(own);
    current.channel ??= openChannel(store.url, log, tell);
    await current.channel.ready;
    return async () => {
      if (!listeners.delete(own) || listeners.size > 0) return;
      const { channel } = current;
      delete current.channel;
      await channel?.close();
    };
  };
}

interface Channel {
  /** Resolves once events are heard. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

function openChannel(url: string, log: Log, tell: Listener): Channel {
  const ready = Promise.withResolvers<void>();
  const closing = new AbortController();
  /** Time of the server up to which all was heard. */
  const heard: { until?: string } = {};

  async function listenOnce(): Promise<void> {
    const client = new pg.Client(connection(url));
    const lost = new Promise<void>((resolve) => {
      client.once('end', resolve);
      client.on('error', () => resolve());
      closing.signal.addEventListener('abort', () => resolve());
    });
    try {
      await client.connect();
      const read = reader(client, tell, heard);
      client.on('notification', ({ payload }) => read.soon(Number(payload)));
      await client.query('LISTEN overread_event');
      await read.missed();
      ready.resolve();
      await lost;
    } finally {
      await client.end().catch(() => {});
    }
  }

  async function listen(): Promise<void> {
    while (!closing.signal.aborted) {
      await listenOnce().catch((error: unknown) => log.error('events.listen-failed', databaseError(error)));
      if (closing.signal.aborted) return;
      log.warn('events.connection-lost');
      await sleep(PAUSE_MS, undefined, { signal: closing.signal }).catch(() => {});
    }
  }

  const listening = listen();
  return {
    ready: ready.promise,
    close: async () => {
      closing.abort();
      await listening;
      ready.resolve();
    },
  };
}

/** Reads events by id, several at once where they come faster than they are read. */
function reader(client: pg.Client, tell: Listener, heard: { until?: string }) {
  const waiting: number[] = [];
  const state = { busy: false };

  async function work(): Promise<void> {
    state.busy = true;
    while (waiting.length > 0) {
      const { rows } = await client.query<ChangeEvent>(
        `SELECT ${CHANGE_COLUMNS} FROM event WHERE id = ANY($1) ORDER BY id`,
        [waiting.splice(0)],
      );
      for (const event of rows) {
        heard.until = event.at;
        tell(event);
      }
    }
    state.busy = false;
  }

  return {
    soon(id: number): void {
      waiting.push(id);
      // A failure ends the connection, and the next one reads what was missed.
      if (!state.busy) work().catch(() => client.end().catch(() => {}));
    },
    async missed(): Promise<void> {
      if (heard.until !== undefined) {
        const { rows } = await client.query<ChangeEvent>(
          `SELECT ${CHANGE_COLUMNS} FROM (
             SELECT * FROM event WHERE at > $1::timestamptz - make_interval(secs => ${OVERLAP_SECONDS})
             ORDER BY id DESC LIMIT ${MAX_MISSED}
           ) recent ORDER BY recent.id`,
          [heard.until],
        );
        for (const event of rows) tell(event);
      }
      const { rows: clock } = await client.query<{ at: string }>('SELECT now()::text AS at');
      heard.until = clock[0]?.at ?? heard.until ?? '';
    },
  };
}
