import { describe, expect, it } from 'vitest';
import { decodeFrame, isDecodable, type PixelInfo } from '../../../services/dicom/pixel/codecs.ts';

const INFO: PixelInfo = {
  rows: 1,
  columns: 2,
  samplesPerPixel: 1,
  bitsAllocated: 16,
  bitsStored: 16,
  highBit: 15,
  signed: false,
  planar: false,
  photometric: 'MONOCHROME2',
  transferSyntaxUID: '1.2.840.10008.1.2.1',
};
const BIG = '1.2.840.10008.1.2.2';

describe('uncompressed samples (PS3.5 §8.1.1)', () => {
  it.each<[string, Partial<PixelInfo>, number[], number[]]>([
    ['16 bits', {}, [0x01, 0x00, 0xff, 0xff], [1, 65_535]],
    ['signed', { signed: true }, [0x01, 0x00, 0xff, 0xff], [1, -1]],
    ['big endian', { transferSyntaxUID: BIG, signed: true }, [0x00, 0x01, 0xff, 0xfe], [1, -2]],
    [
      '12 bits, with an overlay in the upper ones',
      { bitsStored: 12, highBit: 11 },
      [0x01, 0xf0, 0xff, 0x7f],
      [1, 0xfff],
    ],
    ['12 bits, signed', { bitsStored: 12, highBit: 11, signed: true }, [0xff, 0x0f, 0xff, 0x07], [-1, 2047]],
    ['12 bits at the top', { bitsStored: 12, highBit: 15 }, [0x1f, 0x00, 0xff, 0xff], [1, 0xfff]],
    ['8 bits', { bitsAllocated: 8, bitsStored: 8, highBit: 7 }, [1, 255], [1, 255]],
    ['8 bits, signed', { bitsAllocated: 8, bitsStored: 8, highBit: 7, signed: true }, [1, 255], [1, -1]],
    [
      '32 bits',
      { bitsAllocated: 32, bitsStored: 32, highBit: 31 },
      [1, 0, 0, 0, 255, 255, 255, 255],
      [1, 4_294_967_295],
    ],
    [
      '32 bits, big',
      { bitsAllocated: 32, bitsStored: 32, highBit: 31, transferSyntaxUID: BIG },
      [0, 0, 0, 1, 1, 0, 0, 0],
      [1, 2 ** 24],
    ],
    [
      'single bits',
      { columns: 11, bitsAllocated: 1, bitsStored: 1, highBit: 0 },
      [0b0000_0101, 0b100],
      [1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1],
    ],
  ])('%s', async (_name, differing, bytes, values) => {
    const frame = Uint8Array.from(bytes);
    expect([...(await decodeFrame(frame, { ...INFO, ...differing }))]).toEqual(values);
    expect([...frame]).toEqual(bytes);
  });

  it('need not begin at an even byte of memory', async () => {
    const memory = Uint8Array.of(9, 1, 0, 2, 0);
    expect([...(await decodeFrame(memory.subarray(1), INFO))]).toEqual([1, 2]);
  });

  it.each([3, 5, 0])('of the wrong length are refused: %i bytes', async (length) => {
    await expect(decodeFrame(new Uint8Array(length), INFO)).rejects.toMatchObject({
      code: 'DATASET_UNREADABLE',
      message: `the frame holds ${length} bytes, 4 are needed`,
    });
  });
});

describe('what is not decoded', () => {
  it.each([
    ['1.2.840.10008.1.2.4.100', 'MPEG2 Main Profile / Main Level'],
    ['1.2.840.10008.1.2.4.94', 'JPIP Referenced'],
    ['1.2.3.4', 'unknown'],
  ])('%s has a name and its UID in the error', async (uid, name) => {
    expect(isDecodable(uid)).toBe(false);
    await expect(decodeFrame(new Uint8Array(4), { ...INFO, transferSyntaxUID: uid })).rejects.toMatchObject({
      code: 'NOT_ANALYSABLE',
      detail: { uid },
      message: `transfer syntax ${name} (${uid}) is not decoded by this version`,
    });
  });

  it('a frame that no machine can hold', async () => {
    const huge = { ...INFO, rows: 65_535, columns: 65_535, transferSyntaxUID: '1.2.840.10008.1.2.5' };
    await expect(decodeFrame(new Uint8Array(100), huge)).rejects.toMatchObject({ code: 'DATASET_TOO_LARGE' });
  });

  it('knows what it decodes', () => {
    const jpeg = [50, 51, 53, 55, 57, 70, 80, 81, 90, 91, 110, 111, 112, 201, 202, 203].map((end) => `.4.${end}`);
    const ends = ['', '.1', '.1.99', '.1.98', '.2', '.5', '.8.1', ...jpeg];
    const known = ends.map((end) => `1.2.840.10008.1.2${end}`);
    expect(known.filter((uid) => !isDecodable(uid))).toEqual([]);
  });
});
