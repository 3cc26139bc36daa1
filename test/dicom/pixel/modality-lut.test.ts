import { describe, expect, it } from 'vitest';
import { modalityRange, modalityValues, readModalityLut } from '../../../services/dicom/pixel/modality-lut.ts';
import type { PixelArray } from '../../../services/dicom/pixel/pixel-array.ts';
import { element, item, join, sequence } from '../dataset/dataset-bytes.ts';
import { bothWays, tableItem, words } from './attributes-of.ts';

const TWELVE = { bitsStored: 12, signed: false };
const SIXTEEN = { bitsStored: 16, signed: true };
const ds = (tag: number, value: string) => element(tag, 'DS', value);
const INTERCEPT = 0x00281052;
const SLOPE = 0x00281053;
const SEQUENCE = 0x00283000;

const rescaled = (stored: PixelArray, info: typeof TWELVE, ...elements: Uint8Array[]) =>
  bothWays(elements).map((attributes) => modalityValues(stored, readModalityLut(attributes, info), info));

describe('Rescale Slope and Intercept (PS3.3 §C.11.1.1.2)', () => {
  it('make Hounsfield units, with their unit', () => {
    const elements = [ds(INTERCEPT, '-1024'), ds(SLOPE, '1'), element(0x00281054, 'LO', 'hu')];
    for (const attributes of bothWays(elements)) {
      const lut = readModalityLut(attributes, TWELVE);
      expect(lut).toEqual({ slope: 1, intercept: -1024, type: 'HU', table: undefined });
      expect(modalityRange(lut, TWELVE)).toEqual({ low: -1024, high: 3071, isWhole: true });
      expect(modalityValues(Uint16Array.of(0, 1024, 4095), lut, TWELVE)).toEqual(Int16Array.of(-1024, 0, 3071));
    }
  });

  it.each<[string, PixelArray, typeof TWELVE, readonly [string, string], PixelArray]>([
    ['fractions stay fractions', Uint16Array.of(1, 2), TWELVE, ['0.5', '0.25'], Float32Array.of(0.75, 1.25)],
    ['negative slopes turn the range', Uint16Array.of(0, 4095), TWELVE, ['-1', '0'], Int16Array.of(0, -4095)],
    ['what 16 bits cannot hold gets 32', Int16Array.of(-32_768), SIXTEEN, ['2', '0'], Int32Array.of(-65_536)],
    ['no sign, no loss', Uint16Array.of(0, 4095), TWELVE, ['1', '1000'], Uint16Array.of(1000, 5095)],
    [
      'wide samples',
      Uint32Array.of(2 ** 32 - 1),
      { bitsStored: 32, signed: false },
      ['2', '0'],
      Float64Array.of(2 ** 33 - 2),
    ],
  ])('%s', (_name, stored, info, [slope, intercept], expected) => {
    for (const values of rescaled(stored, info, ds(INTERCEPT, intercept), ds(SLOPE, slope)))
      expect(values).toEqual(expected);
  });

  it('absent leave the values as they are, the same array', () => {
    const stored = Uint16Array.of(7);
    for (const values of rescaled(stored, TWELVE, element(0x00281054, 'LO', 'US'))) expect(values).toBe(stored);
  });

  it.each([
    ['RescaleSlope is 0', ds(SLOPE, '0')],
    ['RescaleSlope is no number', ds(SLOPE, '1,0')],
    ['RescaleIntercept is no number', ds(INTERCEPT, 'none')],
  ])('are refused: %s', (message, ...elements) => {
    for (const attributes of bothWays(elements)) {
      expect(() => readModalityLut(attributes, TWELVE)).toThrow(
        expect.objectContaining({ code: 'DATASET_UNREADABLE', message }),
      );
    }
  });

  it('may be those of the frame, or of all frames (§C.7.6.16.2.9)', () => {
    const macro = (intercept: string) => sequence(0x00289145, [item(join(ds(INTERCEPT, intercept), ds(SLOPE, '1')))]);
    const shared = sequence(0x52009229, [item(macro('-1'))]);
    const own = sequence(0x52009230, [item(new Uint8Array(0)), item(macro('-2'))]);
    for (const attributes of bothWays([shared, own])) {
      expect([0, 1].map((frame) => readModalityLut(attributes, TWELVE, frame).intercept)).toEqual([-1, -2]);
    }
  });
});

describe('Modality LUT Sequence (PS3.3 §C.11.1.1.1)', () => {
  const table = (descriptor: readonly number[], data: Uint8Array, vrs?: readonly [string, string]) =>
    sequence(SEQUENCE, [tableItem(words(descriptor), data, vrs)]);
  const mapped = (stored: PixelArray, info: typeof TWELVE, ...elements: Uint8Array[]) =>
    rescaled(stored, info, ...elements).map((values) => [...values]);

  it('goes before a slope, and holds its ends', () => {
    const lut = table([3, 10, 16], words([5, 600, 65_535]));
    const elements = [ds(INTERCEPT, '-1024'), ds(SLOPE, '1'), lut];
    for (const values of mapped(Uint16Array.of(0, 10, 11, 12, 4095), TWELVE, ...elements)) {
      expect(values).toEqual([5, 5, 600, 65_535, 65_535]);
    }
    for (const attributes of bothWays([lut])) expect(readModalityLut(attributes, TWELVE).type).toBe('OD');
  });

  it.each<[string, Uint8Array]>([
    ['sent as OW', table([2, 0, 16], words([1, 2]))],
    ['sent as US', table([2, 0, 16], words([1, 2]), ['US', 'US'])],
    ['sent as SS', table([2, 0, 16], words([1, 2]), ['SS', 'SS'])],
    ['of 8 bits in words', table([2, 0, 8], words([1, 2]))],
    ['of 8 bits, two in a word', table([2, 0, 8], Uint8Array.of(1, 2))],
    ['with padding behind it', table([2, 0, 16], words([1, 2, 99]))],
  ])('is read %s', (_name, lut) => {
    for (const values of mapped(Uint16Array.of(0, 1), TWELVE, lut)) expect(values).toEqual([1, 2]);
  });

  it('of 0 entries has 65536', () => {
    const entries = Array.from({ length: 65_536 }, (_, at) => 65_535 - at);
    for (const values of mapped(Uint16Array.of(0, 4095), TWELVE, table([0, 0, 16], words(entries)))) {
      expect(values).toEqual([65_535, 61_440]);
    }
  });

  it('begins at a negative value where samples are signed, whatever its VR says', () => {
    for (const vr of ['US', 'SS']) {
      const lut = table([3, 0x10000 - 2, 16], words([1, 2, 3]), [vr, 'OW']);
      for (const values of mapped(Int16Array.of(-3, -2, -1, 0, 9), SIXTEEN, lut))
        expect(values).toEqual([1, 1, 2, 3, 3]);
    }
    const unsigned = table([2, 40_000, 16], words([1, 2]));
    for (const values of mapped(Uint16Array.of(0, 40_001), { bitsStored: 16, signed: false }, unsigned)) {
      expect(values).toEqual([1, 2]);
    }
  });

  it('in big endian words', () => {
    const big = (tag: number, vr: string, value: Uint8Array) => element(tag, vr, value, 'big');
    const content = join(big(0x00283002, 'US', words([2, 0, 8], false)), big(0x00283006, 'OW', Uint8Array.of(2, 1)));
    for (const attributes of bothWays([sequence(SEQUENCE, [item(content, 'big')], 'big')], 'big')) {
      const values = modalityValues(Uint16Array.of(0, 1), readModalityLut(attributes, TWELVE), TWELVE);
      expect([...values]).toEqual([1, 2]);
    }
  });

  it.each([
    ['LUTData holds 2 bytes, 2 entries are needed', table([2, 0, 16], words([1]))],
    ['LUTData holds 2 bytes, 4 entries are needed', table([4, 0, 8], words([1]))],
    ['LUTDescriptor holds 2 numbers, 3 are needed', table([2, 0], words([1, 2]))],
    ['LUTDescriptor says 32 bits', table([2, 0, 32], words([1, 2]))],
  ])('is refused: %s', (message, lut) => {
    for (const attributes of bothWays([lut])) {
      expect(() => readModalityLut(attributes, TWELVE)).toThrow(
        expect.objectContaining({ code: 'DATASET_UNREADABLE', message }),
      );
    }
  });
});
