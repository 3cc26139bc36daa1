import type { VolumeGeometry } from '../domain/geometry.ts';
import type { Volume } from '../domain/volume.ts';
import { axisMaps, lpsOrder, type Triple, voxelCount } from './grid.ts';

/** For each output index the first source index and `width` weights that sum to 1. */
interface Taps {
  readonly width: number;
  readonly first: Int32Array;
  readonly weights: Float32Array;
}

/**
 * Trilinear interpolation of a volume on a grid with parallel axes (see `lpsGrid`), one axis after the other. Where the
 * grid is coarser than the source and `antialias` is set, the triangle grows to the new spacing (a tent filter), so
 * that noise is averaged, not picked. Beyond the edge the last voxel is repeated.
 */
export function resample(source: Volume, grid: VolumeGeometry, antialias: boolean): Float32Array<ArrayBuffer> {
  const volume = reorder(source);
  const [mapX, mapY, mapZ] = axisMaps(volume.geometry, grid);
  if (!mapX || !mapY || !mapZ) throw new RangeError('three axes');
  const [columns, rows, slices] = volume.geometry.shape;
  const [nx, ny, nz] = grid.shape;
  const x = taps(mapX, nx, columns, antialias);
  const y = taps(mapY, ny, rows, antialias);
  const z = taps(mapZ, nz, slices, antialias);

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

/**
 * Weights of the tent around `start + index * step`, folded onto the first and last voxel at the edges. Sampled at voxels
 * a wide tent no longer balances around its centre (0.01 mm at 0.4 to 1 mm): a linear factor puts its centroid back.
 */
function taps(map: { start: number; step: number }, count: number, length: number, antialias: boolean): Taps {
  const radius = antialias ? Math.max(1, Math.abs(map.step)) : 1;
  const width = Math.min(length, Math.ceil(2 * radius) + 1);
  const first = new Int32Array(count);
  const weights = new Float32Array(count * width);
  for (let o = 0; o < count; o++) {
    const center = map.start + o * map.step;
    const low = Math.ceil(center - radius);
    const base = Math.min(Math.max(0, low), length - width);
    first[o] = base;
    const balanced = balancedTent(low - center, Math.floor(center + radius) - low + 1, radius);
    for (const [n, weight] of balanced.entries()) {
      const voxel = Math.min(Math.max(low + n, 0), length - 1);
      const at = o * width + Math.min(Math.max(voxel - base, 0), width - 1);
      weights[at] = (weights[at] ?? 0) + weight;
    }
  }
  return { width, first, weights };
}

/** `count` weights at distances `from`, `from + 1`, … of the centre: sum 1, centroid 0. */
function balancedTent(from: number, count: number, radius: number): number[] {
  const plain = Array.from({ length: count }, (_, n) => tent(from + n, radius));
  const moment = (power: number) => plain.reduce((sum, weight, n) => sum + weight * (from + n) ** power, 0);
  const [m0, m1, m2] = [moment(0), moment(1), moment(2)];
  const determinant = m0 * m2 - m1 * m1;
  if (determinant < 1e-9) return plain.map((weight) => weight / m0);
  return plain.map((weight, n) => (weight * (m2 - m1 * (from + n))) / determinant);
}

const tent = (distance: number, radius: number): number => Math.max(0, 1 - Math.abs(distance) / radius);

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

/** The same volume with its axes in x, y, z order; copies only when the slices are not axial. Signs stay. */
function reorder(volume: Volume): Volume {
  const { order } = lpsOrder(volume.geometry);
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
