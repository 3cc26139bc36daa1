import { type PatientPoint, toPatient, type VolumeGeometry, voxelPoint } from '../domain/geometry.ts';
import { dot, minus, type Triple } from './grid.ts';

/** The images of one volume as they were sent: parallel, of one size, each at its own place. */
export interface ImageStack {
  readonly columns: number;
  readonly rows: number;
  /** Unit vectors along a row, along a column, and from image to image; orthonormal and right-handed. */
  readonly axes: VolumeGeometry['axes'];
  /** Of the pixels of an image. */
  readonly spacingMm: readonly [betweenColumns: number, betweenRows: number];
  /** Centre of the first pixel of each image, rising along the third axis. */
  readonly positions: readonly PatientPoint[];
}

/** Where a point meets the image nearest to it. */
interface OnImage {
  /** Index in the stack. */
  readonly index: number;
  /** Continuous pixel indices; whole numbers are pixel centres, and they may lie outside the image. */
  readonly column: number;
  readonly row: number;
  /** Distance from the plane of the image. */
  readonly offMm: number;
}

export function nearestImage(stack: ImageStack, point: Triple): OnImage {
  const [across, down, normal] = stack.axes;
  const distance = (position: Triple) => Math.abs(dot(minus(point, position), normal));
  const index = stack.positions.reduce(
    (best, position, at) => (distance(position) < distance(stack.positions[best] ?? position) ? at : best),
    0,
  );
  const position = stack.positions[index];
  if (!position) throw new RangeError('a stack has images');
  const offset = minus(point, position);
  return {
    index,
    column: dot(offset, across) / stack.spacingMm[0],
    row: dot(offset, down) / stack.spacingMm[1],
    offMm: distance(position),
  };
}

/** Mean distance of two images along their normal. */
export function meanStepMm({ axes, positions }: ImageStack): number {
  const [first, last] = [positions[0], positions.at(-1)];
  return first && last ? dot(minus(last, first), axes[2]) / Math.max(1, positions.length - 1) : 0;
}

/** Does a point lie between the first and the last image, or at most a step beyond? Behind that nothing was seen. */
export function isWithin(stack: ImageStack, point: Triple): boolean {
  const stepMm = meanStepMm(stack);
  const along = dot(minus(point, stack.positions[0] ?? point), stack.axes[2]);
  return along >= -stepMm && along <= stepMm * stack.positions.length;
}

/** The planes of a grid along its third axis. */
export function planesOf(grid: VolumeGeometry): ImageStack {
  const [columns, rows, count] = grid.shape;
  const positions = Array.from({ length: count }, (_, k) => toPatient(grid, voxelPoint(0, 0, k)));
  return { columns, rows, axes: grid.axes, spacingMm: [grid.spacingMm[0], grid.spacingMm[1]], positions };
}
