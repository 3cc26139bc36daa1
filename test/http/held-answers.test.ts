import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { startWado, storedFile } from './stored-files.ts';

const MB = 2 ** 20;
/** Larger than what the sockets of both sides take in. */
const FRAME_BYTES = 16 * MB;
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** The application over one file, whose frame takes memory; it counts the frames that were made. */
async function start(maxHeldBytes: number, fileBytes = MB) {
  const made = { frames: 0 };
  const files = [{ ...storedFile(2), bytes: fileBytes }];
  const { app } = await startWado(files, {
    maxHeldBytes,
    frameOf: async () => {
      made.frames += 1;
      return Buffer.alloc(FRAME_BYTES);
    },
  });
  cleanups.push(app.close);
  const { port } = new URL(app.url);
  const path = `/dicomweb/studies/1.2/series/1.2.2/instances/1.2.9.2/frames/1`;
  /** Asks for a frame and reads nothing of it. */
  const lazy = async (): Promise<Socket> => {
    const socket = connect(Number(port), '127.0.0.1');
    cleanups.push(() => socket.destroy());
    socket.on('error', () => {});
    socket.pause();
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n`);
    return socket;
  };
  return { made, lazy, whole: async () => (await (await fetch(app.url + path)).arrayBuffer()).byteLength };
}

it('clients that ask and do not read hold no more than the bound; the others wait and are served', async () => {
  // A frame counts for four times its file: three fit.
  const { made, lazy, whole } = await start(12 * MB);
  const sockets = await Promise.all(Array.from({ length: 10 }, lazy));
  await sleep(300);
  expect(made.frames).toBe(3);
  const patient = whole();
  await sleep(100);
  expect(made.frames).toBe(3);
  for (const socket of sockets) socket.destroy();
  expect(await patient).toBeGreaterThan(FRAME_BYTES);
}, 20_000);

it('a client that leaves while it waits is forgotten', async () => {
  const { made, lazy, whole } = await start(4 * MB);
  const first = await lazy();
  await sleep(100);
  const second = await lazy();
  await sleep(100);
  second.destroy();
  await sleep(100);
  first.destroy();
  expect(await whole()).toBeGreaterThan(FRAME_BYTES);
  expect(made.frames).toBe(2);
});

it('an answer larger than all that may be held is made alone', async () => {
  const { made, lazy, whole } = await start(MB, 100 * MB);
  const first = await lazy();
  await sleep(100);
  const second = whole();
  await sleep(100);
  expect(made.frames).toBe(1);
  first.destroy();
  expect(await second).toBeGreaterThan(FRAME_BYTES);
});

it('one answer after the other leaves the room as it was', async () => {
  const { made, whole } = await start(4 * MB);
  for (let n = 0; n < 20; n++) await whole();
  expect(made.frames).toBe(20);
});
