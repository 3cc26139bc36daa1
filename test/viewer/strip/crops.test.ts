import { describe, expect, it } from 'vitest';
import { type Place, placeOn } from '../../../viewer/findings/place.ts';
import { distance } from '../../../viewer/series/vector.ts';
import type { Point } from '../../../viewer/slice.ts';
import { cropNumbers, cropsOf } from '../../../viewer/strip/crops.ts';
import { pixelStack } from '../../support/pixel-stack.ts';
import { readLesion } from '../../support/read-lesions.ts';
import { lesionOnImage, singleImages } from '../single-images.ts';

const CENTER: Point = [10, -6, 3];
const heights = Array.from({ length: 41 }, (_none, at) => (at - 20) * 1.5);
const { series, pixelsOf } = pixelStack({
  ...{ columns: 91, rows: 61, heights, spacingMm: [1, 1.5] as const },
  valueAt: (point) => (distance(point, CENTER) <= 6 ? 40 : -800),
});
const lesion = readLesion({ center: [...CENTER], diameterMm: 12 });
const place = placeOn(series, lesion) as Place;

describe('crops of a lesion', () => {
  it('are seven images through it and both reformats', () => {
    const crops = cropsOf(series, place);
    expect(crops.map(({ plane }) => plane)).toEqual([...Array(7).fill('axial'), 'sagittal', 'coronal']);
    expect(crops.slice(0, 7).map(({ index }) => index)).toEqual([12, 14, 16, 18, 20, 22, 24]);
    expect(
      cropsOf(series, placeOn(series, { ...lesion, center: [10, -6, 29] }) as Place).filter(
        ({ plane }) => plane === 'axial',
      ),
    ).toHaveLength(5 - 1);
  });

  it('have the lesion in their middle, as large as it is', () => {
    const crops = cropsOf(series, place);
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
    const [first] = cropsOf(series, place);
    expect(first && cropNumbers(series, () => undefined, first)).toBeUndefined();
  });

  it('are one of a box, on its own image: around it, thinned out where it is large, no larger than the image', () => {
    const flat = singleImages([
      { columns: 3000, rows: 2000, pixelSize: 0.1 },
      { columns: 300, rows: 200, pixelSize: 0.1 },
    ]);
    const pixels = {
      numbers: new Int16Array(3000 * 2000).fill(7),
      scale: { zero: 0, unit: 1 },
      low: 0,
      isMeasured: true,
    };
    const cropOn = (image: 1 | 2, box: readonly [number, number, number, number]) => {
      const [crop, ...others] = cropsOf(flat, placeOn(flat, lesionOnImage(image, box)) as Place);
      expect(others).toEqual([]);
      return { crop, picture: crop && cropNumbers(flat, () => pixels, crop) };
    };
    const small = cropOn(2, [100, 50, 110, 56]);
    expect(small.crop).toMatchObject({ plane: 'axial', index: 1 });
    expect(small.crop?.sideMm).toBeCloseTo(7.2, 9);
    expect(small.picture).toMatchObject({ columns: 73, rows: 73 });
    const large = cropOn(1, [0, 0, 2900, 1900]);
    expect(large.crop?.sideMm).toBeCloseTo(300, 9);
    expect(large.picture?.columns).toBeLessThanOrEqual(1025);
  });
});
