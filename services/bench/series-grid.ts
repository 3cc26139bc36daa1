import { AppError } from '../domain/errors.ts';
import type { PointMm, ScanTruth } from '../evaluation/lesion.ts';
import type { ImageHeader } from '../imaging/image-header.ts';

/** The slices of a series in the patient, regular or not: enough to say where a point lies in them. */
export interface SeriesGrid {
  /** By rising position along the normal. */
  readonly slices: readonly { readonly header: ImageHeader; readonly alongMm: number }[];
  readonly row: PointMm;
  readonly column: PointMm;
  readonly normal: PointMm;
}

/** A point in continuous voxels: column, row, and the slice by its distance to the neighbours. */
export interface GridPoint {
  readonly column: number;
  readonly row: number;
  readonly slice: number;
  readonly nearest: ImageHeader;
}

const dot = (a: PointMm, b: PointMm): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/** `undefined` when images lack their place or size: such a series makes no volume for anyone. */
export function seriesGrid(headers: readonly ImageHeader[]): SeriesGrid | undefined {
  const [row, column] = headers[0]?.ImageOrientationPatient ?? [];
  const placed = headers.every(
    ({ ImagePositionPatient, PixelSpacing, Rows, Columns }) => ImagePositionPatient && PixelSpacing && Rows && Columns,
  );
  if (!row || !column || !placed) return undefined;
  const normal: PointMm = [
    row[1] * column[2] - row[2] * column[1],
    row[2] * column[0] - row[0] * column[2],
    row[0] * column[1] - row[1] * column[0],
  ];
  const slices = headers
    .map((header) => ({ header, alongMm: dot(header.ImagePositionPatient ?? [0, 0, 0], normal) }))
    .sort((a, b) => a.alongMm - b.alongMm);
  return { slices, row, column, normal };
}

export function gridPoint({ slices, row, column, normal }: SeriesGrid, point: PointMm): GridPoint | undefined {
  const along = dot(point, normal);
  const above = slices.findIndex(({ alongMm }) => alongMm >= along);
  const high = above < 0 ? slices.length - 1 : Math.max(1, above);
  const [from, to] = [slices[high - 1], slices[high]];
  if (!from || !to) return undefined;
  const part = (along - from.alongMm) / (to.alongMm - from.alongMm || 1);
  const nearest = (part < 0.5 ? from : to).header;
  const [x, y, z] = nearest.ImagePositionPatient ?? [0, 0, 0];
  const offset: PointMm = [point[0] - x, point[1] - y, point[2] - z];
  const [betweenRows, betweenColumns] = nearest.PixelSpacing ?? [1, 1];
  return {
    column: dot(offset, row) / betweenColumns,
    row: dot(offset, column) / betweenRows,
    slice: high - 1 + part,
    nearest,
  };
}

/** Voxels between a point and the nearest face of the volume; negative outside. */
export function faceDistanceVoxels(grid: SeriesGrid, point: PointMm): number {
  return Math.min(...axisDistances(grid, point).map(({ voxels }) => voxels));
}

/** From a point to the nearer of both faces on each axis (column, row, slice), in voxels, and the voxel's size. */
function axisDistances(
  grid: SeriesGrid,
  point: PointMm,
): readonly { readonly voxels: number; readonly sizeMm: number }[] {
  const at = gridPoint(grid, point);
  const [first, last] = [grid.slices[0], grid.slices.at(-1)];
  if (!at || !first || !last) return [{ voxels: Number.NEGATIVE_INFINITY, sizeMm: 1 }];
  const inside = (index: number, count: number) => Math.min(index + 0.5, count - 0.5 - index);
  const [betweenRows = 1, betweenColumns = 1] = at.nearest.PixelSpacing ?? [];
  return [
    { voxels: inside(at.column, at.nearest.Columns), sizeMm: betweenColumns },
    { voxels: inside(at.row, at.nearest.Rows), sizeMm: betweenRows },
    {
      voxels: inside(at.slice, grid.slices.length),
      sizeMm: (last.alongMm - first.alongMm) / Math.max(1, grid.slices.length - 1),
    },
  ];
}

/**
 * A lesion must lie in its images, give or take its radius: outside, the truth is of another series, in another frame
 * (RAS instead of LPS), or in voxels.
 *
 * @throws {AppError} TRUTH_INVALID naming lesion and place.
 */
export function checkTruth(grid: SeriesGrid, { id, lesions }: ScanTruth): void {
  for (const { id: lesion, center, diameterMm = 0 } of lesions) {
    const radiusMm = Math.max(0, diameterMm) / 2;
    if (axisDistances(grid, center).every(({ voxels, sizeMm }) => voxels * sizeMm >= -radiusMm)) continue;
    const place = center.map((mm) => mm.toFixed(1)).join(', ');
    const message = `scan ${id}: lesion ${lesion} at ${place} mm lies outside its images`;
    throw new AppError('TRUTH_INVALID', message, { scan: id });
  }
}
