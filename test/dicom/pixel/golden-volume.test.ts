import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPart10Meta } from '../../../services/dicom/dataset/part10.ts';
import type { Volume } from '../../../services/domain/volume.ts';
import { readVolume } from '../../../services/imaging/read-volume.ts';
import { CRITERIA } from '../../imaging/slice-headers.ts';
import { volumeReader } from '../../imaging/volume-reader.ts';
import { hasProgram } from '../../support/programs.ts';
import { writeSyntheticSeries } from '../../support/synthetic-series.ts';
import { testFolder } from './image-file.ts';
import { LOSSLESS, type LosslessWriter } from './lossless.ts';
import { PROOFS } from './proofs.ts';

const OPTIONS = { slices: 12, rows: 96, columns: 80, spacingMm: 4, sliceSpacingMm: 2.5, noiseHu: 30 } as const;
const UID = '1.2.840.10008.1.2.';
const folder = testFolder();

const plain = writeSyntheticSeries(join(folder, 'plain'), OPTIONS);

async function volumeOf(files: readonly string[]): Promise<Volume> {
  const inputs = files.map((file) => {
    const bytes = readFileSync(file);
    const { datasetOffset, SOPClassUID, SOPInstanceUID, TransferSyntaxUID } = readPart10Meta(bytes);
    const sha256 = createHash('sha256').update(bytes.subarray(datasetOffset)).digest('hex');
    return { file, sha256, SeriesInstanceUID: plain.SeriesInstanceUID, SOPInstanceUID, SOPClassUID, TransferSyntaxUID };
  });
  const answer = await readVolume(inputs, CRITERIA, volumeReader());
  if ('error' in answer) throw answer.error;
  return answer.volume;
}

/** The same files in another syntax. */
async function rewritten({ name, write }: LosslessWriter): Promise<readonly string[]> {
  const files = plain.files.map((_, slice) => join(folder, `${name}-${slice}.dcm`));
  for (const [slice, target] of files.entries()) {
    await write({ file: plain.files[slice] ?? '', elements: plain.instances[slice]?.elements ?? [] }, target);
  }
  return files;
}

it('has a row for each syntax that the documentation names as proven here', () => {
  const proven = Object.entries(PROOFS).flatMap(([syntax, { golden }]) => (golden ? [syntax] : []));
  const tested = new Set(LOSSLESS.map(({ syntax }) => syntax));
  expect([...tested].sort()).toEqual(proven.sort());
});

const written = LOSSLESS.filter(({ program }) => !program || hasProgram(program));

describe.each(written)('one volume in $name', (writer) => {
  it('is the same to the last voxel', async () => {
    const files = await rewritten(writer);
    const uid = `${UID}${writer.syntax}`.replace(/\.$/, '');
    expect(readPart10Meta(readFileSync(files[0] ?? '')).TransferSyntaxUID).toBe(uid);
    const [expected, volume] = [await volumeOf(plain.files), await volumeOf(files)];
    expect(volume.geometry).toEqual(expected.geometry);
    expect(Buffer.from(volume.voxels.buffer).equals(Buffer.from(expected.voxels.buffer))).toBe(true);
    expect(new Set(volume.voxels).size).toBeGreaterThan(50);
  });
});
