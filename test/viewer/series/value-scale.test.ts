import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commonSpread, HIGHEST, LOWEST, valueScale } from '../../../viewer/series/value-scale.ts';

const numberOf = (value: number, { zero, unit }: { zero: number; unit: number }) => (value - zero) / unit;

describe('the scale of values in 16 bits', () => {
  it('keeps Hounsfield units their own numbers, and is exact for every slope and all 16 bits', () => {
    expect(valueScale({ low: -1024, high: 3071, step: 1 }, false)).toEqual({ zero: 0, unit: 1 });
    // Unsigned samples of 16 bits with an intercept do not fit as they are.
    const wide = valueScale({ low: -1024, high: 64_511, step: 1 }, false);
    expect(wide.unit).toBe(1);
    expect([numberOf(-1024, wide), numberOf(64_511, wide)]).toEqual([LOWEST, HIGHEST]);
    const fine = valueScale({ low: -0.5, high: 2047, step: 0.5 }, false);
    expect([numberOf(-0.5, fine), numberOf(12.5, fine)]).toEqual([-1, 25]);
  });

  it('draws low values bright by counting down', () => {
    const scale = valueScale({ low: 0, high: 4095, step: 1 }, true);
    expect(numberOf(0, scale)).toBeGreaterThan(numberOf(4095, scale));
  });

  it('holds every value of any spread, and each step where they fit', () => {
    const bits = fc.integer({ min: 1, max: 16 });
    const slope = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
    const intercept = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(bits, fc.boolean(), slope, intercept, fc.boolean(), (bitsStored, signed, step, zero, isInverted) => {
        const first = signed ? -(2 ** (bitsStored - 1)) : 0;
        const [low, high] = [first * step + zero, (first + 2 ** bitsStored - 1) * step + zero];
        const scale = valueScale({ low, high, step }, isInverted);
        const [one, other] = [numberOf(low, scale), numberOf(high, scale)];
        expect(Math.min(one, other)).toBeGreaterThanOrEqual(LOWEST - 0.5);
        expect(Math.max(one, other)).toBeLessThanOrEqual(HIGHEST + 0.5);
        expect(Math.abs(Math.abs(numberOf(low + step, scale) - one) - 1)).toBeLessThan(1e-3);
      }),
    );
  });

  it('is as fine as it can be where steps do not fit', () => {
    const scale = valueScale({ low: 0, high: 2 ** 32 - 1, step: 1 }, false);
    expect([Math.round(numberOf(0, scale)), Math.round(numberOf(2 ** 32 - 1, scale))]).toEqual([LOWEST + 1, HIGHEST]);
    expect(valueScale({ low: 7, high: 7, step: 0 }, false).unit).toBeGreaterThan(0);
  });
});

describe('the spread of a series', () => {
  it('has the step of its images where they are alike', () => {
    const spreads = [
      { low: -1024, high: 3071, step: 1 },
      { low: -1000, high: 3095, step: 1 },
    ];
    expect(commonSpread(spreads)).toEqual({ low: -1024, high: 3095, step: 1 });
  });

  it('has none where slopes differ (PET), or an intercept lies between two steps', () => {
    const pet = [0.5, 0.7].map((step) => ({ low: 0, high: 32_767 * step, step }));
    expect(commonSpread(pet)).toEqual({ low: 0, high: 32_767 * 0.7, step: 0 });
    const between = [0, 0.25].map((low) => ({ low, high: low + 10, step: 1 }));
    expect(commonSpread(between)?.step).toBe(0);
  });

  it('is unknown when one image must tell by its pixels, or there is none', () => {
    expect(commonSpread([{ low: 0, high: 1, step: 1 }, undefined])).toBeUndefined();
    expect(commonSpread([])).toBeUndefined();
  });
});
