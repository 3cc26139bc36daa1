import { describe, expect, it } from 'vitest';
import { picture, readFrameMeaning } from '../../../services/dicom/pixel/picture.ts';
import type { PixelArray } from '../../../services/dicom/pixel/pixel-array.ts';
import type { PixelInfo } from '../../../services/dicom/pixel/pixel-info.ts';
import { element } from '../dataset/dataset-bytes.ts';
import { bothWays, words } from './attributes-of.ts';

const INFO: PixelInfo = {
  rows: 1,
  columns: 4,
  samplesPerPixel: 1,
  bitsAllocated: 16,
  bitsStored: 12,
  highBit: 11,
  signed: false,
  planar: false,
  photometric: 'MONOCHROME2',
  transferSyntaxUID: '1.2.840.10008.1.2.1',
};
const ROWS = element(0x00280010, 'US', words([1]));
const ds = (tag: number, value: string) => element(tag, 'DS', value);
const seen = (pixels: PixelArray, differing: Partial<PixelInfo>, ...elements: Uint8Array[]) =>
  bothWays([ROWS, ...elements]).map((attributes) => {
    const info = { ...INFO, ...differing };
    const { channels, samples } = picture(pixels, info, readFrameMeaning(attributes, info));
    return [channels, ...samples];
  });

describe('a grey frame as a picture', () => {
  const pixels = Uint16Array.of(0, 1000, 1128, 1255);

  it('is seen through its first window, over rescaled values', () => {
    const elements = [ds(0x00281050, '128'), ds(0x00281051, '256'), ds(0x00281052, '-1000'), ds(0x00281053, '1')];
    for (const samples of seen(pixels, {}, ...elements)) expect(samples).toEqual([1, 0, 0, 128, 255]);
    for (const samples of seen(pixels, { photometric: 'MONOCHROME1' }, ...elements)) {
      expect(samples).toEqual([1, 255, 255, 127, 0]);
    }
  });

  it('without a window reaches from its lowest value to its highest', () => {
    for (const samples of seen(Uint16Array.of(100, 200, 300, 300), {})) expect(samples).toEqual([1, 0, 128, 255, 255]);
    for (const samples of seen(Uint16Array.of(7, 7, 7, 7), {})) expect(new Set(samples.slice(1)).size).toBe(1);
  });

  it('has padding black, a value or a range, and without a part in the range of greys', () => {
    const value = element(0x00280120, 'US', words([4000]));
    for (const samples of seen(Uint16Array.of(100, 200, 4000, 4000), {}, value)) {
      expect(samples).toEqual([1, 0, 255, 0, 0]);
    }
    const limit = element(0x00280121, 'US', words([3000]));
    for (const samples of seen(Uint16Array.of(100, 200, 3000, 4000), {}, value, limit)) {
      expect(samples).toEqual([1, 0, 255, 0, 0]);
    }
  });

  it('has the padding that its bits say, whatever sign its writer took', () => {
    const signed = { signed: true, bitsStored: 16, highBit: 15 };
    const stored = Int16Array.of(-2000, 0, 100, -2000);
    const elements = [element(0x00280120, 'US', words([63_536]))];
    for (const samples of seen(stored, signed, ...elements)) expect(samples).toEqual([1, 0, 0, 255, 0]);
    const twelve = { signed: true };
    for (const samples of seen(stored, twelve, element(0x00280120, 'US', words([2096])))) {
      expect(samples).toEqual([1, 0, 0, 255, 0]);
    }
  });

  it('of floating point values', () => {
    const floats = { sampleFormat: 'float32', bitsAllocated: 32, bitsStored: 32, highBit: 31 } as const;
    const padding = element(0x00280122, 'FL', new Uint8Array(Float32Array.of(Number.NaN).buffer));
    for (const samples of seen(Float32Array.of(0, 0.5, 1, Number.NaN), floats, padding)) {
      expect(samples).toEqual([1, 0, 128, 255, 0]);
    }
  });

  it('of many pixels is the same as of few', () => {
    const many = Uint16Array.from({ length: 70_000 }, (_, at) => at % 4096);
    const elements = [ds(0x00281050, '2000'), ds(0x00281051, '3000')];
    const [whole] = seen(many, {}, ...elements);
    const [part] = seen(many.subarray(0, 4096), {}, ...elements);
    expect(whole?.slice(0, 4097)).toEqual(part);
    expect(whole?.slice(-100)).toEqual(part?.slice(1 + (70_000 % 4096) - 100, 1 + (70_000 % 4096)));
  });
});

describe('a colour frame as a picture', () => {
  it('is by pixel, however it is stored, in 8 bits', () => {
    const rgb = { samplesPerPixel: 3, photometric: 'RGB', columns: 2, bitsAllocated: 8, bitsStored: 8, highBit: 7 };
    for (const samples of seen(Uint8Array.of(1, 2, 3, 4, 5, 6), rgb)) expect(samples).toEqual([3, 1, 2, 3, 4, 5, 6]);
    for (const samples of seen(Uint8Array.of(1, 4, 2, 5, 3, 6), { ...rgb, planar: true })) {
      expect(samples).toEqual([3, 1, 2, 3, 4, 5, 6]);
    }
    const wide = { ...rgb, columns: 1, bitsAllocated: 16, bitsStored: 12, highBit: 11 };
    for (const samples of seen(Uint16Array.of(4095, 16, 15), wide)) expect(samples).toEqual([3, 255, 1, 0]);
  });

  it('that this version does not know is refused by its name', () => {
    for (const photometric of ['ARGB', 'HSV', 'CMYK', 'YBR_PARTIAL_420']) {
      expect(() => seen(Uint8Array.of(1), { photometric, samplesPerPixel: 3 })).toThrow(
        expect.objectContaining({
          code: 'NOT_ANALYSABLE',
          message: `photometric interpretation ${photometric} is not decoded by this version`,
        }),
      );
    }
    expect(() => seen(Uint8Array.of(1), { photometric: 'RGB' })).toThrow('RGB of 1 samples per pixel');
  });
});
