import { once } from 'node:events';
import { type Response, Router } from 'express';
import type { Log } from '../../domain/context.ts';
import type { ChangeEvent } from '../../domain/contract/system.ts';
import type { StudyQueries } from '../../domain/ports.ts';
import { eventHub } from '../event-hub.ts';
import { onlyMethods } from '../problem.ts';

export type EventsPorts = Pick<StudyQueries, 'subscribe' | 'eventsAfter'>;

const KEEP_ALIVE_MS = 15_000;
/** A browser that lost the stream comes back after this long. */
const RETRY_MS = 2000;
/** What may wait for a slow client, and for a backlog to be read; beyond it the client starts again from its last id. */
const MAX_UNSENT_BYTES = 1024 * 1024;
const MAX_WAITING_EVENTS = 10_000;
/** `eventsAfter` answers with at most this many. */
const PAGE = 1000;
const HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
};

/** `GET /api/events`: server-sent events (HTML Living Standard §9.2). What was missed since `Last-Event-ID` comes first. */
export function eventsRoutes(log: Log, { subscribe, eventsAfter }: EventsPorts, keepAliveMs = KEEP_ALIVE_MS): Router {
  const router = Router();
  const hub = eventHub(subscribe);

  router
    .route('/api/events')
    .head((_req, res) => {
      res.set(HEADERS).end();
    })
    .get(async (req, res) => {
      const waiting: ChangeEvent[] = [];
      const stream = { live: false };
      // Before the stream opens: a screen that cannot be told of changes must show so.
      const leave = await hub.follow((event) => {
        if (stream.live) send(res, event);
        else if (waiting.push(event) > MAX_WAITING_EVENTS) res.destroy();
      });
      const keepAlive = setInterval(() => send(res), keepAliveMs);
      const free = () => {
        clearInterval(keepAlive);
        leave().catch((error: unknown) => log.error('events.unsubscribe', error));
      };
      if (res.destroyed) return free();
      res.on('close', free);

      res.set(HEADERS).flushHeaders();
      res.write(`retry: ${RETRY_MS}\n\n: open\n\n`);
      const lastId = Number.parseInt(req.get('Last-Event-ID') ?? '', 10);
      const sent = Number.isSafeInteger(lastId) ? await sendBacklog(res, lastId, eventsAfter) : new Set<number>();
      for (const event of waiting) if (!sent.has(event.id)) send(res, event);
      stream.live = true;
    })
    .all(onlyMethods('GET, HEAD'));

  return router;
}

/** Sends everything after `lastId` at the pace of the client; answers with the ids of the last pages. */
async function sendBacklog(
  res: Response,
  lastId: number,
  eventsAfter: EventsPorts['eventsAfter'],
): Promise<ReadonlySet<number>> {
  const sent = new Set<number>();
  for (let after = lastId; !res.destroyed; ) {
    const page = await eventsAfter(after);
    for (const event of page) {
      sent.add(event.id);
      send(res, event);
      after = Math.max(after, event.id);
    }
    if (page.length < PAGE) break;
    if (res.writableNeedDrain) await Promise.race([once(res, 'drain'), once(res, 'close')]);
  }
  return sent;
}

/** An event, or a comment that keeps proxies from closing a quiet stream. */
function send(res: Response, event?: ChangeEvent): void {
  if (res.destroyed) return;
  if (res.writableLength > MAX_UNSENT_BYTES) return void res.destroy();
  res.write(event === undefined ? ': ping\n\n' : `id: ${event.id}\nevent: change\ndata: ${JSON.stringify(event)}\n\n`);
}
