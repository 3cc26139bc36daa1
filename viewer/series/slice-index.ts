import type { Plane, Point } from '../slice.ts';
import type { ImageSeries } from './image-series.ts';
import { along, cross, dot, minus } from './vector.ts';

/** Position in the series of the image nearest to `point`; `undefined` without geometry. */
export function nearestImage({ images }: ImageSeries, point: Point): number | undefined {
  let best: number | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const [index, { plane }] of images.entries()) {
    if (!plane) return undefined;
    const distance = Math.abs(dot(minus(point, plane.position), cross(plane.row, plane.column)));
    if (distance >= bestDistance) continue;
    best = index;
    bestDistance = distance;
  }
  return best;
}

/** Which image, voxel column or voxel row a plane through `point` cuts, and how many there are. */
export function sliceIndex(
  series: ImageSeries,
  plane: Plane,
  point: Point,
): { readonly index: number; readonly count: number } {
  const first = series.images[0];
  if (plane === 'axial' || !first?.plane) {
    return { index: nearestImage(series, point) ?? 0, count: series.images.length };
  }
  const { position, row, column, spacingMm } = first.plane;
  const offset = minus(point, position);
  const [axis, spacing, count] =
    plane === 'sagittal'
      ? ([row, spacingMm[0], first.Columns] as const)
      : ([column, spacingMm[1], first.Rows] as const);
  const index = Math.round(dot(offset, axis) / spacing);
  return { index: Math.min(count - 1, Math.max(0, index)), count };
}

/** A point on the voxel column or row `index` of a reformat that shows `point` now. */
export function pointOnIndex({ images: [first] }: ImageSeries, plane: Plane, index: number, point: Point): Point {
  if (!first?.plane) return point;
  const { position, row, column, spacingMm } = first.plane;
  const [axis, spacing] = plane === 'sagittal' ? [row, spacingMm[0]] : [column, spacingMm[1]];
  return along(point, axis, index * spacing - dot(minus(point, position), axis));
}
