import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeFrame, type PixelInfo } from '../../../services/dicom/pixel/codecs.ts';
import { hasProgram } from '../../support/programs.ts';
import { element } from '../dataset/dataset-bytes.ts';
import { encoded } from './encoders.ts';
import { bytesOf, CT_16, decodeFile, synthetic, testFolder, writeImage } from './image-file.ts';

const [columns, rows] = [64, 48];
const UID = '1.2.840.10008.1.2';
const INFO: PixelInfo = {
  rows,
  columns,
  samplesPerPixel: 1,
  bitsAllocated: 16,
  bitsStored: 10,
  highBit: 9,
  signed: false,
  planar: false,
  photometric: 'MONOCHROME2',
  transferSyntaxUID: `${UID}.1`,
};
/** Cells of 16 bits, all of them in use: samples, and overlays or rubbish around them. */
const cells = synthetic(rows * columns, 16);
const folder = testFolder();

type Encode = (samples: Uint16Array, bits: number, signed: boolean) => Uint8Array | Promise<Uint8Array>;
const codec =
  (family: 'j2k' | 'htj2k' | 'jxl'): Encode =>
  (samples, bits, signed) =>
    encoded(family, { samples, width: columns, height: rows, bits, signed, components: 1 });
// biome-ignore format: a table
const CODECS: readonly (readonly [name: string, syntax: string, encode: Encode])[] = [
  ['JPEG 2000',       '.4.90',  codec('j2k')],
  ['HTJ2K',           '.4.201', codec('htj2k')],
  ['JPEG XL',         '.4.110', codec('jxl')],
  ['a deflated frame', '.8.1',  (samples) => deflateRawSync(bytesOf(samples))],
];
/** Where in the cell a sample may lie (PS3.5 §8.1.1). */
const LAYOUTS: readonly (readonly [name: string, layout: Partial<PixelInfo>])[] = [
  ['at the bottom', {}],
  ['at the bottom, signed', { signed: true }],
  ['in the middle', { highBit: 12 }],
  ['at the top, signed', { highBit: 15, signed: true }],
];

describe.each(CODECS)('whole cells in %s', (_name, syntax, encode) => {
  it.each(LAYOUTS)('give the sample that lies %s', async (_where, layout) => {
    const native = { ...INFO, ...layout };
    const expected = await decodeFrame(bytesOf(cells), native);
    const info = { ...native, transferSyntaxUID: `${UID}${syntax}` };
    expect(await decodeFrame(await encode(cells, 16, false), info)).toEqual(expected);
    expect(Math.max(...expected)).toBeLessThan(1024);
  });
});

describe.each(CODECS.slice(0, 3))('samples alone in %s', (_name, syntax, encode) => {
  const transferSyntaxUID = `${UID}${syntax}`;

  it('are right-aligned, wherever High Bit is', async () => {
    const samples = cells.map((cell) => cell & 1023);
    for (const highBit of [9, 12, 15]) {
      const info = { ...INFO, highBit, transferSyntaxUID };
      expect(await decodeFrame(await encode(samples, 10, false), info)).toEqual(samples);
    }
  });

  it('wider than Bits Stored and narrower than High Bit are refused', async () => {
    const info = { ...INFO, highBit: 15, transferSyntaxUID };
    await expect(
      decodeFrame(
        await encode(
          cells.map((cell) => cell & 4095),
          12,
          false,
        ),
        info,
      ),
    ).rejects.toMatchObject({
      code: 'DATASET_UNREADABLE',
      message: expect.stringContaining('frame of 12 bits, the attributes say 10 in 16'),
    });
  });
});

describe('single bits in a codestream (PS3.5 §8.2.4)', () => {
  it.each([
    ['j2k', '.4.90'],
    ['htj2k', '.4.201'],
  ] as const)('%s: a number each', async (family, syntax) => {
    const bits = Uint8Array.from(cells, (cell) => cell & 1);
    const frame = await encoded(family, {
      samples: bits,
      width: columns,
      height: rows,
      bits: 1,
      signed: false,
      components: 1,
    });
    const info = { ...INFO, bitsAllocated: 1, bitsStored: 1, highBit: 0, transferSyntaxUID: `${UID}${syntax}` };
    expect(await decodeFrame(frame, info)).toEqual(bits);
  });
});

it('floating point samples in a codestream are refused by name', async () => {
  const info = { ...INFO, bitsAllocated: 32, bitsStored: 32, highBit: 31, sampleFormat: 'float32' } as const;
  const frame = await encoded('j2k', {
    samples: cells,
    width: columns,
    height: rows,
    bits: 16,
    signed: false,
    components: 1,
  });
  await expect(decodeFrame(frame, { ...info, transferSyntaxUID: `${UID}.4.90` })).rejects.toMatchObject({
    code: 'NOT_ANALYSABLE',
    message: 'floating point in a codestream (1.2.840.10008.1.2.4.90) is not decoded by this version',
  });
});

describe.skipIf(!hasProgram('dcmcjpls'))('whole cells written by dcmtk', () => {
  it.each([
    ['dcmcjpls', 9, 0],
    ['dcmcjpls', 15, 1],
    ['dcmcrle', 9, 1],
    ['dcmcrle', 15, 0],
  ])('%s, High Bit %i, Pixel Representation %i', async (program, HighBit, PixelRepresentation) => {
    const attributes = { ...CT_16, Rows: rows, Columns: columns, BitsStored: 10, HighBit, PixelRepresentation };
    const name = `${program}-${HighBit}`;
    const source = writeImage(join(folder, `${name}.dcm`), attributes, element(0x7fe00010, 'OW', bytesOf(cells)));
    const target = join(folder, `${name}-encoded.dcm`);
    execFileSync(program, [source, target]);
    expect(await decodeFile(target)).toEqual(await decodeFile(source));
  });
});
