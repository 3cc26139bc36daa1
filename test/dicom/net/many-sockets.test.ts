import { afterAll, beforeAll, expect, it } from 'vitest';
import { idleSockets } from '../../support/idle-sockets.ts';
import { RawPeer } from '../../support/load-client.ts';
import { type WatchedReceiver, watchReceiver } from '../../support/watched-receiver.ts';
import { ctInstance } from './ct-instance.ts';

const state: { receiver?: WatchedReceiver } = {};
beforeAll(async () => {
  state.receiver = await watchReceiver();
});
afterAll(() => state.receiver?.stop());

it('5,000 idle and half-open sockets: a real sender is served in their midst, and they are dropped, not kept', async () => {
  const { receiver } = state;
  if (receiver === undefined) throw new Error('not started');
  const before = await receiver.report();
  const idle = await idleSockets(receiver.port, 5000);
  const peer = new RawPeer(receiver.port);
  expect((await peer.associate())?.type).toBe(0x02);
  for (let name = 0; name < 5; name++) expect(await peer.store(ctInstance(name))).toBe(0);
  await peer.release();
  // No more of them than may wait; after ARTIM none.
  await expect.poll(() => idle.open, { timeout: 20_000 }).toBeLessThanOrEqual(512);
  await expect.poll(() => idle.open, { timeout: 20_000 }).toBe(0);
  await expect
    .poll(async () => (await receiver.report()).descriptors - before.descriptors, { timeout: 20_000 })
    .toBeLessThan(20);
  expect((await receiver.report()).bugs).toEqual([]);
  idle.close();
}, 90_000);
