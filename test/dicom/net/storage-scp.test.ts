import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readPart10Meta } from '../../../services/dicom/dataset/part10.ts';
import { AppError } from '../../../services/domain/errors.ts';
import { syntheticUid } from '../../support/dicom-bytes.ts';
import {
  CT_IMAGE_STORAGE,
  commandBytes,
  commandElement,
  commandText,
  EXPLICIT_VR_LITTLE_ENDIAN,
  IMPLICIT_VR_LITTLE_ENDIAN,
  pdata,
  RawPeer,
  storeMessage,
  VERIFICATION,
} from '../../support/load-client.ts';
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

async function associated({ port }: Receiver, options = {}): Promise<RawPeer> {
  const peer = new RawPeer(port);
  cleanups.push(() => peer.destroy());
  expect((await peer.associate(options))?.type).toBe(0x02);
  return peer;
}

const twoContexts = {
  contexts: [
    [1, CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN],
    [3, VERIFICATION, IMPLICIT_VR_LITTLE_ENDIAN],
  ],
};

describe('C-STORE (PS3.4 Annex B, PS3.7 §9.3.1)', () => {
  it('stores the data set byte for byte behind a header of ours, indexes it, and answers success', async () => {
    const scp = await receiver();
    const peer = await associated(scp);
    const { SOPInstanceUID, dataset, SOPClassUID } = ctInstance(1);
    expect(await peer.store({ SOPInstanceUID, dataset })).toBe(0x0000);

    const [instance] = scp.recorded;
    expect(instance).toMatchObject({
      TransferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN,
      sourceAETitle: 'RAW',
      bytes: dataset.length,
      sha256: createHash('sha256').update(dataset).digest('hex'),
      header: { instance: { SOPInstanceUID, SOPClassUID, Rows: 100 } },
    });
    if (instance === undefined) throw new Error('not recorded');
    expect(scp.dataset(instance).equals(dataset)).toBe(true);
    const meta = readPart10Meta(readFileSync(join(scp.directory, instance.path)));
    expect(meta).toMatchObject({ SOPInstanceUID, SOPClassUID, TransferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN });
    expect(scp.incoming()).toEqual([]);
  });

  it('tells which series came and that the association was released', async () => {
    const scp = await receiver();
    const peer = await associated(scp);
    for (const name of [1, 2]) await peer.store(ctInstance(name));
    await peer.release();
    await eventually(() => scp.ended.length === 1);
    const series = [{ StudyInstanceUID: syntheticUid('study'), SeriesInstanceUID: syntheticUid('series') }];
    expect(scp.ended).toEqual([{ series, released: true }]);
  });

  it('writes the file before the index hears of it, and the index before the sender does', async () => {
    const order: string[] = [];
    const scp = await receiver({
      recordInstance: async ({ path }) => {
        order.push(`indexed, file ${scp.files().includes(path) ? 'there' : 'missing'}`);
        return 'new';
      },
    });
    const peer = await associated(scp);
    await peer.store(ctInstance(1));
    order.push('answered');
    expect(order).toEqual(['indexed, file there', 'answered']);
  });

  it('takes data sets of any PDU size, the smallest and above what we advertise', async () => {
    const scp = await receiver();
    const peer = await associated(scp);
    for (const [name, pduBytes] of [
      [1, 8],
      [2, 128],
      [3, 16_384],
      [4, 1024 * 1024],
    ] as const) {
      const instance = ctInstance(name, { pixelBytes: name === 4 ? 2_000_000 : 20_000 });
      expect(await peer.store({ ...instance, pduBytes })).toBe(0x0000);
      const recorded = scp.recorded.at(-1);
      expect(recorded && scp.dataset(recorded).equals(instance.dataset)).toBe(true);
    }
  });

  it('an identical object again is success and leaves one file', async () => {
    const answers = ['new', 'identical'] as const;
    const scp = await receiver({ recordInstance: async () => answers[scp.recorded.length] ?? 'new' });
    const peer = await associated(scp);
    expect(await peer.store(ctInstance(1))).toBe(0x0000);
    expect(await peer.store(ctInstance(1))).toBe(0x0000);
    expect(scp.files()).toEqual([scp.recorded[0]?.path]);
  });

  it('the same UID with other content is refused with 0111 and kept apart', async () => {
    const scp = await receiver({ recordInstance: async () => 'differs' });
    const peer = await associated(scp);
    expect(await peer.store(ctInstance(1))).toBe(0x0111);
    expect(scp.files()).toHaveLength(1);
    expect(scp.context.events).toContain('instance.quarantined');
  });
});

describe('a failure is answered and leaves nothing behind', () => {
  async function refusal(send: (peer: RawPeer) => void, options: ReceiverOptions = {}) {
    const scp = await receiver(options);
    const peer = await associated(scp, twoContexts);
    send(peer);
    const answer = await peer.next();
    if (answer === undefined) throw new Error('no response');
    expect(scp.files()).toEqual([]);
    expect(scp.incoming()).toEqual([]);
    // The association goes on.
    const next = await peer.store(ctInstance(77));
    if (options.ports === undefined) expect(next).toBe(0x0000);
    else expect(next).toBe(commandElement(answer, 0x0900));
    const comment = commandText(answer, 0x0902) ?? '';
    expect(comment).not.toMatch(/canary/i);
    return { status: commandElement(answer, 0x0900), comment };
  }
  const store = (message: Parameters<typeof storeMessage>[0]) => (peer: RawPeer) =>
    peer.write(...storeMessage(message));

  it('UIDs of data set and command differ: A900', async () => {
    expect(await refusal(store({ ...ctInstance(1), SOPInstanceUID: '1.2.3.4' }))).toEqual({
      status: 0xa900,
      comment: 'SOP Instance UID of data set and command differ',
    });
  });

  it('class of the command is not that of the context: A900', async () => {
    expect(await refusal(store({ ...ctInstance(1), SOPClassUID: VERIFICATION }))).toMatchObject({ status: 0xa900 });
  });

  it('a data set that is none: C000', async () => {
    const dataset = Buffer.alloc(5000, 0xff);
    expect(await refusal(store({ ...ctInstance(1), dataset }))).toMatchObject({ status: 0xc000 });
  });

  it('a data set cut short before its identity: C000 naming the attribute', async () => {
    const { dataset, ...rest } = ctInstance(1);
    expect(await refusal(store({ ...rest, dataset: dataset.subarray(0, 60) }))).toMatchObject({ status: 0xc000 });
  });

  it('a SOP Instance UID that is no UID: 0117', async () => {
    expect(await refusal(store({ ...ctInstance(1), SOPInstanceUID: '../../etc/passwd' }))).toMatchObject({
      status: 0x0117,
    });
  });

  it('C-STORE without a data set: C000', async () => {
    const command = commandBytes([
      [0x0002, CT_IMAGE_STORAGE],
      [0x0100, 1],
      [0x0110, 9],
      [0x0800, 0x0101],
      [0x1000, '1.2.3'],
    ]);
    expect(await refusal((peer) => peer.write(pdata(1, 3, command)))).toMatchObject({ status: 0xc000 });
  });

  it.each([
    ['C-FIND-RQ with its identifier', 0x0020, true],
    ['C-MOVE-RQ with its identifier', 0x0021, true],
    ['N-EVENT-REPORT-RQ', 0x0100, false],
    ['an unknown command', 0x0666, true],
  ])('%s: 0211', async (_name, field, withData) => {
    const command = commandBytes([
      [0x0002, VERIFICATION],
      [0x0100, field],
      [0x0110, 9],
      [0x0800, withData ? 0 : 0x0101],
    ]);
    const message = withData ? [pdata(3, 3, command), pdata(3, 2, Buffer.alloc(100))] : [pdata(3, 3, command)];
    expect(await refusal((peer) => peer.write(...message))).toMatchObject({ status: 0x0211 });
  });

  it('a full disk, told by the store on opening: A700', async () => {
    const ports = {
      openInstance: () => {
        throw new AppError('STORE_FULL', 'free space is below the mark');
      },
    };
    expect(await refusal(store(ctInstance(1)), { ports })).toEqual({
      status: 0xa700,
      comment: 'free space is below the mark',
    });
  });

  it('a full disk in the middle of an instance: the rest is read, then A700', async () => {
    let aborted = 0;
    const failing = {
      write: () => Promise.reject(new AppError('STORE_FULL', 'no space left')),
      end: () => Promise.reject(new Error('never')),
      abort: async () => {
        aborted += 1;
      },
    };
    const { status } = await refusal(store(ctInstance(1, { pixelBytes: 600_000 })), {
      ports: { openInstance: () => failing },
    });
    expect(status).toBe(0xa700);
    expect(aborted).toBe(2);
  });

  it('a bug of ours: 0110, without its message', async () => {
    const ports = {
      openInstance: () => {
        throw new Error('secret path');
      },
    };
    expect(await refusal(store(ctInstance(1)), { ports })).toEqual({ status: 0x0110, comment: 'internal error' });
  });

  it('an instance at the limit is taken, one byte more is not: A700', async () => {
    const { dataset } = ctInstance(1);
    const scp = await receiver({ maxInstanceBytes: dataset.length });
    const peer = await associated(scp);
    expect(await peer.store(ctInstance(1))).toBe(0x0000);
    expect(await peer.store(ctInstance(2, { pixelBytes: 20_002 }))).toBe(0xa700);
    expect(scp.files()).toHaveLength(1);
  });

  it('an instance ten times the limit ends in an abort, not in reading it all', async () => {
    const scp = await receiver({ maxInstanceBytes: 20_000 });
    const peer = await associated(scp);
    peer.write(...storeMessage({ ...ctInstance(1, { pixelBytes: 200_000 }), pduBytes: 16_384 }));
    expect(await peer.next()).toMatchObject({ type: 0x07 });
    expect(scp.files()).toEqual([]);
  });
});

describe('C-ECHO (PS3.4 Annex A)', () => {
  it('is answered with success and the message ID', async () => {
    const peer = await associated(await receiver(), twoContexts);
    peer.write(
      pdata(
        3,
        3,
        commandBytes([
          [0x0002, VERIFICATION],
          [0x0100, 0x30],
          [0x0110, 4711],
          [0x0800, 0x0101],
        ]),
      ),
    );
    const answer = await peer.next();
    if (answer === undefined) throw new Error('no response');
    expect([0x0100, 0x0120, 0x0800, 0x0900].map((element) => commandElement(answer, element))).toEqual([
      0x8030, 4711, 0x0101, 0,
    ]);
  });
});

describe('shutting down', () => {
  it('lets a message on its way be answered, then aborts; tells nobody twice', async () => {
    const scp = await receiver();
    const peer = await associated(scp);
    const [command, header, data] = storeMessage(ctInstance(1));
    if (!command || !header || !data) throw new Error('three buffers expected');
    peer.write(command, header, data.subarray(0, 100));
    await eventually(() => scp.associations === 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const closed = scp.close();
    peer.write(data.subarray(100));
    expect(commandElement((await peer.next()) ?? { type: 0, body: Buffer.alloc(0) }, 0x0900)).toBe(0x0000);
    expect((await peer.next())?.type).toBe(0x07);
    await closed;
    expect(scp.files()).toHaveLength(1);
    expect(scp.ended).toMatchObject([{ released: false }]);
  });
});
