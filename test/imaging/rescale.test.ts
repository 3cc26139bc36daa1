import { describe, expect, it } from 'vitest';
import { rescale, type ValueMapping } from '../../services/imaging/rescale.ts';

const linear = (slope: number, intercept: number, padding?: ValueMapping['padding']): ValueMapping => ({
  modality: { slope, intercept, type: 'HU', table: undefined },
  padding,
});
const hu = (stored: number[], mapping: ValueMapping) => {
  const out = new Int16Array(stored.length);
  rescale(stored, mapping, out);
  return [...out];
};
const inUnit = (stored: number[], mapping: ValueMapping) => {
  const out = new Float32Array(stored.length);
  rescale(stored, mapping, out);
  return [...out];
};

describe('stored values to HU (PS3.3 §C.11.1.1.2)', () => {
  it('multiplies, adds and rounds', () => {
    expect(hu([0, 1, 1024, 4095], linear(1, -1024))).toEqual([-1024, -1023, 0, 3071]);
    expect(hu([-5, 0, 5], linear(0.5, 10))).toEqual([8, 10, 13]);
  });

  it('takes padding and all below the scale for air', () => {
    expect(hu([-2000, -1999, 24, 1024], linear(1, -1024, { first: -2000, last: -2000 }))).toEqual([
      -1024, -1024, -1000, 0,
    ]);
    expect(hu([-2048, -1000], linear(1, 0))).toEqual([-1024, -1000]);
    // Padding need not be dark.
    expect(hu([3000, 3050, 100], linear(1, 0, { first: 3000, last: 3100 }))).toEqual([-1024, -1024, 100]);
  });

  it('never wraps round', () => {
    expect(hu([65535, 40000], linear(2, 0))).toEqual([32767, 32767]);
  });

  it('takes what is no number for air', () => {
    expect(hu([Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY], linear(1, 0))).toEqual([
      -1024, -1024, 32767,
    ]);
  });

  it('looks values up where the modality has a table', () => {
    const table = { first: 10, bits: 16, entries: Uint16Array.of(0, 500, 900) };
    const mapping = { modality: { slope: 1, intercept: 0, type: 'HU', table }, padding: undefined };
    expect(hu([9, 10, 11, 12, 40], mapping)).toEqual([0, 0, 500, 900, 900]);
  });
});

describe('stored values to another unit', () => {
  it('keeps fractions, and what is no image is nothing', () => {
    expect(inUnit([0, 3, 7], linear(0.25, 1))).toEqual([1, 1.75, 2.75]);
    expect(inUnit([5, 6, Number.NaN], linear(2, 0, { first: 6, last: 6 }))).toEqual([10, 0, 0]);
  });
});
