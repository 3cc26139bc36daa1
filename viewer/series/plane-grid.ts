import type { Plane, Point, Slice } from '../slice.ts';
import type { GreyPixels } from './grey-pixels.ts';
import type { ImageSeries } from './image-series.ts';
import type { SeriesImage } from './series-image.ts';
import { along, cross, dot, minus } from './vector.ts';

/** Where the samples of a slice lie: sample (column, row) is at `origin + right * column * step + down * row * step`. */
export interface PlaneGrid {
  readonly origin: Point;
  readonly right: Point;
  readonly down: Point;
  /** Towards the reader or away from it: the direction of a slab. */
  readonly normal: Point;
  /** Millimetres between samples across, down, and from one layer of voxels to the next. */
  readonly stepMm: readonly [right: number, down: number, normal: number];
  readonly columns: number;
  readonly rows: number;
}

/** Voxels of a series: image `k`, column `i`, row `j` of it. */
interface Voxels {
  readonly origin: Point;
  readonly axes: readonly [i: Point, j: Point, k: Point];
  readonly spacingMm: readonly [i: number, j: number, k: number];
  readonly counts: readonly [i: number, j: number, k: number];
}

const IDENTITY = { position: [0, 0, 0], row: [1, 0, 0], column: [0, 1, 0] } as const;

const planeOf = ({ plane, pixelSize }: SeriesImage) =>
  plane ? { ...plane, size: plane.spacingMm } : { ...IDENTITY, size: pixelSize };

/** The voxels between which a plane can be cut; `undefined` where there is an obstacle to a volume. */
export function voxelsOf({ images, obstacle, sliceSpacingMm }: ImageSeries): Voxels | undefined {
  const [first, second] = images;
  if (obstacle !== undefined || !first?.plane || !second?.plane || !sliceSpacingMm) return undefined;
  const { position, row, column, spacingMm } = first.plane;
  const normal = cross(row, column);
  const isAlong = dot(minus(second.plane.position, position), normal) >= 0;
  return {
    origin: position,
    axes: [row, column, isAlong ? normal : [-normal[0], -normal[1], -normal[2]]],
    spacingMm: [...spacingMm, sliceSpacingMm],
    counts: [first.Columns, first.Rows, images.length],
  };
}

/** The grid of the pixels of an image as acquired. */
export function gridOfImage(image: SeriesImage, sliceSpacingMm: number | undefined): PlaneGrid {
  const { position, row, column, size } = planeOf(image);
  return {
    origin: position,
    right: row,
    down: column,
    normal: cross(row, column),
    stepMm: [size[0], size[1], sliceSpacingMm ?? 1],
    columns: image.Columns,
    rows: image.Rows,
  };
}

/** A grid through voxel centres on a reformat, over all of the volume. */
function gridOfReformat(voxels: Voxels, { right, up, normal, focalPoint }: CutPlane): PlaneGrid {
  const down: Point = [-up[0], -up[1], -up[2]];
  const corners = cornersOf(voxels);
  const range = (axis: Point) => {
    const heights = corners.map((corner) => dot(corner, axis));
    return [Math.min(...heights), Math.max(...heights)] as const;
  };
  const step = (axis: Point) =>
    voxels.axes.reduce((sum, voxelAxis, at) => sum + Math.abs(dot(axis, voxelAxis)) * (voxels.spacingMm[at] ?? 0), 0);
  const [[left, rightEnd], [top, bottom]] = [range(right), range(down)];
  const stepMm = [step(right), step(down), step(normal)] as const;
  const onPlane = along(focalPoint, right, left - dot(focalPoint, right));
  return {
    origin: along(onPlane, down, top - dot(focalPoint, down)),
    right,
    down,
    normal,
    stepMm,
    columns: Math.round((rightEnd - left) / stepMm[0]) + 1,
    rows: Math.round((bottom - top) / stepMm[1]) + 1,
  };
}

/** A plane through the volume, as far as its voxels are concerned. */
export type CutPlane = Pick<Slice, 'focalPoint' | 'right' | 'up' | 'normal'> & {
  readonly plane: Plane;
  readonly index: number;
};

/** The samples of a slice; nothing where it cannot be told where they lie. */
export function gridOf(series: ImageSeries, slice: CutPlane): PlaneGrid | undefined {
  const image = series.images[slice.index];
  if (slice.plane === 'axial') return image && gridOfImage(image, series.sliceSpacingMm);
  const voxels = voxelsOf(series);
  return voxels && gridOfReformat(voxels, slice);
}

function cornersOf({ origin, axes, spacingMm, counts }: Voxels): readonly Point[] {
  return [0, 1, 2, 3, 4, 5, 6, 7].map((bits) =>
    axes.reduce<Point>(
      (corner, axis, at) => along(corner, axis, ((bits >> at) & 1) * ((counts[at] ?? 1) - 1) * (spacingMm[at] ?? 0)),
      origin,
    ),
  );
}

/** Fractional column and row of a point on a grid. */
export function onGrid({ origin, right, down, stepMm }: PlaneGrid, point: Point): readonly [number, number] {
  const offset = minus(point, origin);
  return [dot(offset, right) / stepMm[0], dot(offset, down) / stepMm[1]];
}

/** Fractional voxel indices of a point. */
export function voxelAt({ origin, axes, spacingMm }: Voxels, point: Point): Point {
  const offset = minus(point, origin);
  return axes.map((axis, at) => dot(offset, axis) / (spacingMm[at] ?? 1)) as unknown as Point;
}

/** Images that a set of points in the plane of a reformat, or of one image, reaches over: first and last position. */
export function imagesUnder(series: ImageSeries, slice: CutPlane, points: readonly Point[]): readonly [number, number] {
  const voxels = voxelsOf(series);
  if (slice.plane === 'axial' || !voxels) return [slice.index, slice.index];
  const layers = points.map((point) => Math.round(voxelAt(voxels, point)[2]));
  const inside = (layer: number) => Math.min(series.images.length - 1, Math.max(0, layer));
  return [inside(Math.min(...layers)), inside(Math.max(...layers))];
}

export type PixelsOf = (index: number) => GreyPixels | undefined;
