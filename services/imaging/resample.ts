import type { VolumeGeometry } from '../domain/geometry.ts';
import type { Volume } from '../domain/volume.ts';
import { axisMaps, dot, type Triple, voxelCount } from './grid.ts';
import { type Interpolation, kernelAround } from './sampling-kernel.ts';

/** For each output index the first source index and `width` weights that sum to 1. */
interface Taps {
  readonly width: number;
  readonly first: Int32Array;
  readonly weights: Float32Array;
}

/**
 * Interpolation of a volume, linear by default, on a grid with parallel axes in any order (see `alignedGrid`), one axis
 * after the other. Where the grid is coarser than the source and `antialias` is set, the kernel grows to the new spacing,
 * so that noise is averaged, not picked. Beyond the edge the last voxel is repeated. The kernel may differ for each axis of
 * the grid.
 */
export function resample(
  source: Volume,
  grid: VolumeGeometry,
  antialias: boolean,
  interpolation: Interpolation | readonly [x: Interpolation, y: Interpolation, z: Interpolation] = 'linear',
): Float32Array<ArrayBuffer> {
  const volume = reorder(source, grid);
  const [mapX, mapY, mapZ] = axisMaps(volume.geometry, grid);
  if (!mapX || !mapY || !mapZ) throw new RangeError('three axes');
  const [columns, rows, slices] = volume.geometry.shape;
  const [nx, ny, nz] = grid.shape;
  const [kindX, kindY, kindZ] =
    typeof interpolation === 'string' ? [interpolation, interpolation, interpolation] : interpolation;
  const x = taps(mapX, nx, columns, antialias, kindX);
  const y = taps(mapY, ny, rows, antialias, kindY);
  const z = taps(mapZ, nz, slices, antialias, kindZ);

  const rowRange = span(y, rows);
  const halfway = new Float32Array((rowRange.to - rowRange.from + 1) * nx);
  const planes = new Map<number, Float32Array>();
  const plane = (k: number, keepFrom: number, keepTo: number): Float32Array => {
    const known = planes.get(k);
    if (known) return known;
    let free: Float32Array | undefined;
    for (const [old, buffer] of planes) {
      if (old >= keepFrom && old <= keepTo) continue;
      planes.delete(old);
      free = buffer;
    }
    const made = free ?? new Float32Array(nx * ny);
    const voxels = volume.voxels.subarray(k * rows * columns, (k + 1) * rows * columns);
    alongX(voxels, columns, rowRange, x, nx, halfway);
    alongY(halfway, rowRange.from, y, nx, ny, made);
    planes.set(k, made);
    return made;
  };

  const result = new Float32Array(voxelCount(grid));
  for (let k = 0; k < nz; k++) {
    const first = z.first[k] ?? 0;
    const out = result.subarray(k * nx * ny, (k + 1) * nx * ny);
    for (let t = 0; t < z.width; t++) {
      const weight = z.weights[k * z.width + t] ?? 0;
      if (weight !== 0) addScaled(out, plane(first + t, first, first + z.width - 1), weight);
    }
  }
  return result;
}

/** Weights of the kernel around `start + index * step`, folded onto the first and last voxel at the edges. */
function taps(
  map: { start: number; step: number },
  count: number,
  length: number,
  antialias: boolean,
  interpolation: Interpolation,
): Taps {
  const kernel = kernelAround(interpolation, antialias ? Math.max(1, Math.abs(map.step)) : 1);
  const width = Math.min(length, kernel.width);
  const first = new Int32Array(count);
  const weights = new Float32Array(count * width);
  for (let o = 0; o < count; o++) {
    const { low, weights: around } = kernel.at(map.start + o * map.step);
    const base = Math.min(Math.max(0, low), length - width);
    first[o] = base;
    for (const [n, weight] of around.entries()) {
      const voxel = Math.min(Math.max(low + n, 0), length - 1);
      const at = o * width + Math.min(Math.max(voxel - base, 0), width - 1);
      weights[at] = (weights[at] ?? 0) + weight;
    }
  }
  return { width, first, weights };
}

function span({ first, width }: Taps, length: number): { from: number; to: number } {
  let from = length - 1;
  let to = 0;
  for (const start of first) {
    from = Math.min(from, start);
    to = Math.max(to, start + width - 1);
  }
  return { from, to: Math.min(to, length - 1) };
}

function alongX(
  voxels: Int16Array | Float32Array,
  columns: number,
  rows: { from: number; to: number },
  { first, width, weights }: Taps,
  nx: number,
  out: Float32Array,
): void {
  for (let row = rows.from; row <= rows.to; row++) {
    const source = row * columns;
    const target = (row - rows.from) * nx;
    for (let i = 0; i < nx; i++) {
      const at = source + (first[i] as number);
      const w = i * width;
      let sum = 0;
      for (let t = 0; t < width; t++) sum += (weights[w + t] as number) * (voxels[at + t] as number);
      out[target + i] = sum;
    }
  }
}

function alongY(halfway: Float32Array, rowFrom: number, taps: Taps, nx: number, ny: number, out: Float32Array): void {
  out.fill(0);
  for (let j = 0; j < ny; j++) {
    const target = out.subarray(j * nx, (j + 1) * nx);
    for (let t = 0; t < taps.width; t++) {
      const weight = taps.weights[j * taps.width + t] ?? 0;
      const row = (taps.first[j] ?? 0) + t - rowFrom;
      if (weight !== 0) addScaled(target, halfway.subarray(row * nx, (row + 1) * nx), weight);
    }
  }
}

function addScaled(target: Float32Array, source: Float32Array, weight: number): void {
  for (let i = 0; i < target.length; i++) target[i] = (target[i] as number) + weight * (source[i] as number);
}

/** The same volume with its axes in the order of those of the grid; copies only when they are in another. Signs stay. */
function reorder(volume: Volume, grid: VolumeGeometry): Volume {
  const along = (axis: Triple) =>
    [0, 1, 2].find((from) => Math.abs(dot(volume.geometry.axes[from] ?? axis, axis)) > 0.9) ?? 0;
  const order: Triple = [along(grid.axes[0]), along(grid.axes[1]), along(grid.axes[2])];
  if (order[0] === 0 && order[1] === 1 && order[2] === 2) return volume;
  const { shape, spacingMm, axes, origin } = volume.geometry;
  const pick = (t: Triple): [number, number, number] => [t[order[0]] ?? 1, t[order[1]] ?? 1, t[order[2]] ?? 1];
  const [nx, ny, nz] = pick(shape);
  const [dx, dy, dz] = pick([1, shape[0], shape[0] * shape[1]]);
  const voxels = volume.voxels instanceof Int16Array ? new Int16Array(nx * ny * nz) : new Float32Array(nx * ny * nz);
  let at = 0;
  for (let k = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      for (let i = 0; i < nx; i++) voxels[at++] = volume.voxels[i * dx + j * dy + k * dz] as number;
    }
  }
  const turned = [axes[order[0]] ?? origin, axes[order[1]] ?? origin, axes[order[2]] ?? origin] as const;
  return { geometry: { shape: [nx, ny, nz], spacingMm: pick(spacingMm), axes: turned, origin }, voxels };
}
