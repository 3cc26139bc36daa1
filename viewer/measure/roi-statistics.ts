import { valueAt } from '../series/grey-pixels.ts';
import type { ImageSeries } from '../series/image-series.ts';
import {
  type CutPlane,
  gridOf,
  onGrid,
  type PixelsOf,
  type PlaneGrid,
  voxelAt,
  voxelsOf,
} from '../series/plane-grid.ts';
import { along, distance, dot, minus, unit } from '../series/vector.ts';
import type { Point } from '../slice.ts';

/** Values of the pixels whose centres lie inside; SD is that of these pixels, not an estimate for others. */
export interface RoiStatistics {
  readonly pixels: number;
  readonly mean: number;
  readonly sd: number;
  readonly min: number;
  readonly max: number;
  /** Of the drawn ellipse, mm². */
  readonly areaMm2: number;
}

/** The value of a sample of a slice; `undefined` for padding, and for what is not loaded. */
type SampleAt = (column: number, row: number) => number | undefined;

interface Samples {
  readonly grid: PlaneGrid;
  readonly sampleAt: SampleAt;
}

/** The values of a slice: an image's own pixels, or on a reformat the nearest voxel. */
export function samplesOf(series: ImageSeries, pixelsOf: PixelsOf, slice: CutPlane): Samples | undefined {
  const grid = gridOf(series, slice);
  if (!grid) return undefined;
  if (slice.plane === 'axial') {
    const pixels = pixelsOf(slice.index);
    const { columns, rows } = grid;
    const inside = (column: number, row: number) => column >= 0 && row >= 0 && column < columns && row < rows;
    return {
      grid,
      sampleAt: (column, row) => (pixels && inside(column, row) ? valueAt(pixels, row * columns + column) : undefined),
    };
  }
  const voxels = voxelsOf(series);
  if (!voxels) return undefined;
  const [columns, rows] = voxels.counts;
  return {
    grid,
    sampleAt: (column, row) => {
      const point = pointOf(grid, column, row);
      const [i, j, k] = voxelAt(voxels, point).map(Math.round) as unknown as Point;
      const pixels = pixelsOf(k);
      const inside = i >= 0 && j >= 0 && i < columns && j < rows;
      return pixels && inside ? valueAt(pixels, j * columns + i) : undefined;
    },
  };
}

const pointOf = ({ origin, right, down, stepMm }: PlaneGrid, column: number, row: number): Point =>
  along(along(origin, right, column * stepMm[0]), down, row * stepMm[1]);

/** The value under a point. */
export function probe({ grid, sampleAt }: Samples, point: Point): number | undefined {
  const [column, row] = onGrid(grid, point);
  return sampleAt(Math.round(column), Math.round(row));
}

/** Statistics of an ellipse (centre and the ends of two half axes); `undefined` when no pixel centre lies inside. */
export function ellipseStatistics({ grid, sampleAt }: Samples, points: readonly Point[]): RoiStatistics | undefined {
  const [center, right, top] = points;
  if (!center || !right || !top) return undefined;
  const [a, b] = [distance(center, right), distance(center, top)];
  const [u, v] = [unit(minus(right, center), [1, 0, 0]), unit(minus(top, center), [0, 1, 0])];
  const isInside = (point: Point) => {
    const offset = minus(point, center);
    return (dot(offset, u) / (a || 1)) ** 2 + (dot(offset, v) / (b || 1)) ** 2 <= 1;
  };
  const [middleColumn, middleRow] = onGrid(grid, center);
  // Half axes may lie at any angle to the grid: the circle around the ellipse holds it.
  const reach = Math.max(a, b);
  const [overColumns, overRows] = [Math.ceil(reach / grid.stepMm[0]), Math.ceil(reach / grid.stepMm[1])];
  const values: number[] = [];
  for (let row = Math.floor(middleRow) - overRows; row <= middleRow + overRows + 1; row += 1) {
    for (let column = Math.floor(middleColumn) - overColumns; column <= middleColumn + overColumns + 1; column += 1) {
      const value = isInside(pointOf(grid, column, row)) ? sampleAt(column, row) : undefined;
      if (value !== undefined) values.push(value);
    }
  }
  return values.length === 0 ? undefined : { ...spreadOf(values), areaMm2: Math.PI * a * b };
}

function spreadOf(values: readonly number[]) {
  let [min, max, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
  }
  const mean = sum / values.length;
  const squares = values.reduce((total, value) => total + (value - mean) ** 2, 0);
  return { pixels: values.length, mean, sd: Math.sqrt(squares / values.length), min, max };
}
