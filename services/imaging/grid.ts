import {
  type PatientPoint,
  patientPoint,
  toPatient,
  type VolumeGeometry,
  type VoxelPoint,
  voxelPoint,
} from '../domain/geometry.ts';

export type Triple = readonly [number, number, number];

export const dot = (a: Triple, b: Triple): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const norm = (a: Triple): number => Math.sqrt(dot(a, a));
export const minus = (a: Triple, b: Triple): Triple => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const cross = (a: Triple, b: Triple): Triple => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

/** The inverse of `toPatient`: the axes are orthonormal, so it is three projections. */
export function toVoxel({ origin, axes, spacingMm }: VolumeGeometry, point: Triple): VoxelPoint {
  const d = minus(point, origin);
  return voxelPoint(dot(d, axes[0]) / spacingMm[0], dot(d, axes[1]) / spacingMm[1], dot(d, axes[2]) / spacingMm[2]);
}

/** How a grid lies on its source: which source axis becomes its first, second and third, and with which sign. */
export interface AxisOrder {
  readonly order: Triple;
  readonly signs: Triple;
}

/**
 * The grid of the given spacing that a model reads: the axes of the source, turned by the nearest permutation and signs
 * so that i runs to the patient's left, j to the back, k to the head (LPS). It is not rotated: an oblique source stays
 * oblique, and no voxel is interpolated across axes. Both grids have the same centre.
 */
export const lpsGrid = (source: VolumeGeometry, spacingMm: Triple): VolumeGeometry =>
  alignedGrid(source, lpsOrder(source), spacingMm, 'center');

/**
 * A grid on the axes of the source in another order, with the same centre. `center`: its outer edges lie as near to those
 * of the source as whole voxels of `spacingMm` allow. `corner`: the centres of its first and last voxels are those of the
 * source, so its spacing is only near to `spacingMm`.
 */
export function alignedGrid(
  source: VolumeGeometry,
  { order, signs }: AxisOrder,
  spacingMm: Triple,
  align: 'center' | 'corner',
): VolumeGeometry {
  const axes = order.map((from, to) => scaled(source.axes[from] ?? [0, 0, 0], signs[to] ?? 1));
  const sides = order.map((from, to) => {
    const [count, sourceMm, wanted] = [source.shape[from] ?? 1, source.spacingMm[from] ?? 1, spacingMm[to] ?? 1];
    const voxels = Math.max(1, Math.round((count * sourceMm) / wanted + 1e-6));
    const isStretched = align === 'corner' && voxels > 1 && count > 1;
    return { voxels, mm: isStretched ? (sourceMm * (count - 1)) / (voxels - 1) : wanted };
  });
  const center = toPatient(source, voxelPoint(...centerOf(source.shape)));
  const grid = (origin: PatientPoint): VolumeGeometry => ({
    shape: [sides[0]?.voxels ?? 1, sides[1]?.voxels ?? 1, sides[2]?.voxels ?? 1],
    origin,
    axes: [axes[0] ?? center, axes[1] ?? center, axes[2] ?? center],
    spacingMm: [sides[0]?.mm ?? 1, sides[1]?.mm ?? 1, sides[2]?.mm ?? 1],
  });
  const unplaced = grid(patientPoint(0, 0, 0));
  const toCenter = toPatient(unplaced, voxelPoint(...centerOf(unplaced.shape)));
  return grid(patientPoint(...minus(center, toCenter)));
}

/** Which source axis becomes x, y, z (LPS), and with which sign. */
export function lpsOrder({ axes }: VolumeGeometry): AxisOrder {
  const free = new Set([0, 1, 2]);
  const order = [0, 0, 0];
  const signs = [1, 1, 1];
  // The axis that lies closest to a patient axis chooses first.
  const pairs = [0, 1, 2]
    .flatMap((from) => [0, 1, 2].map((to) => ({ from, to, along: axes[from]?.[to] ?? 0 })))
    .sort((a, b) => Math.abs(b.along) - Math.abs(a.along));
  const taken = new Set<number>();
  for (const { from, to, along } of pairs) {
    if (!free.has(from) || taken.has(to)) continue;
    free.delete(from);
    taken.add(to);
    order[to] = from;
    signs[to] = along < 0 ? -1 : 1;
  }
  return { order: [order[0] ?? 0, order[1] ?? 1, order[2] ?? 2], signs: [signs[0] ?? 1, signs[1] ?? 1, signs[2] ?? 1] };
}

/** The part of a grid between two voxel indices, both included. */
export function crop(grid: VolumeGeometry, from: Triple, to: Triple): VolumeGeometry {
  return {
    ...grid,
    shape: [to[0] - from[0] + 1, to[1] - from[1] + 1, to[2] - from[2] + 1],
    origin: toPatient(grid, voxelPoint(...from)),
  };
}

export const voxelCount = ({ shape }: VolumeGeometry): number => shape[0] * shape[1] * shape[2];

const centerOf = (shape: Triple): Triple => [(shape[0] - 1) / 2, (shape[1] - 1) / 2, (shape[2] - 1) / 2];
const scaled = (a: Triple, by: number): PatientPoint => patientPoint(a[0] * by, a[1] * by, a[2] * by);

/**
 * How the index of one grid follows from that of another along the same axis: `source = start + index * step`.
 * The axes of both must be parallel, in the same order; a flip gives a negative step.
 */
export function axisMaps(source: VolumeGeometry, grid: VolumeGeometry): readonly { start: number; step: number }[] {
  const origin: VoxelPoint = toVoxel(source, grid.origin);
  return [0, 1, 2].map((a) => {
    const along = dot(source.axes[a] ?? grid.origin, grid.axes[a] ?? grid.origin);
    if (Math.abs(Math.abs(along) - 1) > 1e-6) throw new RangeError('the axes of both grids must be parallel');
    return {
      start: origin[a] ?? 0,
      step: (Math.sign(along) * (grid.spacingMm[a] ?? 1)) / (source.spacingMm[a] ?? 1),
    };
  });
}
