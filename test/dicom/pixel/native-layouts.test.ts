import { closeSync, openSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { part10Header } from '../../../services/dicom/dataset/part10.ts';
import { openImage } from '../../../services/dicom/dataset/read-file.ts';
import { readFrame } from '../../../services/dicom/pixel/frames.ts';
import { ascii, element, hex, join as joinBytes, type Layout } from '../dataset/dataset-bytes.ts';
import { words } from './attributes-of.ts';
import { decodeFile, testFolder } from './image-file.ts';

const SYNTAX = { explicit: '1.2.840.10008.1.2.1', implicit: '1.2.840.10008.1.2', big: '1.2.840.10008.1.2.2' };
const META = { SOPClassUID: '1.2.840.10008.5.1.4.1.1.2', SOPInstanceUID: '1.2.3.4' };
const folder = testFolder();

interface Image {
  readonly rows: number;
  readonly columns: number;
  readonly frames?: number;
  readonly allocated: number;
  /** Bits Stored, High Bit and Pixel Representation; floating point has none. */
  readonly bits?: readonly [stored: number, high: number, signed: number];
}

/** A file of one image, in any layout; `pixelData` is an element. */
function fileOf({ rows, columns, frames = 1, allocated, bits }: Image, pixelData: Uint8Array, layout: Layout): string {
  const us = (tag: number, value: number) => element(tag, 'US', words([value], layout !== 'big'), layout);
  const [stored, high, signed] = bits ?? [];
  const file = join(folder, `${Math.random()}.dcm`);
  const header = part10Header({ ...META, TransferSyntaxUID: SYNTAX[layout], sourceAETitle: 'TEST' });
  const attributes = [
    us(0x00280002, 1),
    element(0x00280004, 'CS', 'MONOCHROME2', layout),
    element(0x00280008, 'IS', String(frames), layout),
    us(0x00280010, rows),
    us(0x00280011, columns),
    us(0x00280100, allocated),
    ...(stored === undefined ? [] : [us(0x00280101, stored)]),
    ...(high === undefined ? [] : [us(0x00280102, high)]),
    ...(signed === undefined ? [] : [us(0x00280103, signed)]),
  ];
  writeFileSync(file, joinBytes(header, ...attributes, pixelData));
  return file;
}

function floatBytes(values: readonly number[], size: 4 | 8, layout: Layout): Uint8Array {
  const bytes = new Uint8Array(values.length * size);
  const view = new DataView(bytes.buffer);
  for (const [at, value] of values.entries()) {
    if (size === 4) view.setFloat32(at * 4, value, layout !== 'big');
    else view.setFloat64(at * 8, value, layout !== 'big');
  }
  return bytes;
}

describe.each(['explicit', 'implicit', 'big'] as const)(
  'Float and Double Float Pixel Data (PS3.3 §C.7.6.24), %s',
  (layout) => {
    const values = [0.1, -1024.5, 3.5e20, Number.NaN, Number.NEGATIVE_INFINITY, 0];

    it('are the numbers they are, frame by frame', async () => {
      const single = element(0x7fe00008, 'OF', floatBytes(values, 4, layout), layout);
      const file = fileOf({ rows: 1, columns: 3, frames: 2, allocated: 32 }, single, layout);
      expect(await decodeFile(file, 0)).toEqual(Float32Array.from(values.slice(0, 3)));
      expect(await decodeFile(file, 1)).toEqual(Float32Array.from(values.slice(3)));
      const double = element(0x7fe00009, 'OD', floatBytes(values, 8, layout), layout);
      const wide = fileOf({ rows: 1, columns: 3, frames: 2, allocated: 64 }, double, layout);
      expect(await decodeFile(wide, 1)).toEqual(Float64Array.from(values.slice(3)));
    });

    it('are not taken for whole numbers, nor these for them', async () => {
      const floats = element(0x7fe00008, 'OF', floatBytes([1], 4, layout), layout);
      const asWhole = fileOf({ rows: 1, columns: 1, allocated: 32, bits: [32, 31, 0] }, floats, layout);
      await expect(decodeFile(asWhole)).rejects.toMatchObject({
        code: 'DATASET_UNREADABLE',
        message: 'BitsStored does not fit the pixels of (7fe0,0008)',
      });
      const whole = element(0x7fe00010, 'OW', new Uint8Array(4), layout);
      const asFloats = fileOf({ rows: 1, columns: 1, allocated: 32 }, whole, layout);
      await expect(decodeFile(asFloats)).rejects.toMatchObject({
        message: 'BitsStored does not fit the pixels of (7fe0,0010)',
      });
    });

    it('whole numbers of 64 bits are refused by name', async () => {
      const wide = element(0x7fe00010, 'OW', new Uint8Array(8), layout);
      const file = fileOf({ rows: 1, columns: 1, allocated: 64, bits: [64, 63, 1] }, wide, layout);
      await expect(decodeFile(file)).rejects.toMatchObject({
        code: 'NOT_ANALYSABLE',
        message: `samples of 64 bits (${SYNTAX[layout]}) is not decoded by this version`,
      });
    });

    // A cell of 16 or 32 bits with a sample inside, and an overlay or rubbish around it.
    it.each<[string, readonly [number, number, number], number, readonly number[], readonly number[]]>([
      ['10 bits at the bottom', [10, 9, 0], 16, [0xfc05, 0x07ff], [5, 0x3ff]],
      ['10 bits in the middle', [10, 12, 0], 16, [(5 << 3) | 0xe007, 0x1ff8], [5, 0x3ff]],
      ['10 bits at the top', [10, 15, 1], 16, [0x8000, 0x7fff, 0x003f], [-512, 511, 0]],
      ['12 bits, signed', [12, 11, 1], 16, [0xf800, 0x07ff, 0x0fff], [-2048, 2047, -1]],
      ['16 bits, signed', [16, 15, 1], 16, [0x8000, 0x7fff], [-32_768, 32_767]],
      ['24 bits of 32', [24, 23, 1], 32, [0xff800000, 0x007fffff, 0x01ffffff], [-8_388_608, 8_388_607, -1]],
      ['32 bits', [32, 31, 0], 32, [0xffffffff], [4_294_967_295]],
      ['32 bits, signed', [32, 31, 1], 32, [0xffffffff, 0x80000000], [-1, -2_147_483_648]],
    ])('cells hold %s', async (_name, bits, allocated, cells, expected) => {
      const bytes = new Uint8Array((cells.length * allocated) / 8);
      const view = new DataView(bytes.buffer);
      for (const [at, cell] of cells.entries()) {
        if (allocated === 16) view.setUint16(at * 2, cell, layout !== 'big');
        else view.setUint32(at * 4, cell, layout !== 'big');
      }
      const pixelData = element(0x7fe00010, 'OW', bytes, layout);
      const file = fileOf({ rows: 1, columns: cells.length, allocated, bits }, pixelData, layout);
      expect([...(await decodeFile(file))]).toEqual(expected);
    });
  },
);

describe('samples of less than a word (PS3.5 §8.1.1)', () => {
  // Two frames of 12 bits, the first pixel in the lowest: 0x321 and 0x654.
  const pixels = (frame: number) => Uint8Array.from({ length: 12 }, (_, at) => (frame >> at) & 1);

  it.each<[Layout, string, string]>([
    ['explicit', 'OB', '21 43 65 00'],
    ['explicit', 'OW', '21 43 65 00'],
    ['implicit', 'OW', '21 43 65 00'],
    ['big', 'OB', '21 43 65 00'],
    ['big', 'OW', '43 21 00 65'],
  ])('single bits run through all frames: %s, %s', async (layout, vr, bytes) => {
    const image = { rows: 1, columns: 12, frames: 2, allocated: 1, bits: [1, 0, 0] } as const;
    const file = fileOf(image, element(0x7fe00010, vr, hex(bytes), layout), layout);
    expect(await decodeFile(file, 0)).toEqual(pixels(0x321));
    expect(await decodeFile(file, 1)).toEqual(pixels(0x654));
  });

  it('is found behind 2 GiB, in pairs of bytes too', async () => {
    const [rows, columns, frames] = [1_025, 1_023, 2_100];
    const size = rows * columns;
    const lastFrame = size * (frames - 1);
    const header = element(0x7fe00010, 'OW', ascii(''), 'big', size * frames);
    const file = fileOf({ rows, columns, frames, allocated: 8, bits: [8, 7, 0] }, header, 'big');
    const start = statSync(file).size;
    truncateSync(file, start + size * frames);
    const handle = openSync(file, 'r+');
    for (const [at, letter] of ['a', 'b', 'c'].entries()) {
      const place = lastFrame + at;
      writeSync(handle, letter, start + (place % 2 === 0 ? place + 1 : place - 1));
    }
    closeSync(handle);
    const image = await openImage(file);
    const last = await readFrame(image, frames - 1);
    expect(lastFrame).toBeGreaterThan(2 ** 31);
    expect([last.length, String.fromCharCode(...last.subarray(0, 4))]).toEqual([size, 'abc\0']);
    await image.close();
  });
});
