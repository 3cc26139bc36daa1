import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readPart10Meta } from '../../../services/dicom/dataset/part10.ts';
import type { PixelInfo } from '../../../services/dicom/pixel/pixel-info.ts';
import type { Volume } from '../../../services/domain/volume.ts';
import { readVolume } from '../../../services/imaging/read-volume.ts';
import { CRITERIA } from '../../imaging/slice-headers.ts';
import { volumeReader } from '../../imaging/volume-reader.ts';
import { hasProgram } from '../../support/programs.ts';
import { type SyntheticSeriesOptions, writeSyntheticSeries } from '../../support/synthetic-series.ts';
import { encoded } from './encoders.ts';
import { testFolder } from './image-file.ts';
import { PROOFS } from './proofs.ts';
import { recompressed } from './recompress.ts';

const OPTIONS = { slices: 12, rows: 96, columns: 80, spacingMm: 4, sliceSpacingMm: 2.5, noiseHu: 30 } as const;
const UID = '1.2.840.10008.1.2.';
const folder = testFolder();

const series = (name: string, options: SyntheticSeriesOptions = {}) =>
  writeSyntheticSeries(join(folder, name), { ...OPTIONS, ...options });
const plain = series('plain');

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

/** The same files with their frame encoded anew. */
async function rewritten(
  syntax: string,
  encode: (frame: Uint8Array, info: PixelInfo) => Promise<Uint8Array> | Uint8Array,
) {
  const files = plain.files.map((_, slice) => join(folder, `${syntax}-${slice}.dcm`));
  for (const [slice, file] of files.entries()) await recompressed(plain.files[slice] ?? '', file, syntax, encode);
  return files;
}

/** The same files through a program of dcmtk. */
function converted(program: string, ...options: string[]): string[] {
  return plain.files.map((source, slice) => {
    const file = join(folder, `${program}-${slice}${options.join('')}.dcm`);
    execFileSync(program, [...options, source, file]);
    return file;
  });
}

const codec =
  (family: 'j2k' | 'htj2k', isRpcl = false) =>
  (frame: Uint8Array, { columns: width, rows: height, signed }: PixelInfo) =>
    encoded(family, { samples: frame, width, height, bits: 16, signed, components: 1 }, isRpcl);

/** JPEG XL has no sign: 16 bits go through it as they are. */
const jpegXl = (frame: Uint8Array, { columns: width, rows: height }: PixelInfo) =>
  encoded('jxl', { samples: frame, width, height, bits: 16, signed: false, components: 1 });

const OURS: [string, string, () => string[] | Promise<string[]>][] = [
  ['Implicit VR Little Endian', '', () => [...series('implicit', { transferSyntax: 'implicit' }).files]],
  ['Explicit VR Big Endian', '2', () => [...series('big', { transferSyntax: 'big-endian' }).files]],
  ['Deflated Explicit VR Little Endian', '1.99', () => [...series('deflated', { transferSyntax: 'deflated' }).files]],
  ['Encapsulated Uncompressed', '1.98', () => rewritten('1.98', (frame) => frame)],
  ['Deflated Image Frame', '8.1', () => rewritten('8.1', (frame) => deflateRawSync(frame))],
  ['JPEG 2000 Lossless', '4.90', () => rewritten('4.90', codec('j2k'))],
  ['HTJ2K Lossless', '4.201', () => rewritten('4.201', codec('htj2k'))],
  ['HTJ2K Lossless RPCL', '4.202', () => rewritten('4.202', codec('htj2k', true))],
  ['JPEG XL Lossless', '4.110', () => rewritten('4.110', jpegXl)],
];
const DCMTK: [string, string, () => string[]][] = [
  ['RLE Lossless', '5', () => converted('dcmcrle')],
  ['JPEG-LS Lossless', '4.80', () => converted('dcmcjpls')],
  ['JPEG Lossless SV1', '4.70', () => converted('dcmcjpeg', '+e1')],
  ...[1, 2, 3, 4, 5, 6, 7].map((predictor): [string, string, () => string[]] => [
    `JPEG Lossless, predictor ${predictor}`,
    '4.57',
    () => converted('dcmcjpeg', '+el', '+sv', String(predictor)),
  ]),
];

it('has a row for each syntax that the documentation names as proven here', () => {
  const proven = Object.entries(PROOFS).flatMap(([syntax, { golden }]) => (golden ? [syntax] : []));
  const tested = new Set([...OURS, ...DCMTK].map(([, syntax]) => syntax));
  expect([...tested].sort()).toEqual(proven.sort());
});

describe.each(hasProgram('dcmcjpeg') ? [...OURS, ...DCMTK] : OURS)('one volume in %s', (_name, syntax, write) => {
  it('is the same to the last voxel', async () => {
    const files = await write();
    const uid = `${UID}${syntax}`.replace(/\.$/, '');
    expect(readPart10Meta(readFileSync(files[0] ?? '')).TransferSyntaxUID).toBe(uid);
    const [expected, volume] = [await volumeOf(plain.files), await volumeOf(files)];
    expect(volume.geometry).toEqual(expected.geometry);
    expect(Buffer.from(volume.voxels.buffer).equals(Buffer.from(expected.voxels.buffer))).toBe(true);
    expect(new Set(volume.voxels).size).toBeGreaterThan(50);
  });
});
