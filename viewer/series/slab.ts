import type { Point } from '../slice.ts';
import type { GreyPixels } from './grey-pixels.ts';
import type { ImageSeries } from './image-series.ts';
import { type PixelsOf, type PlaneGrid, voxelAt, voxelsOf } from './plane-grid.ts';
import { along } from './vector.ts';

/** Brightest, darkest or mean of the voxels behind each sample. */
export type SlabMode = 'max' | 'min' | 'mean';

/** Numbers of a grid, row by row; `EMPTY` where there is no voxel. */
export interface GridPicture {
  readonly numbers: Int16Array<ArrayBuffer>;
  readonly columns: number;
  readonly rows: number;
  /** How many layers of voxels went into it, and how thick they are together. */
  readonly layers: number;
  readonly thicknessMm: number;
}

export const EMPTY = -32768;

/** Images that a slab needs and that are not loaded or have failed, by position. */
export interface MissingImages {
  readonly missing: readonly number[];
}

/**
 * The voxels of a slab of `thicknessMm` around a grid, joined along its normal; nearest voxels, nothing is invented
 * between them. A thickness below one layer is one layer: the slice itself.
 */
export function slabPicture(
  series: ImageSeries,
  pixelsOf: PixelsOf,
  grid: PlaneGrid,
  thicknessMm: number,
  mode: SlabMode,
): GridPicture | MissingImages | undefined {
  const voxels = voxelsOf(series);
  if (!voxels) return undefined;
  const layers = Math.max(1, Math.round(thicknessMm / grid.stepMm[2]));
  const step = (axis: Point, mm: number) => voxelAt(voxels, along(voxels.origin, axis, mm));
  const across = step(grid.right, grid.stepMm[0]);
  const downwards = step(grid.down, grid.stepMm[1]);
  const inwards = step(grid.normal, grid.stepMm[2]);
  const first = along(grid.origin, grid.normal, (-(layers - 1) / 2) * grid.stepMm[2]);
  const start = voxelAt(voxels, first);

  const needed = imagesOf(start, [across, downwards, inwards], [grid.columns, grid.rows, layers], series.images.length);
  const stack = series.images.map((_image, at) => (needed.has(at) ? pixelsOf(at) : undefined));
  const missing = [...needed].filter((at) => !stack[at]).sort((a, b) => a - b);
  if (missing.length > 0) return { missing };

  const isInverted = (stack.find((image) => image)?.scale.unit ?? 1) < 0;
  const join = joiner(isInverted && mode !== 'mean' ? (mode === 'max' ? 'min' : 'max') : mode);
  const ray = { stack, columns: voxels.counts[0], rows: voxels.counts[1], inwards, layers, join };
  const numbers = new Int16Array(grid.columns * grid.rows);
  for (let row = 0, at = 0; row < grid.rows; row += 1) {
    for (let column = 0; column < grid.columns; column += 1, at += 1) {
      numbers[at] = alongRay(
        start[0] + across[0] * column + downwards[0] * row,
        start[1] + across[1] * column + downwards[1] * row,
        start[2] + across[2] * column + downwards[2] * row,
        ray,
      );
    }
  }
  return { numbers, columns: grid.columns, rows: grid.rows, layers, thicknessMm: layers * grid.stepMm[2] };
}

interface Ray {
  readonly stack: readonly (GreyPixels | undefined)[];
  readonly columns: number;
  readonly rows: number;
  readonly inwards: Point;
  readonly layers: number;
  readonly join: ReturnType<typeof joiner>;
}

/** The voxels behind one sample, from a voxel index inwards. */
function alongRay(x: number, y: number, z: number, { stack, columns, rows, inwards, layers, join }: Ray): number {
  join.begin();
  for (let layer = 0; layer < layers; layer += 1) {
    const [i, j] = [Math.round(x + inwards[0] * layer), Math.round(y + inwards[1] * layer)];
    const image = stack[Math.round(z + inwards[2] * layer)];
    if (image && i >= 0 && j >= 0 && i < columns && j < rows) join.take(image.numbers[j * columns + i] as number);
  }
  return join.end();
}

/** Which images a box of samples touches. */
function imagesOf(
  start: Point,
  steps: readonly Point[],
  counts: readonly number[],
  imageCount: number,
): ReadonlySet<number> {
  const ends = steps.map((step, at) => step[2] * ((counts[at] ?? 1) - 1));
  const low = start[2] + ends.reduce((sum, end) => sum + Math.min(0, end), 0);
  const high = start[2] + ends.reduce((sum, end) => sum + Math.max(0, end), 0);
  const [from, to] = [Math.max(0, Math.round(low)), Math.min(imageCount - 1, Math.round(high))];
  return new Set(Array.from({ length: Math.max(0, to - from + 1) }, (_none, at) => from + at));
}

function joiner(mode: SlabMode) {
  const held = { value: 0, count: 0 };
  const take = {
    max: (number: number) => {
      if (held.count === 0 || number > held.value) held.value = number;
    },
    min: (number: number) => {
      if (held.count === 0 || number < held.value) held.value = number;
    },
    mean: (number: number) => {
      held.value += number;
    },
  }[mode];
  return {
    begin: () => {
      held.value = 0;
      held.count = 0;
    },
    take: (number: number) => {
      take(number);
      held.count += 1;
    },
    end: () => (held.count === 0 ? EMPTY : mode === 'mean' ? Math.round(held.value / held.count) : held.value),
  };
}
