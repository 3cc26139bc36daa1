import { expect, it } from 'vitest';
import { RawPeer, storeMessage } from '../../support/load-client.ts';
import { ctInstance } from './ct-instance.ts';
import { startReceiver } from './receiver.ts';

it('connections share a read buffer: what waits of one is not overwritten by the next, though none of them waits', async () => {
  const scp = await startReceiver();
  const sent = new Map<string, Uint8Array>();
  await Promise.all(
    Array.from({ length: 8 }, async (_, lane) => {
      const peer = new RawPeer(scp.port);
      await peer.associate();
      const instances = Array.from({ length: 6 }, (_, n) =>
        ctInstance(100 * lane + n, { pixelBytes: 20_000 + 800 * n }),
      );
      for (const { SOPInstanceUID, dataset } of instances) sent.set(SOPInstanceUID, dataset);
      // All at once, against the window of 1: the second message has arrived when the first is answered.
      peer.write(...instances.flatMap((instance, at) => storeMessage({ ...instance, messageId: at + 1 })));
      for (const _ of instances) expect((await peer.next())?.type).toBe(0x04);
      await peer.release();
    }),
  );
  expect(scp.recorded).toHaveLength(48);
  for (const recorded of scp.recorded) {
    const dataset = sent.get(recorded.header.instance.SOPInstanceUID) ?? new Uint8Array();
    expect(scp.dataset(recorded).equals(dataset)).toBe(true);
  }
  await scp.stop();
});
