import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ChangeEvent, Problem } from '../../services/domain/contract/system.ts';
import { AppError } from '../../services/domain/errors.ts';
import { eventsRoutes } from '../../services/http/routes/events.ts';
import { fakeContext } from '../support/fake-context.ts';
import { type AppServer, eventsPort, startApp } from './app-server.ts';

const running: AppServer[] = [];
const start = async (port: ReturnType<typeof eventsPort>) => {
  const app = await startApp({ studies: port.studies });
  running.push(app);
  return app;
};
afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
});

const change = (id: number): ChangeEvent => ({
  id,
  at: '2026-01-01T00:00:00.000Z',
  kind: 'run.ended',
  StudyInstanceUID: `1.2.${id}`,
});

interface Message {
  readonly id: string;
  readonly event: string;
  readonly data: ChangeEvent;
}

/** A screen: reads the stream by the rules of the HTML Living Standard §9.2.6 as far as we use them. */
async function screen(url: string, lastEventId?: string) {
  const leaving = new AbortController();
  const answer = await fetch(`${url}/api/events`, {
    signal: leaving.signal,
    headers: lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId },
  });
  const messages: Message[] = [];
  const other: string[] = [];
  const reading = (async () => {
    let text = '';
    for await (const chunk of (answer.body ?? new ReadableStream<Uint8Array>()).pipeThrough(new TextDecoderStream())) {
      text += chunk;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const block = text.slice(0, end);
        text = text.slice(end + 2);
        const [, id, event, data] = /^id: (\d+)\nevent: (\w+)\ndata: (.+)$/.exec(block) ?? [];
        if (id === undefined || event === undefined || data === undefined) other.push(block);
        else messages.push({ id, event, data: ChangeEvent.parse(JSON.parse(data)) });
      }
    }
  })().catch(() => {});
  return { answer, messages, other, reading, leave: () => leaving.abort() };
}

const ids = ({ messages }: { messages: readonly Message[] }) => messages.map(({ id }) => Number(id));

describe('GET /api/events', () => {
  it('is an event stream that no cache keeps and no proxy holds back', async () => {
    const { url } = await start(eventsPort());
    const { answer, other } = await screen(url);
    expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream(;|$)/);
    expect(answer.headers.get('cache-control')).toBe('no-cache, no-transform');
    await vi.waitFor(() => expect(other).toEqual(['retry: 2000', ': open']));
  });

  it('sends each change with its id to every screen, by one subscription', async () => {
    const port = eventsPort([change(1)]);
    const { url } = await start(port);
    const screens = [await screen(url), await screen(url), await screen(url)];
    await vi.waitFor(() => expect(port.counts.subscribed).toBe(1));
    await vi.waitFor(() => expect(screens.every(({ other }) => other.includes(': open'))).toBe(true));
    port.publish(change(2));
    for (const each of screens)
      await vi.waitFor(() => expect(each.messages).toEqual([{ id: '2', event: 'change', data: change(2) }]));
    expect(port.counts.subscribed).toBe(1);
  });

  it('a screen that comes back gets what it missed, in order and once', async () => {
    const port = eventsPort([1, 2, 3, 4].map(change));
    const { url } = await start(port);
    const back = await screen(url, '2');
    await vi.waitFor(() => expect(ids(back)).toEqual([3, 4]));
    port.publish(change(5));
    await vi.waitFor(() => expect(ids(back)).toEqual([3, 4, 5]));
  });

  it('a long backlog comes page by page, and what happens meanwhile neither is lost nor comes twice', async () => {
    const port = eventsPort(Array.from({ length: 3500 }, (_, index) => change(index + 1)));
    const slow = {
      ...port,
      studies: {
        ...port.studies,
        eventsAfter: async (id: number) => {
          // An event that commits between two pages arrives both ways.
          if (id === 2000) port.publish(change(3501));
          return port.studies.eventsAfter(id);
        },
      },
    };
    const { url } = await start(slow);
    const back = await screen(url, '0');
    await vi.waitFor(() => expect(back.messages.length).toBe(3501));
    expect(ids(back)).toEqual(Array.from({ length: 3501 }, (_, index) => index + 1));
  });

  it.each(['', 'x', '99999999999999999999'])(
    'a Last-Event-ID that is no id of ours (%j) means: from now on',
    async (id) => {
      const port = eventsPort([change(1)]);
      const { url } = await start(port);
      const fresh = await screen(url, id);
      await vi.waitFor(() => expect(port.listeners.size).toBe(1));
      port.publish(change(2));
      await vi.waitFor(() => expect(ids(fresh)).toEqual([2]));
    },
  );

  it('the subscription ends when the last screen has left, and begins again for the next', async () => {
    const port = eventsPort();
    const { url } = await start(port);
    const [first, second] = [await screen(url), await screen(url)];
    await vi.waitFor(() => expect(port.counts.subscribed).toBe(1));
    first.leave();
    await first.reading;
    port.publish(change(1));
    await vi.waitFor(() => expect(ids(second)).toEqual([1]));
    expect(port.counts.ended).toBe(0);
    second.leave();
    await vi.waitFor(() => expect(port.counts.ended).toBe(1));
    expect(port.listeners.size).toBe(0);
    const third = await screen(url);
    await vi.waitFor(() => expect(port.counts.subscribed).toBe(2));
    port.publish(change(2));
    await vi.waitFor(() => expect(ids(third)).toEqual([2]));
  });

  it('200 screens that come and go leave nothing behind', async () => {
    const port = eventsPort();
    const { url } = await start(port);
    for (let round = 0; round < 10; round += 1) {
      const screens = await Promise.all(Array.from({ length: 20 }, () => screen(url)));
      for (const { leave } of screens) leave();
      await Promise.all(screens.map(({ reading }) => reading));
    }
    await vi.waitFor(() => expect(port.listeners.size).toBe(0));
    expect(port.counts.ended).toBe(port.counts.subscribed);
  });

  it('a store that cannot be followed is a problem, not a silent stream, and the next try works', async () => {
    const port = eventsPort();
    const failures = [new AppError('DATABASE_UNAVAILABLE', 'no connection')];
    const subscribe: typeof port.studies.subscribe = async (listener) => {
      const failure = failures.pop();
      if (failure !== undefined) throw failure;
      return port.studies.subscribe(listener);
    };
    const app = await start({ ...port, studies: { ...port.studies, subscribe } });
    const refused = await fetch(`${app.url}/api/events`);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect(Problem.parse(await refused.json()).code).toBe('DATABASE_UNAVAILABLE');
    const second = await screen(app.url);
    await vi.waitFor(() => expect(port.listeners.size).toBe(1));
    port.publish(change(1));
    await vi.waitFor(() => expect(ids(second)).toEqual([1]));
  });

  it('a screen that leaves while the store is still asked leaves nothing behind', async () => {
    const port = eventsPort();
    const asked = Promise.withResolvers<void>();
    const subscribe: typeof port.studies.subscribe = async (listener) => {
      await asked.promise;
      return port.studies.subscribe(listener);
    };
    const { url, server } = await start({ ...port, studies: { ...port.studies, subscribe } });
    const leaving = new AbortController();
    const request = fetch(`${url}/api/events`, { signal: leaving.signal }).catch(() => undefined);
    const gone = new Promise((resolve) => server.once('connection', (socket) => socket.once('close', resolve)));
    setTimeout(() => leaving.abort(), 50);
    await Promise.all([request, gone]);
    asked.resolve();
    await vi.waitFor(() => expect(port.counts).toEqual({ subscribed: 1, ended: 1 }));
  });

  it('a backlog that cannot be read ends the stream and its subscription: the browser comes back with its id', async () => {
    const port = eventsPort();
    const eventsAfter = () => Promise.reject(new AppError('DATABASE_UNAVAILABLE', 'no connection'));
    const app = await start({ ...port, studies: { ...port.studies, eventsAfter } });
    const { answer, reading } = await screen(app.url, '1');
    expect(answer.status).toBe(200);
    await reading;
    expect(app.logged.events).toEqual(['http.stream-broken']);
    await vi.waitFor(() => expect(port.listeners.size).toBe(0));
  });

  it('a client that does not read is cut off before it fills the memory', async () => {
    const port = eventsPort();
    const { url, server } = await start(port);
    const sockets: import('node:net').Socket[] = [];
    server.on('connection', (socket) => sockets.push(socket));
    const stuck = await fetch(`${url}/api/events`);
    await vi.waitFor(() => expect(port.listeners.size).toBe(1));
    const wide = { ...change(1), kind: 'x'.repeat(100_000) };
    for (let sent = 0; sent < 500 && port.listeners.size > 0; sent += 1) {
      port.publish(wide);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await vi.waitFor(() => expect(port.listeners.size).toBe(0));
    await stuck.body?.cancel().catch(() => {});
  });

  it('HEAD has the headers and subscribes to nothing', async () => {
    const port = eventsPort();
    const { url } = await start(port);
    const head = await fetch(`${url}/api/events`, { method: 'HEAD' });
    expect([head.status, head.headers.get('cache-control')]).toEqual([200, 'no-cache, no-transform']);
    expect(port.counts.subscribed).toBe(0);
  });
});

it('a quiet stream is kept alive by comments', async () => {
  const port = eventsPort();
  const server = createServer(express().use(eventsRoutes(fakeContext().log, port.studies, 20))).listen(0);
  const quiet = await screen(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await vi.waitFor(() => expect(quiet.other.filter((block) => block === ': ping').length).toBeGreaterThan(2));
  quiet.leave();
  await vi.waitFor(() => expect(port.listeners.size).toBe(0));
  server.close();
});
