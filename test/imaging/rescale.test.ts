import { describe, expect, it } from 'vitest';
import { rescale } from '../../services/imaging/rescale.ts';

const none = { type: 'HU', hasModalityLut: false, padding: undefined } as const;
const hu = (stored: number[], values: Parameters<typeof rescale>[1]) => {
  const out = new Int16Array(stored.length);
  rescale(stored, values, out);
  return [...out];
};

describe('stored values to HU (PS3.3 §C.11.1.1.2)', () => {
  it('multiplies, adds and rounds', () => {
    expect(hu([0, 1, 1024, 4095], { ...none, slope: 1, intercept: -1024 })).toEqual([-1024, -1023, 0, 3071]);
    expect(hu([-5, 0, 5], { ...none, slope: 0.5, intercept: 10 })).toEqual([8, 10, 13]);
  });

  it('takes padding and all below the scale for air', () => {
    const padded = { ...none, slope: 1, intercept: -1024, padding: [-2000, -2000] as const };
    expect(hu([-2000, -1999, 24, 1024], padded)).toEqual([-1024, -1024, -1000, 0]);
    expect(hu([-2048, -1000], { ...none, slope: 1, intercept: 0 })).toEqual([-1024, -1000]);
    // Padding need not be dark.
    expect(hu([3000, 3050, 100], { ...none, slope: 1, intercept: 0, padding: [3000, 3100] })).toEqual([
      -1024, -1024, 100,
    ]);
  });

  it('never wraps round', () => {
    expect(hu([65535, 40000], { ...none, slope: 2, intercept: 0 })).toEqual([32767, 32767]);
  });
});
