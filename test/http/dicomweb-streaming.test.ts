import { closeSync, ftruncateSync, openSync, readdirSync, writeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { StoredFile } from '../../services/domain/ports.ts';
import { type AppServer, folderWith } from './app-server.ts';
import { startWado, storedFile } from './stored-files.ts';

const running: AppServer[] = [];
afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
});
const start = async (...wado: Parameters<typeof startWado>) => {
  const started = await startWado(...wado);
  running.push(started.app);
  return started;
};

const openFiles = () => readdirSync('/proc/self/fd').length;

describe('a study larger than memory should hold', () => {
  // Three sparse files of 200 MB: they take no room on the disk.
  const MEGABYTES = 200;
  const big = (() => {
    const place = folderWith({});
    return [0, 1, 2].map((index): StoredFile => {
      const file = join(place, `${index}.dcm`);
      const descriptor = openSync(file, 'w');
      ftruncateSync(descriptor, MEGABYTES * 1024 * 1024);
      writeSync(descriptor, `file ${index}`);
      closeSync(descriptor);
      return { ...storedFile(0), file, SOPInstanceUID: `1.2.9.${index}`, bytes: MEGABYTES * 1024 * 1024 };
    });
  })();

  it('passes through in pieces: 600 MB sent, resident memory grows by less than 150 MB', async () => {
    const { get } = await start(big);
    const before = process.memoryUsage().rss;
    const answer = await get('1.2');
    let bytes = 0;
    let peak = 0;
    for await (const chunk of answer.body ?? []) {
      bytes += chunk.length;
      peak = Math.max(peak, process.memoryUsage().rss);
    }
    expect(bytes).toBeGreaterThan(3 * MEGABYTES * 1024 * 1024);
    expect((peak - before) / 1024 / 1024).toBeLessThan(150);
  });

  it('waits for a client that reads slowly, and lets its file go when the client leaves', async () => {
    const { app, get } = await start(big);
    const sockets: Socket[] = [];
    app.server.on('connection', (socket) => sockets.push(socket));
    const idle = openFiles();
    const leaving = new AbortController();
    const answer = await fetch(`${app.url}/dicomweb/studies/1.2`, { signal: leaving.signal });
    const reader = answer.body?.getReader();
    await reader?.read();
    await sleep(500);
    expect(Math.max(...sockets.map(({ writableLength }) => writableLength))).toBeLessThan(2 * 1024 * 1024);
    leaving.abort();
    await reader?.read().catch(() => {});
    await vi.waitFor(() => expect(openFiles()).toBeLessThanOrEqual(idle), 5000);
    expect(app.logged.events).toEqual([]);
    expect((await get('1.2', undefined, {})).status).toBe(200);
  });

  it('HEAD reads nothing and leaves nothing open', async () => {
    const { root } = await start(big);
    const idle = openFiles();
    for (let round = 0; round < 20; round += 1) {
      const head = await fetch(`${root}/1.2`, { method: 'HEAD' });
      expect(head.headers.get('content-type')).toMatch(/^multipart\/related; type="application\/dicom"/);
    }
    expect(openFiles()).toBeLessThanOrEqual(idle + 2);
  });
});
