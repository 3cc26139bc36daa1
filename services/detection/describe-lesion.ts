import type { ImageRegion, Lesion } from '../domain/finding.ts';
import type { VolumeGeometry } from '../domain/geometry.ts';
import type { AnalysedSeries } from '../domain/run.ts';
import { toVoxel } from '../imaging/grid.ts';
import { type LungMask, sideOf } from '../imaging/lung-mask.ts';
import type { Candidate } from './candidate.ts';

/** A nodule at the pleura or the hilum lies outside the mask, but its side is that of the lung beside it. */
const SIDE_REACH_MM = 20;

/** Candidate to Lesion: volume, side and the box on the image nearest to its centre. */
export function describeLesion(
  { center, diameterMm, score }: Candidate,
  label: string,
  series: AnalysedSeries,
  source: VolumeGeometry,
  mask: LungMask | undefined,
): Lesion {
  return {
    center: [center[0], center[1], center[2]],
    diameterMm,
    volumeMm3: (Math.PI / 6) * diameterMm ** 3,
    score,
    label,
    laterality: mask ? sideOf(mask, center, SIDE_REACH_MM) : null,
    SeriesInstanceUID: series.SeriesInstanceUID,
    region: regionOf({ center, diameterMm }, series, source),
  };
}

/**
 * The box around the cut of the sphere with the nearest image, in SCOORD image coordinates: the index of a pixel is its
 * centre, and the centre of the top left pixel is at (0.5, 0.5). Clipped to the image; at least a pixel wide.
 */
function regionOf(
  { center, diameterMm }: Pick<Candidate, 'center' | 'diameterMm'>,
  series: AnalysedSeries,
  source: VolumeGeometry,
): ImageRegion {
  const [i, j, k] = toVoxel(source, center);
  const [columns, rows, slices] = source.shape;
  const slice = Math.min(Math.max(Math.round(k), 0), slices - 1);
  const image = series.images[slice];
  if (!image) throw new RangeError('a volume has an image for each slice');
  const offMm = (k - slice) * source.spacingMm[2];
  const radiusMm = diameterMm / 2;
  const cutMm = Math.sqrt(Math.max(0, radiusMm * radiusMm - offMm * offMm));
  const [left, right] = span(i, cutMm / source.spacingMm[0], columns);
  const [top, bottom] = span(j, cutMm / source.spacingMm[1], rows);
  return { ...image, frame: 1, left, top, right, bottom };
}

function span(index: number, reach: number, limit: number): [number, number] {
  const middle = Math.min(Math.max(index + 0.5, 0.5), limit - 0.5);
  const half = Math.max(reach, 0.5);
  return [Math.max(0, middle - half), Math.min(limit, middle + half)];
}
