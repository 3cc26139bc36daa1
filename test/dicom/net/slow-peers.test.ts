import { afterEach, describe, expect, it } from 'vitest';
import { associateRQBytes, pdata, RawPeer, storeCommand, storeMessage } from '../../support/load-client.ts';
import { ctInstance } from './ct-instance.ts';
import { eventually, type Receiver, type ReceiverOptions, startReceiver } from './receiver.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function receiver(options: ReceiverOptions): Promise<Receiver> {
  const started = await startReceiver(options);
  cleanups.push(() => started.stop());
  return started;
}

function connected({ port }: Receiver): RawPeer {
  const peer = new RawPeer(port);
  cleanups.push(() => peer.destroy());
  return peer;
}

async function associated(scp: Receiver): Promise<RawPeer> {
  const peer = connected(scp);
  expect((await peer.associate())?.type).toBe(0x02);
  return peer;
}

/** Writes `bytes` one at a time, `perSecond` of them, until it is cut off or has none left. */
function drip(peer: RawPeer, bytes: Uint8Array, perSecond: number): void {
  let at = 0;
  const timer = setInterval(() => {
    if (peer.socket.destroyed || at === bytes.length) clearInterval(timer);
    else peer.socket.write(bytes.subarray(at, ++at));
  }, 1000 / perSecond);
  cleanups.push(() => clearInterval(timer));
}

describe('deadlines, made short', () => {
  it('a connection that says nothing is closed when ARTIM expires (PS3.8 §9.1.5)', async () => {
    const peer = connected(await receiver({ artimSeconds: 0.3 }));
    expect(await peer.next()).toBeUndefined();
    await peer.closed;
  });

  it('so is one that feeds its request byte by byte', async () => {
    const peer = connected(await receiver({ artimSeconds: 0.4 }));
    // Whole, it would be accepted: nothing comes back before the end.
    drip(peer, associateRQBytes(), 50);
    expect(await peer.next()).toBeUndefined();
    await peer.closed;
  });

  it('so is one that does not close after a rejection', async () => {
    const peer = connected(await receiver({ artimSeconds: 0.3 }));
    expect((await peer.associate({ called: 'OTHER' }))?.type).toBe(0x03);
    await peer.closed;
  });

  it('an idle association is aborted', async () => {
    const scp = await receiver({ idleSeconds: 0.4 });
    const peer = await associated(scp);
    expect((await peer.next())?.type).toBe(0x07);
    await eventually(() => scp.associations === 0);
  });

  it('an association older than its time is aborted, however busy', async () => {
    const scp = await receiver({ totalSeconds: 0.8 });
    const peer = await associated(scp);
    for (let n = 1; ; n++) {
      const status = await peer.store(ctInstance(n, { pixelBytes: 2000 }));
      if (status === undefined) break;
      expect(status).toBe(0);
    }
    await eventually(() => scp.associations === 0);
  });

  it('a data set fed byte by byte is aborted for its pace, and its file is gone', async () => {
    const scp = await receiver({ paceSeconds: 0.5, paceBytesPerSecond: 1024, idleSeconds: 10 });
    const peer = await associated(scp);
    const [, header = new Uint8Array(), data = new Uint8Array()] = storeMessage(ctInstance(1));
    peer.write(pdata(1, 3, storeCommand(ctInstance(1))), header);
    drip(peer, data, 100);
    expect((await peer.next())?.type).toBe(0x07);
    await eventually(() => scp.incoming().length === 0 && scp.associations === 0);
  });

  it('a sender whose instance waits for our disk is not blamed for the wait', async () => {
    const scp = await receiver({
      idleSeconds: 0.3,
      paceSeconds: 0.3,
      recordInstance: () => new Promise((resolve) => setTimeout(() => resolve('new'), 1200)),
    });
    const peer = await associated(scp);
    expect(await peer.store(ctInstance(1))).toBe(0x0000);
  });
});

describe('too many', () => {
  const CONGESTION = { type: 0x03, body: Buffer.from([0, 2, 3, 1]) };

  it('associations in all: one more is rejected as temporary congestion, and let in when one has left', async () => {
    const scp = await receiver({ maxAssociations: 2 });
    const [first] = [await associated(scp), await associated(scp)];
    expect(await connected(scp).associate()).toEqual(CONGESTION);
    await first.release();
    await eventually(() => scp.associations === 1);
    await associated(scp);
  });

  it('associations of one peer', async () => {
    const scp = await receiver({ maxAssociations: 10, maxAssociationsPerPeer: 1 });
    await associated(scp);
    expect(await connected(scp).associate()).toEqual(CONGESTION);
  });

  it('silent connections: a real sender is served in the midst of 500 of them', async () => {
    const scp = await receiver({ maxPendingConnections: 64 });
    const silent = Array.from({ length: 500 }, () => connected(scp));
    await Promise.all(silent.map((peer) => new Promise((resolve) => peer.socket.once('connect', resolve))));
    const peer = await associated(scp);
    expect(await peer.store(ctInstance(1))).toBe(0x0000);
    await eventually(() => silent.filter(({ socket }) => !socket.destroyed).length <= 64);
  });
});
