import type { ImageRegion, Lesion, LesionMeasurement, Placed } from '../domain/finding.ts';
import type { AnalysedSeries } from '../domain/run.ts';
import { type ImageStack, nearestImage } from '../imaging/image-stack.ts';
import { type LungMask, sideOf } from '../imaging/lung-mask.ts';
import type { Candidate } from './candidate.ts';

/** A nodule at the pleura or the hilum lies outside the mask, but its side is that of the lung beside it. */
const SIDE_REACH_MM = 20;

/**
 * Candidate to Lesion: its size as measured or as the model says, its side, the box on the image nearest to its centre;
 * `stack` places the images of `series`.
 */
export function describeLesion(
  { center, diameterMm: answeredMm, score }: Candidate,
  label: string,
  series: AnalysedSeries,
  stack: ImageStack,
  mask: LungMask | undefined,
  measurement?: LesionMeasurement,
): Lesion & Placed {
  const diameterMm = measurement?.meanDiameterMm ?? answeredMm;
  return {
    center: [center[0], center[1], center[2]],
    diameterMm,
    volumeMm3: measurement?.volumeMm3 ?? (Math.PI / 6) * diameterMm ** 3,
    ...(measurement && { measurement }),
    score,
    label,
    laterality: mask ? sideOf(mask, center, SIDE_REACH_MM) : null,
    SeriesInstanceUID: series.SeriesInstanceUID,
    region: regionOf({ center, diameterMm }, series, stack),
  };
}

/**
 * The box around the cut of the sphere with the nearest image, in SCOORD image coordinates: the index of a pixel is its
 * centre, and the centre of the top left pixel is at (0.5, 0.5). Clipped to the image; at least a pixel wide.
 */
function regionOf(
  { center, diameterMm }: Pick<Candidate, 'center' | 'diameterMm'>,
  series: AnalysedSeries,
  stack: ImageStack,
): ImageRegion {
  const { index, column, row, offMm } = nearestImage(stack, center);
  const image = series.images[index];
  if (!image) throw new RangeError('a stack has the images of its series');
  const { SOPClassUID, SOPInstanceUID, frame = 1 } = image;
  const radiusMm = diameterMm / 2;
  const cutMm = Math.sqrt(Math.max(0, radiusMm * radiusMm - offMm * offMm));
  const [left, right] = span(column, cutMm / stack.spacingMm[0], stack.columns);
  const [top, bottom] = span(row, cutMm / stack.spacingMm[1], stack.rows);
  return { SOPClassUID, SOPInstanceUID, frame, left, top, right, bottom };
}

function span(index: number, reach: number, limit: number): [number, number] {
  const middle = Math.min(Math.max(index + 0.5, 0.5), limit - 0.5);
  const half = Math.max(reach, 0.5);
  return [Math.max(0, middle - half), Math.min(limit, middle + half)];
}
