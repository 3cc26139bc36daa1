import { toPatient, type VolumeGeometry, voxelPoint } from '../../domain/geometry.ts';
import { outOfScope } from '../../imaging/check-image.ts';
import { crop } from '../../imaging/grid.ts';
import { resample } from '../../imaging/resample.ts';
import type { Interpolation } from '../../imaging/sampling-kernel.ts';
import { boundingBox } from '../../imaging/voxel-mask.ts';
import type { PreprocessOp } from '../manifest/preprocess.ts';
import type { WorkingImage } from './working-image.ts';

/**
 * Steps that move the image: each leaves behind a grid that says where its voxels lie, so that what the model answers
 * finds its way back through all of them at once. A grid is the 4x4 affine of voxel to patient, taken apart.
 */

/** In plane; the outer edges stay where they are. */
export function resize(image: WorkingImage, op: PreprocessOp<'resize'>): void {
  const [columns, rows] = image.geometry.shape;
  const factor = op.longSide === undefined ? 1 : op.longSide / Math.max(columns, rows);
  const [height, width] = op.size ?? [
    Math.max(1, Math.round(rows * factor)),
    Math.max(1, Math.round(columns * factor)),
  ];
  place(image, stretched(image.geometry, width, height), op.interpolation);
}

/** The image as large as it fits, and `fill` around it. The whole pixels beside it are halved, the odd one goes behind. */
export function letterbox(image: WorkingImage, op: PreprocessOp<'letterbox'>): void {
  const [columns, rows, slices] = image.geometry.shape;
  const [height, width] = op.size;
  const factor = Math.min(width / columns, height / rows);
  const inner = [Math.max(1, Math.round(columns * factor)), Math.max(1, Math.round(rows * factor))] as const;
  place(image, stretched(image.geometry, inner[0], inner[1]), op.interpolation);
  const [left, top] =
    op.align === 'topLeft' ? [0, 0] : [Math.floor((width - inner[0]) / 2), Math.floor((height - inner[1]) / 2)];
  image.channels = image.channels.map((values) => {
    const framed = new Float32Array(width * height * slices).fill(op.fill);
    for (let row = 0; row < inner[1] * slices; row++) {
      const [j, k] = [row % inner[1], Math.floor(row / inner[1])];
      framed.set(values.subarray(row * inner[0], (row + 1) * inner[0]), (k * height + j + top) * width + left);
    }
    return framed;
  });
  const { geometry } = image;
  const origin = toPatient(geometry, voxelPoint(-left, -top, 0));
  image.geometry = { ...geometry, shape: [width, height, slices], origin };
}

/** The grid of so many voxels in plane between the same outer edges. */
function stretched(grid: VolumeGeometry, width: number, height: number): VolumeGeometry {
  const [columns, rows, slices] = grid.shape;
  const [sx, sy] = [columns / width, rows / height];
  return {
    ...grid,
    shape: [width, height, slices],
    spacingMm: [grid.spacingMm[0] * sx, grid.spacingMm[1] * sy, grid.spacingMm[2]],
    // The edge lies half a voxel before the first centre, on the old grid and on the new one.
    origin: toPatient(grid, voxelPoint((sx - 1) / 2, (sy - 1) / 2, 0)),
  };
}

function place(image: WorkingImage, grid: VolumeGeometry, interpolation: Interpolation): void {
  const { geometry } = image;
  image.channels = image.channels.map((voxels) =>
    resample({ geometry, voxels }, grid, interpolation === 'area', interpolation),
  );
  image.geometry = grid;
}

/**
 * The order of the voxels along one axis turned over; the axis of the grid turns with it.
 *
 * @throws {AppError} NOT_ANALYSABLE with the reason OUT_OF_SCOPE when it depends on a side that the image does not say.
 */
export function flip(image: WorkingImage, { axis, when }: PreprocessOp<'flip'>): void {
  if (when && image.frame?.laterality === undefined) throw outOfScope('ImageLaterality', 'unknown', 'L, R');
  if (when && image.frame?.laterality !== when.laterality) return;
  const a = 'xyz'.indexOf(axis) as 0 | 1 | 2;
  const { geometry } = image;
  const last = geometry.shape[a] - 1;
  const origin = toPatient(geometry, voxelPoint(a === 0 ? last : 0, a === 1 ? last : 0, a === 2 ? last : 0));
  const axes = geometry.axes.map((vector, n) => (n === a ? vector.map((part) => -part) : vector));
  image.geometry = { ...geometry, origin, axes: axes as unknown as VolumeGeometry['axes'] };
  const [nx, ny, nz] = geometry.shape;
  image.channels = image.channels.map((values) => mirrored(values, [nz, ny, nx], [a === 2, a === 1, a === 0]));
}

/** Only the box around what is not zero; an image of nothing else stays as it is. */
export function cropNonzero(image: WorkingImage): void {
  const [values] = image.channels;
  if (!values?.some((value) => value !== 0)) return;
  const { geometry } = image;
  const box = boundingBox(values, geometry.shape, 0, (value) => value !== 0);
  const [nx, ny] = geometry.shape;
  const cropped = crop(geometry, box.from, box.to);
  const [width, height, depth] = cropped.shape;
  image.channels = image.channels.map((voxels) => {
    const out = new Float32Array(width * height * depth);
    for (let row = 0; row < height * depth; row++) {
      const [j, k] = [(row % height) + box.from[1], Math.floor(row / height) + box.from[2]];
      const start = (k * ny + j) * nx + box.from[0];
      out.set(voxels.subarray(start, start + width), row * width);
    }
    return out;
  });
  image.geometry = cropped;
}

/** A copy with the order along some axes turned over; values z, y, x, of one channel after the other. */
export function mirrored(
  values: Float32Array,
  [nz, ny, nx]: readonly [number, number, number],
  [overZ, overY, overX]: readonly [boolean, boolean, boolean],
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(values.length);
  const rows = values.length / nx;
  for (let row = 0; row < rows; row++) {
    const [j, k, c] = [row % ny, Math.floor(row / ny) % nz, Math.floor(row / ny / nz)];
    const from = ((c * nz + (overZ ? nz - 1 - k : k)) * ny + (overY ? ny - 1 - j : j)) * nx;
    const line = values.subarray(from, from + nx);
    out.set(overX ? line.toReversed() : line, row * nx);
  }
  return out;
}
