import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FREE_INFLATED_BYTES, MAX_INFLATE_RATIO } from '../../../services/dicom/dataset/limits.ts';
import { readPart10Meta } from '../../../services/dicom/dataset/part10.ts';
import { followDataset } from '../../../services/dicom/dataset/passing-dataset.ts';
import { PassingDeflated } from '../../../services/dicom/dataset/passing-deflated.ts';
import { hasSharedData, SHARED_DATA } from '../../support/programs.ts';
import { ascii, ctHead, element, join as joined } from './dataset-bytes.ts';

const DEFLATED = '1.2.840.10008.1.2.1.99';
const noise = Uint8Array.from({ length: 20_000 }, (_, at) => Math.imul(at + 7, 2_654_435_761) >>> 24);
const dataset = joined(ctHead('explicit'), element(0x7fe00010, 'OW', noise));
const deflated = deflateRawSync(dataset);

function follower(): PassingDeflated {
  const passing = followDataset(DEFLATED);
  if (!(passing instanceof PassingDeflated)) throw new Error('it follows a deflated one');
  return passing;
}

async function followed(bytes: Uint8Array, size: number) {
  const passing = follower();
  for (let at = 0; at < bytes.length; at += size) await passing.add(bytes.subarray(at, at + size));
  return { lacks: await passing.lacks(), inflatedBytes: passing.inflatedBytes };
}
const lacks = async (bytes: Uint8Array, size = 4096) => (await followed(bytes, size)).lacks;

describe('a deflated data set that passes (PS3.5 §A.5)', () => {
  it.each([1, 7, 4096, 1_000_000])('is whole, in parts of %d bytes', async (size) => {
    expect(await followed(deflated, size)).toEqual({ lacks: undefined, inflatedBytes: dataset.length });
  });

  it('lacks its end wherever it is cut', async () => {
    for (const length of [1, 100, deflated.length >> 1, deflated.length - 1]) {
      expect(await lacks(deflated.subarray(0, length))).toBe('the deflated data set has no end');
    }
  });

  it('lacks what was cut before it was deflated', async () => {
    expect(await lacks(deflateRawSync(dataset.subarray(0, -30)))).toBe('(7fe0,0010) lacks 30 bytes');
  });

  it('is damaged where its stream makes no sense', async () => {
    const damaged = Buffer.from(deflated);
    damaged.fill(0xff, 300, 400);
    expect(await lacks(damaged)).toBe('the deflated data set is damaged, what follows is lost');
    expect(await lacks(ascii('anything'))).toContain('damaged');
  });

  it('may have padding and anything else behind it', async () => {
    for (const tail of [new Uint8Array(1), ascii('padding of a writer'), new Uint8Array(100_000)]) {
      expect(await lacks(joined(deflated, tail), 100)).toBeUndefined();
    }
  });

  it('that grows out of proportion is followed no further, and not judged', async () => {
    const empty = element(0x7fe00010, 'OW', new Uint8Array(4 * FREE_INFLATED_BYTES));
    const bomb = deflateRawSync(joined(ctHead('explicit'), empty));
    expect(bomb.length * MAX_INFLATE_RATIO).toBeLessThan(FREE_INFLATED_BYTES);
    for (const bytes of [bomb, bomb.subarray(0, -100)]) {
      const { lacks: missing, inflatedBytes } = await followed(bytes, 4096);
      expect(missing).toBeUndefined();
      expect(inflatedBytes - FREE_INFLATED_BYTES).toBeLessThanOrEqual(64 * 1024);
    }
  });

  it('lets whoever waits go on when it is closed', async () => {
    const passing = follower();
    const waits = Array.from({ length: 50 }, () => passing.add(new Uint8Array(100_000)));
    passing.close();
    await Promise.all(waits);
    expect(await passing.lacks()).toBeUndefined();
    expect(passing.add(deflated)).toBeUndefined();
  });
});

describe.skipIf(!hasSharedData)('deflated files of others (../shared/data)', () => {
  it.each([
    'pydicom/test_files/image_dfl.dcm',
    'cornerstone3D/packages/dicomImageLoader/examplesOld/test-images/CTImage.dcm_DeflatedExplicitVRLittleEndianTransferSyntax_1.2.840.10008.1.2.1.99.dcm',
  ])('%s is whole, and not without its last bytes', async (name) => {
    const bytes = readFileSync(join(SHARED_DATA, 'corpus', name));
    const { datasetOffset, TransferSyntaxUID } = readPart10Meta(bytes);
    expect(TransferSyntaxUID).toBe(DEFLATED);
    expect(await lacks(bytes.subarray(datasetOffset))).toBeUndefined();
    expect(await lacks(bytes.subarray(datasetOffset, -20))).toBe('the deflated data set has no end');
  });
});
