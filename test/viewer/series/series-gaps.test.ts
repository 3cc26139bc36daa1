import { describe, expect, it } from 'vitest';
import { gapsOf, outsideMm } from '../../../viewer/series/series-gaps.ts';
import { pixelStack } from '../../support/pixel-stack.ts';

const stack = (heights: readonly number[]) =>
  pixelStack({ columns: 101, rows: 101, heights, spacingMm: [1, 1], valueAt: () => 0 }).series;

describe('gaps of a series', () => {
  it('are named by the image before them and the number of images that would fill them', () => {
    expect(gapsOf(stack([0, 2, 4, 10, 12, 14, 16]))).toEqual([{ after: 3, missing: 2, gapMm: 6 }]);
    expect(gapsOf(stack([0, 2, 4, 6, 8]))).toEqual([]);
    expect(gapsOf(stack([0, 2, 4.4, 6, 8]))).toEqual([]);
  });
});

describe('a point outside of the images', () => {
  it('is told by its distance, inside it is 0', () => {
    const series = stack([0, 2, 4, 6, 8]);
    expect(outsideMm(series, [0, 0, 4])).toBe(0);
    expect(outsideMm(series, [0, 0, 8.9])).toBe(0);
    expect(outsideMm(series, [0, 0, 21])).toBeCloseTo(12);
    expect(outsideMm(series, [0, 0, -5])).toBeCloseTo(4);
    expect(outsideMm(series, [60.5, 0, 4])).toBeCloseTo(10);
  });
});
