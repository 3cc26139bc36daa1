import { describe, expect, it } from 'vitest';
import { gridOf, onGrid } from '../../../viewer/series/plane-grid.ts';
import { type SlabMode, slabPicture } from '../../../viewer/series/slab.ts';
import { distance } from '../../../viewer/series/vector.ts';
import type { Point } from '../../../viewer/slice.ts';
import { pixelStack } from '../../support/pixel-stack.ts';

const HEIGHTS = Array.from({ length: 21 }, (_none, at) => (at - 10) * 2);
const VESSEL: Point = [4, 2, 8];
const HOLE: Point = [-4, 2, -8];
const { series, pixelsOf } = pixelStack({
  ...{ columns: 33, rows: 33, heights: HEIGHTS, spacingMm: [1, 1] as const },
  valueAt: (point) => (distance(point, VESSEL) < 0.5 ? 300 : distance(point, HOLE) < 0.5 ? -900 : 0),
});
// Images lie from the head to the feet: the middle one is at 0.
const AXIAL = {
  plane: 'axial',
  index: 10,
  focalPoint: [0, 0, 0],
  right: [1, 0, 0],
  up: [0, -1, 0],
  normal: [0, 0, -1],
} as const;
const CORONAL = {
  plane: 'coronal',
  index: 16,
  focalPoint: [0, 0, 0],
  right: [1, 0, 0],
  up: [0, 0, 1],
  normal: [0, -1, 0],
} as const;

function slabAt(slice: typeof AXIAL | typeof CORONAL, mode: SlabMode, mm: number, point: Point, pixels = pixelsOf) {
  const grid = gridOf(series, slice);
  const picture = grid && slabPicture(series, pixels, grid, mm, mode);
  if (!grid || !picture || 'missing' in picture) return picture;
  const [column, row] = onGrid(grid, point).map(Math.round) as [number, number];
  return picture.numbers[row * picture.columns + column];
}

describe('a slab', () => {
  it('shows the brightest or darkest voxel within its thickness, and no other', () => {
    expect(slabAt(AXIAL, 'max', 18, VESSEL)).toBe(300);
    expect(slabAt(AXIAL, 'max', 10, VESSEL)).toBe(0);
    expect(slabAt(AXIAL, 'min', 18, HOLE)).toBe(-900);
    expect(slabAt(AXIAL, 'min', 10, HOLE)).toBe(0);
    expect(slabAt(CORONAL, 'max', 5, VESSEL)).toBe(300);
    expect(slabAt(CORONAL, 'max', 3, VESSEL)).toBe(0);
  });

  it('is the mean of its layers, and tells how many they are and how thick', () => {
    expect(slabAt(AXIAL, 'mean', 20, VESSEL)).toBe(30);
    // Nine layers of 2 mm, from +8 to -8.
    expect(slabAt(AXIAL, 'mean', 18, VESSEL)).toBe(Math.round(300 / 9));
    const grid = gridOf(series, AXIAL);
    expect(grid && slabPicture(series, pixelsOf, grid, 17, 'max')).toMatchObject({ layers: 9, thicknessMm: 18 });
    expect(grid && slabPicture(series, pixelsOf, grid, 0, 'max')).toMatchObject({ layers: 1, thicknessMm: 2 });
  });

  it('shows the highest value also where low values are drawn bright', () => {
    const inverted = (index: number) => {
      const pixels = pixelsOf(index);
      return pixels && { ...pixels, numbers: pixels.numbers.map((number) => -number), scale: { zero: 0, unit: -1 } };
    };
    expect(slabAt(AXIAL, 'max', 18, VESSEL, inverted)).toBe(-300);
  });

  it('names the images it lacks rather than leaving them out', () => {
    const lacking = (index: number) => (index === 8 ? undefined : pixelsOf(index));
    expect(slabAt(AXIAL, 'max', 10, VESSEL, lacking)).toEqual({ missing: [8] });
    expect(slabAt(AXIAL, 'max', 2, VESSEL, lacking)).toBe(0);
  });

  it('is not made of images that are no volume', () => {
    const uneven = pixelStack({ columns: 9, rows: 9, heights: [0, 2, 9, 11], spacingMm: [1, 1], valueAt: () => 0 });
    const grid = gridOf(uneven.series, { ...AXIAL, index: 1 });
    expect(grid && slabPicture(uneven.series, uneven.pixelsOf, grid, 5, 'max')).toBeUndefined();
  });
});
