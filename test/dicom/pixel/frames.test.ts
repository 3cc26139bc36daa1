import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openImage } from '../../../services/dicom/dataset/read-file.ts';
import type { PlainDataset } from '../../../services/dicom/dataset/write-dataset.ts';
import { readFrame } from '../../../services/dicom/pixel/frames.ts';
import { ascii, element, hex, item, join as joinBytes, sequence } from '../dataset/dataset-bytes.ts';
import { CT_16, JPEG_LS, RLE, testFolder, writeImage } from './image-file.ts';

const folder = testFolder();
const SMALL = { ...CT_16, Rows: 1, Columns: 2, BitsAllocated: 8, BitsStored: 8, HighBit: 7 };
const multi = (NumberOfFrames: number): PlainDataset => ({ ...SMALL, NumberOfFrames });

async function frames(attributes: PlainDataset, pixelData: Uint8Array, wanted: number, syntax?: string) {
  const image = await openImage(writeImage(join(folder, `${Math.random()}.dcm`), attributes, pixelData, syntax));
  try {
    const found: string[] = [];
    for (let frame = 0; frame < wanted; frame++)
      found.push(Buffer.from(await readFrame(image, frame)).toString('latin1'));
    return found;
  } finally {
    await image.close();
  }
}
const refused = (attributes: PlainDataset, pixelData: Uint8Array, syntax?: string, wanted = 1) =>
  expect(frames(attributes, pixelData, wanted, syntax)).rejects;

describe('native Pixel Data (PS3.5 §8.1.1)', () => {
  it('is cut into frames', async () => {
    expect(await frames(multi(3), element(0x7fe00010, 'OB', ascii('aabbcc')), 3)).toEqual(['aa', 'bb', 'cc']);
  });

  it('may have one byte of padding', async () => {
    const odd = { ...SMALL, Columns: 3 };
    expect(await frames(odd, element(0x7fe00010, 'OB', ascii('abc\0')), 1)).toEqual(['abc']);
  });

  it('of uncompressed YBR_FULL_422 has two samples per pixel', async () => {
    const colour = { ...SMALL, SamplesPerPixel: 3, PhotometricInterpretation: 'YBR_FULL_422', PlanarConfiguration: 0 };
    expect(await frames(colour, element(0x7fe00010, 'OB', ascii('abcd')), 1)).toEqual(['abcd']);
  });

  it.each([
    ['is too short', 'aabb', 'Pixel Data holds 4 bytes, its frames are 6'],
    ['is too long', 'aabbccdd', 'Pixel Data holds 8 bytes, its frames are 6'],
  ])('is refused when it %s', async (_name, bytes, message) => {
    await refused(multi(3), element(0x7fe00010, 'OB', ascii(bytes))).toMatchObject({
      code: 'DATASET_UNREADABLE',
      message,
    });
  });

  it.each<[string, PlainDataset, string]>([
    ['Rows 0', { Rows: 0 }, 'Rows is 0'],
    ['no Rows', { Rows: [] }, 'Rows is absent or no number'],
    ['Bits Allocated 12', { BitsAllocated: 12 }, 'BitsAllocated is 12'],
    ['Bits Stored above Bits Allocated', { BitsStored: 9 }, 'BitsStored is 9'],
    ['High Bit below Bits Stored', { HighBit: 3 }, 'HighBit is 3'],
    ['Number of Frames 0', { NumberOfFrames: '0' }, 'NumberOfFrames is 0'],
    ['Number of Frames that is none', { NumberOfFrames: '1A' }, 'NumberOfFrames is absent or no number'],
    ['40 samples', { SamplesPerPixel: 40 }, 'SamplesPerPixel is 40'],
  ])('is refused with %s', async (_name, attributes, message) => {
    await refused({ ...SMALL, ...attributes }, element(0x7fe00010, 'OB', ascii('ab'))).toMatchObject({
      code: 'DATASET_UNREADABLE',
      message,
    });
  });

  it('is refused when no machine can hold it', async () => {
    const huge = { ...SMALL, Rows: 65_535, Columns: 65_535 };
    await refused(huge, element(0x7fe00010, 'OB', ascii('ab'))).toMatchObject({ code: 'DATASET_TOO_LARGE' });
    await refused(multi(2 ** 31 - 1), element(0x7fe00010, 'OB', ascii('ab'))).toMatchObject({
      code: 'DATASET_UNREADABLE',
    });
  });
});

describe('encapsulated Pixel Data (PS3.5 §A.4)', () => {
  const pixelData = (table: Uint8Array, ...fragments: (string | Uint8Array)[]) =>
    sequence(
      0x7fe00010,
      [table, ...fragments.map((each) => (typeof each === 'string' ? ascii(each) : each))].map((each) => item(each)),
      'explicit',
      true,
      'OB',
    );
  const offsets = (...values: number[]) => new Uint8Array(Uint32Array.from(values).buffer);
  const none = new Uint8Array(0);
  /** The first fragment says one byte less than it has. */
  const hidden = (bytes: Uint8Array) => bytes.map((byte, at) => (at === 24 ? byte - 1 : byte));

  it.each<[string, Uint8Array, string[]]>([
    ['one frame in one fragment', pixelData(none, 'abcd'), ['abcd']],
    ['one frame in three fragments', pixelData(none, 'ab', 'cd', 'ef'), ['abcdef']],
    ['a fragment per frame, no table', pixelData(none, 'ab', 'cd'), ['ab', 'cd']],
    ['a table', pixelData(offsets(0, 20), 'ab', 'cd', 'ef'), ['abcd', 'ef']],
    ['a table that is wrong, and needless', pixelData(offsets(0, 11), 'ab', 'cd'), ['ab', 'cd']],
    ['a table of one frame', pixelData(offsets(0), 'ab', 'cd'), ['abcd']],
    ['a fragment of odd length', pixelData(none, 'abc', 'de'), ['abc', 'de']],
    ['a fragment that hides the byte behind it', hidden(pixelData(none, 'abcd', 'ef')), ['abc', 'ef']],
    [
      'a delimiter among the bytes',
      pixelData(none, hex('fe ff dd e0 00 00 00 00'), 'cd'),
      ['\xfe\xff\xdd\xe0\0\0\0\0', 'cd'],
    ],
  ])('%s', async (_name, bytes, expected) => {
    expect(await frames(multi(expected.length), bytes, expected.length, RLE)).toEqual(expected);
  });

  it('several fragments per frame without a table are told apart by end markers', async () => {
    const bytes = pixelData(none, 'ab', hex('63 64 ff d9'), 'ef', 'gh', hex('69 ff d9 00'));
    expect(await frames(multi(2), bytes, 2, JPEG_LS)).toEqual(['abcd\xff\xd9', 'efghi\xff\xd9\0']);
  });

  it('an Extended Offset Table goes first (PS3.3 §C.7.6.3.1.8)', async () => {
    const table = element(0x7fe00001, 'OV', new Uint8Array(BigUint64Array.of(0n, 20n).buffer));
    const bytes = joinBytes(table, pixelData(none, 'ab', 'cd', 'ef'));
    expect(await frames(multi(2), bytes, 2, RLE)).toEqual(['abcd', 'ef']);
  });

  it.each<[string, Uint8Array, string]>([
    [
      'a table that names no fragment',
      pixelData(offsets(0, 11), 'ab', 'cd', 'ef'),
      'the offset of frame 2 names no fragment',
    ],
    [
      'a table that goes backwards',
      pixelData(offsets(0, 0), 'ab', 'cd', 'ef'),
      'the offset of frame 2 names no fragment',
    ],
    [
      'a table of another length',
      pixelData(offsets(0, 10, 20), 'ab', 'cd', 'ef'),
      '2 frames in 3 fragments, 3 offsets',
    ],
    ['too few fragments', pixelData(none, 'ab'), '2 frames in 1 fragments, 0 offsets'],
    ['end markers that are too few', pixelData(none, 'ab', 'cd', 'ef'), '2 frames, 1 end markers in the fragments'],
    ['no delimiter', pixelData(none, 'ab', 'cd').subarray(0, -8), 'Pixel Data ends without its delimiter'],
    [
      'a fragment that lies',
      joinBytes(pixelData(none).subarray(0, -8), hex('fe ff 00 e0 00 00 00 70')),
      'a fragment claims 1879048192 bytes',
    ],
    [
      'something else among the fragments',
      joinBytes(pixelData(none).subarray(0, -8), ascii('abcdefgh')),
      'no item at offset',
    ],
    ['an empty frame', pixelData(none, '', 'cd'), 'the frame is empty'],
    ['nothing at all', pixelData(none).subarray(0, 12), 'Pixel Data ends without its delimiter'],
  ])('is refused with %s', async (_name, bytes, message) => {
    await refused(multi(2), bytes, RLE, 2).toMatchObject({
      code: 'DATASET_UNREADABLE',
      message: expect.stringContaining(message),
    });
  });
});

describe('a frame that is not there', () => {
  it.each([
    [-1, 'frame 0 of 2'],
    [2, 'frame 3 of 2'],
    [0.5, 'frame 1.5 of 2'],
  ])('%d', async (frame, message) => {
    const image = await openImage(
      writeImage(join(folder, `n${frame}.dcm`), multi(2), element(0x7fe00010, 'OB', ascii('aabb'))),
    );
    await expect(readFrame(image, frame)).rejects.toMatchObject({ code: 'FRAME_NOT_FOUND', message });
    await image.close();
  });

  it('because there are no pixels', async () => {
    const image = await openImage(writeImage(join(folder, 'none.dcm'), SMALL, new Uint8Array(0)));
    await expect(readFrame(image, 0)).rejects.toMatchObject({ code: 'FRAME_NOT_FOUND', message: 'frame 1 of 0' });
    await image.close();
  });
});
