import { patientPoint, toPatient, type VolumeGeometry, voxelPoint } from '../domain/geometry.ts';
import type { Volume } from '../domain/volume.ts';
import { crop, lpsOrder, type Triple, toVoxel, voxelCount } from './grid.ts';
import { resample } from './resample.ts';

/** A piece of a volume around a point on a grid of its own: voxels of equal sides, axes in LPS order. */
export interface LocalBlock {
  readonly geometry: VolumeGeometry;
  readonly hu: Float32Array;
}

/** Source voxels kept around the piece, so that interpolation at its border has neighbours. */
const MARGIN_VOXELS = 3;

/**
 * Interpolates the cube of `reachMm` to each side of a point; `undefined` when the point lies outside the volume. What
 * lies beyond the volume is left out, so the block may be smaller. Cost follows the block, not the volume.
 */
export function localBlock(volume: Volume, center: Triple, reachMm: number, voxelMm: number): LocalBlock | undefined {
  const source = volume.geometry;
  const middle = toVoxel(source, center);
  if (middle.some((index, a) => index < -0.5 || index > (source.shape[a] ?? 1) - 0.5)) return undefined;
  const around = (sign: 1 | -1) =>
    middle.map((index, a) => {
      const mm = source.spacingMm[a] ?? 1;
      const at = Math.round(index + sign * (reachMm / mm + MARGIN_VOXELS));
      return Math.min(Math.max(at, 0), (source.shape[a] ?? 1) - 1);
    }) as unknown as Triple;
  const piece = cutVolume(volume, around(-1), around(1));
  const geometry = gridAround(piece.geometry, center, reachMm, voxelMm);
  return { geometry, hu: resample(piece, geometry, false) };
}

/** Cells of `voxelMm` whose middle one is at `center`, as far as the source reaches. */
function gridAround(source: VolumeGeometry, center: Triple, reachMm: number, voxelMm: number): VolumeGeometry {
  const { order, signs } = lpsOrder(source);
  const axes = order.map((from, to) => {
    const axis = source.axes[from] ?? source.origin;
    const sign = signs[to] ?? 1;
    return patientPoint(axis[0] * sign, axis[1] * sign, axis[2] * sign);
  });
  const half = Math.ceil(reachMm / voxelMm);
  const count = 2 * half + 1;
  const [i = source.origin, j = source.origin, k = source.origin] = axes;
  const unplaced: VolumeGeometry = {
    shape: [count, count, count],
    origin: patientPoint(0, 0, 0),
    axes: [i, j, k],
    spacingMm: [voxelMm, voxelMm, voxelMm],
  };
  const offset = toPatient(unplaced, voxelPoint(half, half, half));
  const origin = patientPoint(center[0] - offset[0], center[1] - offset[1], center[2] - offset[2]);
  const whole = { ...unplaced, origin };
  const ranges = order.map((from, to) => {
    const step = ((signs[to] ?? 1) * voxelMm) / (source.spacingMm[from] ?? 1);
    const start = toVoxel(source, origin)[from] ?? 0;
    const ends = [-0.5, (source.shape[from] ?? 1) - 0.5].map((edge) => (edge - start) / step);
    return [Math.max(0, Math.ceil(Math.min(...ends))), Math.min(count - 1, Math.floor(Math.max(...ends)))] as const;
  });
  const [x = [0, 0], y = [0, 0], z = [0, 0]] = ranges;
  return crop(whole, [x[0], y[0], z[0]], [x[1], y[1], z[1]]);
}

function cutVolume({ geometry, voxels }: Volume, from: Triple, to: Triple): Volume {
  const piece = crop(geometry, from, to);
  const [nx, ny, nz] = piece.shape;
  const [columns, rows] = geometry.shape;
  const out = voxels instanceof Int16Array ? new Int16Array(voxelCount(piece)) : new Float32Array(voxelCount(piece));
  for (let k = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      const start = ((k + from[2]) * rows + j + from[1]) * columns + from[0];
      out.set(voxels.subarray(start, start + nx), (k * ny + j) * nx);
    }
  }
  return { geometry: piece, voxels: out };
}

/** Visits the voxels of a ball around a voxel position. */
export function forBall(
  block: Pick<LocalBlock, 'geometry'>,
  at: Triple,
  radiusMm: number,
  visit: (index: number, mm: number) => void,
): void {
  const [nx, ny, nz] = block.geometry.shape;
  const mm = block.geometry.spacingMm[0];
  const reach = Math.ceil(radiusMm / mm);
  const low = (a: 0 | 1 | 2) => Math.max(0, Math.floor(at[a]) - reach);
  const high = (a: 0 | 1 | 2, count: number) => Math.min(count - 1, Math.ceil(at[a]) + reach);
  for (let k = low(2); k <= high(2, nz); k++) {
    for (let j = low(1); j <= high(1, ny); j++) {
      for (let i = low(0); i <= high(0, nx); i++) {
        const distance = mm * Math.hypot(i - at[0], j - at[1], k - at[2]);
        if (distance <= radiusMm) visit((k * ny + j) * nx + i, distance);
      }
    }
  }
}

/** The index of the voxel at a point. */
export function voxelAt({ geometry }: LocalBlock, point: Triple): number {
  const [i, j, k] = toVoxel(geometry, point).map(Math.round) as [number, number, number];
  return (k * geometry.shape[1] + j) * geometry.shape[0] + i;
}

/** The position of a voxel, by its index. */
export function place({ geometry: { shape } }: Pick<LocalBlock, 'geometry'>, index: number): Triple {
  const [nx, ny] = shape;
  return [index % nx, Math.floor(index / nx) % ny, Math.floor(index / (nx * ny))];
}
