import type { Point } from '../slice.ts';
import type { ImageSeries } from './image-series.ts';
import { cross, dot, minus } from './vector.ts';

/** Images that are missing between two neighbours: told from their distance, as nothing else knows of them. */
export interface Gap {
  /** Position of the image before the gap. */
  readonly after: number;
  readonly missing: number;
  readonly gapMm: number;
}

/** Less than this is an uneven table, not a missing image. */
const WIDE = 1.5;

export function gapsOf({ images, sliceSpacingMm }: ImageSeries): readonly Gap[] {
  const plane = images[0]?.plane;
  if (!plane || !sliceSpacingMm) return [];
  const normal = cross(plane.row, plane.column);
  return images.flatMap((image, after) => {
    const next = images[after + 1];
    if (!image.plane || !next?.plane) return [];
    const gapMm = Math.abs(dot(minus(next.plane.position, image.plane.position), normal));
    const missing = Math.round(gapMm / sliceSpacingMm) - 1;
    return gapMm > sliceSpacingMm * WIDE && missing > 0 ? [{ after, missing, gapMm }] : [];
  });
}

/** How far a point lies outside of the images, in mm; 0 inside, `undefined` without geometry. */
export function outsideMm({ images, sliceSpacingMm }: ImageSeries, point: Point): number | undefined {
  const [first, last] = [images[0], images.at(-1)];
  if (!first?.plane || !last?.plane) return undefined;
  const { position, row, column, spacingMm } = first.plane;
  const normal = cross(row, column);
  const depths = [0, dot(minus(last.plane.position, position), normal)];
  const half = (sliceSpacingMm ?? first.SliceThickness ?? 0) / 2;
  const beyond = (value: number, low: number, high: number) => Math.max(0, low - value, value - high);
  const offset = minus(point, position);
  const [width, height] = [first.Columns * spacingMm[0], first.Rows * spacingMm[1]];
  return Math.hypot(
    beyond(dot(offset, normal), Math.min(...depths) - half, Math.max(...depths) + half),
    beyond(dot(offset, row), -spacingMm[0] / 2, width - spacingMm[0] / 2),
    beyond(dot(offset, column), -spacingMm[1] / 2, height - spacingMm[1] / 2),
  );
}
