import { describe, expect, it } from 'vitest';
import { distance } from '../../../viewer/series/vector.ts';
import type { Point } from '../../../viewer/slice.ts';
import { cropNumbers, cropsOf } from '../../../viewer/strip/crops.ts';
import { pixelStack } from '../../support/pixel-stack.ts';

const CENTER: Point = [10, -6, 3];
const heights = Array.from({ length: 41 }, (_none, at) => (at - 20) * 1.5);
const { series, pixelsOf } = pixelStack({
  ...{ columns: 91, rows: 61, heights, spacingMm: [1, 1.5] as const },
  valueAt: (point) => (distance(point, CENTER) <= 6 ? 40 : -800),
});
const finding = { center: [...CENTER] as [number, number, number], diameterMm: 12 };

describe('crops of a lesion', () => {
  it('are seven images through it and both reformats', () => {
    const crops = cropsOf(series, finding);
    expect(crops.map(({ plane }) => plane)).toEqual([...Array(7).fill('axial'), 'sagittal', 'coronal']);
    expect(crops.slice(0, 7).map(({ index }) => index)).toEqual([12, 14, 16, 18, 20, 22, 24]);
    expect(cropsOf(series, { ...finding, center: [10, -6, 29] }).filter(({ plane }) => plane === 'axial')).toHaveLength(
      5 - 1,
    );
  });

  it('have the lesion in their middle, as large as it is', () => {
    const crops = cropsOf(series, finding);
    for (const crop of [crops[3], crops[7], crops[8]]) {
      const picture = crop && cropNumbers(series, pixelsOf, crop);
      const { numbers, columns, rows } = picture ?? { numbers: [], columns: 0, rows: 0 };
      expect(columns % 2 && rows % 2).toBe(1);
      const row = (rows - 1) / 2;
      const across = Array.from({ length: columns }, (_none, column) => numbers[row * columns + column]);
      expect(across[(columns - 1) / 2]).toBe(40);
      const stepMm = (crop?.sideMm ?? 0) / columns;
      expect(Math.abs(across.filter((number) => number === 40).length * stepMm - 12)).toBeLessThan(2.5);
    }
  });

  it('are not drawn of an image that is not there', () => {
    const [first] = cropsOf(series, finding);
    expect(first && cropNumbers(series, () => undefined, first)).toBeUndefined();
  });
});
