import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { part10Header } from '../../../services/dicom/dataset/part10.ts';
import { datasetInFile, type OutgoingInstance } from '../../../services/dicom/net/outgoing-instance.ts';
import { sendInstances } from '../../../services/dicom/net/storage-scu.ts';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN } from '../../support/load-client.ts';
import { ctInstance } from './ct-instance.ts';
import { eventually, type Receiver, startReceiver } from './receiver.ts';

let folder: string;
let scp: Receiver;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'overread-ahead-'));
  scp = await startReceiver();
});
afterEach(async () => {
  await scp.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Data sets from a few bytes to more than one piece: each is read in its own way. */
const PIXEL_BYTES = [2000, 400_000, 600_000, 1_200_000, 9_000_000, 400_000, 700_000, 300_000];

async function objects(): Promise<(OutgoingInstance & { readonly bytes: Uint8Array })[]> {
  return Promise.all(
    PIXEL_BYTES.map(async (pixelBytes, name) => {
      const { SOPInstanceUID, dataset: bytes } = ctInstance(name, { pixelBytes });
      const meta = { SOPClassUID: CT_IMAGE_STORAGE, SOPInstanceUID, TransferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN };
      const file = join(folder, String(name));
      writeFileSync(file, Buffer.concat([part10Header({ ...meta, sourceAETitle: 'TEST' }), bytes]));
      return { ...meta, dataset: await datasetInFile(file), bytes };
    }),
  );
}
const peer = () => ({ AETitle: 'OVERREAD', host: '127.0.0.1', port: scp.port });
const openFiles = () =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
    } catch {
      return false;
    }
  });

it('objects that are read while others are sent arrive byte for byte, twice over the same buffers', async () => {
  const all = await objects();
  for (const _ of [1, 2]) {
    const results = await sendInstances(peer(), 'TEST', all);
    expect(results.map(({ taken }) => taken)).toEqual(all.map(() => true));
  }
  const sent = new Map(all.map(({ SOPInstanceUID, bytes }) => [SOPInstanceUID, bytes]));
  expect(scp.recorded).toHaveLength(2 * all.length);
  for (const one of scp.recorded) {
    expect(scp.dataset(one).equals(sent.get(one.header.instance.SOPInstanceUID) ?? new Uint8Array())).toBe(true);
  }
  expect(openFiles()).toEqual([]);
});

it('what was read and is not sent after all is closed', async () => {
  const all = await objects();
  let asked = 0;
  const isOver = () => ++asked > 2;
  expect(await sendInstances(peer(), 'TEST', all, { isOver })).toHaveLength(2);
  expect(openFiles()).toEqual([]);
});

it('a file that is gone when it is read ahead fails for itself alone', async () => {
  const all = await objects();
  rmSync(join(folder, '3'));
  const results = await sendInstances(peer(), 'TEST', all);
  expect(results.map(({ taken }) => taken)).toEqual(all.map((_, name) => name !== 3));
});

it('when whoever makes the objects fails, what it made goes out first, and the failure is told', async () => {
  const all = await objects();
  async function* broken() {
    yield* all.slice(0, 3);
    throw new Error('the table is gone');
  }
  await expect(sendInstances(peer(), 'TEST', broken())).rejects.toThrow('the table is gone');
  expect(scp.recorded).toHaveLength(3);
  await eventually(() => scp.associations === 0);
  expect(openFiles()).toEqual([]);
});

it('a maker that takes its time is waited for', async () => {
  const all = await objects();
  const order: string[] = [];
  async function* slow() {
    for (const [name, object] of all.entries()) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      order.push(`made ${name}`);
      yield object;
    }
  }
  const results = await sendInstances(peer(), 'TEST', slow());
  expect(results.map(({ taken }) => taken)).toEqual(all.map(() => true));
  expect(order).toEqual(all.map((_, name) => `made ${name}`));
  expect(openFiles()).toEqual([]);
});
