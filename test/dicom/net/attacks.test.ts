import { readdirSync, readlinkSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import {
  ABORT,
  associateRQBytes,
  CT_IMAGE_STORAGE,
  commandBytes,
  commandElement,
  EXPLICIT_VR_LITTLE_ENDIAN,
  pdata,
  RawPeer,
  RELEASE_RQ,
  storeCommand,
  storeMessage,
} from '../../support/load-client.ts';
import { item, pdu, pdv, u16, u32 } from '../../support/pdu-bytes.ts';
import { ctInstance } from './ct-instance.ts';
import { eventually, type Receiver, type ReceiverOptions, startReceiver } from './receiver.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function receiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const started = await startReceiver(options);
  cleanups.push(() => started.stop());
  return started;
}

function connected({ port }: Receiver): RawPeer {
  const peer = new RawPeer(port);
  cleanups.push(() => peer.destroy());
  return peer;
}

async function associated(scp: Receiver, options = {}): Promise<RawPeer> {
  const peer = connected(scp);
  expect((await peer.associate(options))?.type).toBe(0x02);
  return peer;
}

/** A real sender is served while and after whatever happened. */
async function expectServes(scp: Receiver): Promise<void> {
  const peer = await associated(scp);
  expect(await peer.store(ctInstance('0'))).toBe(0x0000);
  await peer.release();
}

/** Descriptors of this process that lie below the receiver's folder. */
const openFiles = ({ directory }: Receiver): string[] =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      return target.startsWith(directory) ? [target] : [];
    } catch {
      return [];
    }
  });

describe('a hostile length', () => {
  it('of a P-DATA-TF is answered with A-ABORT at once; the 200 MB behind it are not read', async () => {
    const scp = await receiver();
    const peer = connected(scp);
    const rssBefore = process.memoryUsage().rss;
    peer.write(Uint8Array.of(0x04, 0, ...u32(0x7fffffff)));
    expect(await peer.next()).toMatchObject({ type: 0x07 });
    const zeros = Buffer.alloc(65_536);
    let sent = 0;
    const pour = () => {
      while (sent < 200e6 && !peer.socket.destroyed && peer.socket.write(zeros)) sent += zeros.length;
    };
    peer.socket.on('drain', pour);
    pour();
    await peer.closed;
    expect(sent).toBeLessThan(20e6);
    expect(process.memoryUsage().rss - rssBefore).toBeLessThan(50e6);
    await expectServes(scp);
  });

  it('of an A-ASSOCIATE-RQ is refused by its header', async () => {
    const peer = connected(await receiver());
    peer.write(Uint8Array.of(0x01, 0, ...u32(128 * 1024 + 1)));
    expect(await peer.next()).toMatchObject({ type: 0x07, body: Buffer.from([0, 0, 0, 0]) });
  });

  it('of an item of the request ends in an abort', async () => {
    const peer = connected(await receiver());
    const bytes = associateRQBytes();
    // The length of the user information item, 20 bytes before the end.
    bytes.set([0xff, 0xff], bytes.length - 20);
    peer.write(bytes);
    expect((await peer.next())?.type).toBe(0x07);
  });
});

describe('what is not DICOM', () => {
  it.each([
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['TLS', Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3])],
    ['zeros', Buffer.alloc(100_000)],
  ])('%s is aborted and closed', async (_name, bytes) => {
    const scp = await receiver();
    const peer = connected(scp);
    peer.write(bytes);
    expect((await peer.next())?.type).toBe(0x07);
    await expectServes(scp);
  });
});

describe('a sender that goes away in the middle of an instance', () => {
  it.each([
    ['closes', (peer: RawPeer) => void peer.socket.end()],
    ['resets', (peer: RawPeer) => void peer.socket.resetAndDestroy()],
    ['aborts', (peer: RawPeer) => peer.write(ABORT)],
    ['asks for release', (peer: RawPeer) => peer.write(RELEASE_RQ)],
  ])('%s: no file, no descriptor, no row', async (_name, leave) => {
    const scp = await receiver();
    const peer = await associated(scp);
    // More than a flush, so that a temporary file exists.
    const message = Buffer.concat(storeMessage({ ...ctInstance(1, { pixelBytes: 2_000_000 }), pduBytes: 16_384 }));
    const cut = Math.floor(message.length / 2 / 16_390) * 16_390;
    const command = pdata(1, 3, storeCommand(ctInstance(1))).length;
    peer.write(message.subarray(0, command + cut));
    await eventually(() => scp.incoming().length === 1);
    leave(peer);
    await eventually(() => scp.associations === 0 && scp.incoming().length === 0);
    expect(scp.files()).toEqual([]);
    expect(scp.recorded).toEqual([]);
    expect(openFiles(scp)).toEqual([]);
    await expectServes(scp);
  });
});

describe('a peer that does not wait (PS3.7 §D.3.3.3)', () => {
  const unlimited = { userItems: item(0x53, ...u16(0), ...u16(0)) };

  it('is answered a window of 1,1 and its pipelined C-STOREs are all stored, in order, byte for byte', async () => {
    const scp = await receiver();
    const peer = connected(scp);
    const accepted = await peer.associate(unlimited);
    expect(accepted?.body.includes(Buffer.from(item(0x53, ...u16(1), ...u16(1))))).toBe(true);
    const instances = [1, 2, 3, 4, 5].map((name) => ctInstance(name, { pixelBytes: 300_000 }));
    peer.write(
      ...instances.flatMap((instance, i) => storeMessage({ ...instance, messageId: i + 1, pduBytes: 16_006 })),
    );
    for (const messageId of [1, 2, 3, 4, 5]) {
      const answer = await peer.next();
      expect(answer && [commandElement(answer, 0x0120), commandElement(answer, 0x0900)]).toEqual([messageId, 0]);
    }
    expect(scp.recorded.map((one) => one.header.instance.SOPInstanceUID)).toEqual(
      instances.map(({ SOPInstanceUID }) => SOPInstanceUID),
    );
    for (const [i, recorded] of scp.recorded.entries()) {
      expect(scp.dataset(recorded).equals(instances[i]?.dataset ?? Buffer.alloc(0))).toBe(true);
    }
    expect(scp.incoming()).toEqual([]);
  });

  it('is not read while its message waits to be committed', async () => {
    const gate = Promise.withResolvers<'new'>();
    const scp = await receiver({ recordInstance: () => gate.promise });
    const peer = await associated(scp);
    peer.write(...storeMessage(ctInstance(1)));
    const many = Array.from({ length: 100 }, (_, i) => storeMessage({ ...ctInstance(i + 2, { pixelBytes: 500_000 }) }));
    for (const message of many) peer.write(...message);
    await new Promise((resolve) => setTimeout(resolve, 300));
    // 50 MB were offered; kernel buffers and one chunk are all that may have been taken.
    expect(peer.socket.writableLength).toBeGreaterThan(30e6);
    expect(scp.files()).toHaveLength(1);
    gate.resolve('new');
    expect(commandElement((await peer.next()) ?? { type: 0, body: Buffer.alloc(0) }, 0x0900)).toBe(0);
    peer.destroy();
  });
});

describe('PDVs out of order', () => {
  const store = storeCommand(ctInstance(1));
  const data = Buffer.alloc(100);

  it.each([
    ['of a context that was never proposed', [pdata(99, 3, store)]],
    ['of a context that was refused', [pdata(3, 3, store)]],
    ['of another context inside a message', [pdata(1, 3, store), pdata(5, 0, data)]],
    ['data without a command', [pdata(1, 2, data)]],
    ['a command inside a data set', [pdata(1, 3, store), pdata(1, 0, data), pdata(1, 3, store)]],
    ['a flood of empty ones', [pdata(1, 3, store), ...Array.from({ length: 100 }, () => pdata(1, 0, Buffer.alloc(0)))]],
    ['a command of 17 KiB', Array.from({ length: 17 }, () => pdata(1, 1, Buffer.alloc(1024)))],
    ['a command that is garbage', [pdata(1, 3, Buffer.alloc(64, 0xa5))]],
    [
      'a response nobody asked for',
      [
        pdata(
          1,
          3,
          commandBytes([
            [0x0100, 0x8001],
            [0x0120, 1],
            [0x0800, 0x0101],
          ]),
        ),
      ],
    ],
    [
      'a request without a message ID',
      [
        pdata(
          1,
          3,
          commandBytes([
            [0x0100, 1],
            [0x0800, 0x0101],
          ]),
        ),
      ],
    ],
    ['an item length of zero', [pdu(0x04, ...u32(0), 1, 3)]],
    ['an item length beyond its PDU', [pdu(0x04, ...u32(5000), 1, 3, 1, 2)]],
    ['a PDU that is not for now', [associateRQBytes()]],
  ])('%s: abort, nothing left', async (_name, pdus) => {
    const scp = await receiver();
    const contexts = [
      [1, CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN],
      [3, '1.2.3.4.5.6.private', EXPLICIT_VR_LITTLE_ENDIAN],
      [5, CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN],
    ];
    const peer = await associated(scp, { contexts });
    peer.write(...pdus);
    expect((await peer.next())?.type).toBe(0x07);
    await eventually(() => scp.associations === 0 && scp.incoming().length === 0);
    expect(scp.files()).toEqual([]);
    await expectServes(scp);
  });

  it('after a release request: nothing is stored', async () => {
    const scp = await receiver();
    const peer = await associated(scp);
    peer.write(RELEASE_RQ, ...storeMessage(ctInstance(1)));
    expect((await peer.next())?.type).toBe(0x06);
    peer.destroy();
    await eventually(() => scp.associations === 0);
    expect(scp.recorded).toEqual([]);
  });

  it('several in one PDU, an empty last one among them, are in order', async () => {
    const scp = await receiver();
    const peer = await associated(scp);
    const { dataset, ...rest } = ctInstance(1);
    const half = dataset.length / 2;
    peer.write(
      pdu(0x04, ...pdv(1, 3, ...storeCommand(rest)), ...pdv(1, 0, ...dataset.subarray(0, half))),
      pdu(0x04, ...pdv(1, 0, ...dataset.subarray(half)), ...pdv(1, 2)),
    );
    expect(commandElement((await peer.next()) ?? { type: 0, body: Buffer.alloc(0) }, 0x0900)).toBe(0);
  });
});

it('a peer that never reads its responses is held, not served from memory', async () => {
  const scp = await receiver({ idleSeconds: 1 });
  const peer = await associated(scp);
  peer.socket.pause();
  const echo = pdata(
    1,
    3,
    commandBytes([
      [0x0002, '1.2.840.10008.1.1'],
      [0x0100, 0x30],
      [0x0110, 1],
      [0x0800, 0x0101],
    ]),
  );
  const flood = Buffer.concat(Array.from({ length: 5000 }, () => echo));
  const startedAt = performance.now();
  const pour = () => {
    while (performance.now() - startedAt < 8000 && !peer.socket.destroyed && peer.socket.write(flood));
  };
  peer.socket.on('drain', pour);
  pour();
  await eventually(() => scp.associations === 0, 15);
  await expectServes(scp);
}, 30_000);
