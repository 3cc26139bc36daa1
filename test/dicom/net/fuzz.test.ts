import { afterAll, beforeAll, expect, it } from 'vitest';
import { attack } from '../../support/hostile-peers.ts';
import { RawPeer } from '../../support/load-client.ts';
import { type WatchedReceiver, watchReceiver } from '../../support/watched-receiver.ts';
import { ctInstance } from './ct-instance.ts';

/** `npm run test:soak` runs many more, and watches memory for longer. */
const CONVERSATIONS = 10_000;
const LANES = 64;
/** First, so that what a process needs once is there. */
const WARM_UP = 2000;
/** What 10,000 connections may leave behind: 1 KiB of each would be 10 MB. */
const MOST_HELD_MB = 8;
/** A heap that was filled is not given back at once. */
const MOST_GROWN_MB = 150;

const state: { receiver?: WatchedReceiver } = {};
beforeAll(async () => {
  state.receiver = await watchReceiver();
});
afterAll(() => state.receiver?.stop());

it(`${CONVERSATIONS} hostile conversations: each its right answer, none left open, memory flat, a real sender served`, async () => {
  const { receiver } = state;
  if (receiver === undefined) throw new Error('not started');
  const seed = Date.now() % 1_000_000_000;
  await attack(receiver.port, { conversations: WARM_UP, lanes: LANES, seed: seed - WARM_UP });
  const before = await receiver.report();

  const over = { yet: false };
  const attacked = Promise.race([
    attack(receiver.port, { conversations: CONVERSATIONS, lanes: LANES, seed }),
    receiver.died,
  ]);
  void attacked.finally(() => {
    over.yet = true;
  });
  const served = await serve(receiver.port, over);
  const { wrong, longestMs } = await attacked;
  expect(wrong.slice(0, 5), `${wrong.length} of ${CONVERSATIONS}`).toEqual([]);
  expect(longestMs).toBeLessThan(30_000);
  expect(served.statuses.filter((status) => status !== 0)).toEqual([]);

  await expect.poll(async () => (await receiver.report()).associations, { timeout: 20_000 }).toBe(0);
  await expect.poll(async () => (await receiver.report()).incoming, { timeout: 20_000 }).toBe(0);
  const after = await receiver.report();
  expect(after.bugs).toEqual([]);
  expect(after.openFiles).toBe(0);
  expect(after.descriptors - before.descriptors).toBeLessThan(20);
  expect(after.heldMb - before.heldMb).toBeLessThan(MOST_HELD_MB);
  expect(after.rssMb - before.rssMb).toBeLessThan(MOST_GROWN_MB);
  // One line for each connection, that says how it ended.
  const lines = ['association.none', 'association.rejected', 'association.ended'];
  const connections = WARM_UP + CONVERSATIONS + served.statuses.length;
  const told = () => receiver.report().then(({ events }) => lines.reduce((sum, line) => sum + (events[line] ?? 0), 0));
  await expect.poll(told, { timeout: 20_000 }).toBe(connections);
}, 240_000);

/** An honest sender all the while, one association after the other. */
async function serve(port: number, over: { readonly yet: boolean }): Promise<{ statuses: (number | undefined)[] }> {
  const statuses: (number | undefined)[] = [];
  while (!over.yet || statuses.length === 0) {
    const peer = new RawPeer(port);
    const answer = await peer.associate();
    statuses.push(answer?.type === 0x02 ? await peer.store(ctInstance(1000 + statuses.length)) : undefined);
    await peer.release();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { statuses };
}
