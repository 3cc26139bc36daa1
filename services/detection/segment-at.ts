import type { ReadLesion } from '../domain/contract/reading.ts';
import type { LesionMeasurement, Placed } from '../domain/finding.ts';
import { type PatientPoint, patientPoint } from '../domain/geometry.ts';
import type { AnalysedSeries } from '../domain/run.ts';
import { distanceToLung, type LungMask, lungMask } from '../imaging/lung-mask.ts';
import type { Slab } from '../imaging/read-slab.ts';
import { refusal, refusalReason } from '../imaging/refusal.ts';
import type { LesionRegion } from '../imaging/segment-lesion.ts';
import { describeLesion } from './describe-lesion.ts';
import { type LungSegmenter, lungSegmenter } from './measure-lesion.ts';

/** What is there to look at around a point. */
export interface Surroundings extends Slab {
  readonly series: AnalysedSeries;
  /** `undefined` where too little of the lungs is in the slab to find them. */
  readonly mask: LungMask | undefined;
  readonly segmenter: LungSegmenter;
}

/** A nodule at the pleura, or one that fills its lobe, lies outside what is taken for lung. */
const LUNG_REACH_MM = 15;
/** Where the search for its size starts: most nodules, then smaller and larger ones, then masses. */
const STARTS_MM = [8, 6, 10, 4, 14, 25];
/** What is found of a start must be of its order: else the next one is tried. */
const PLAUSIBLE = { least: 0.35, most: 3 };
/** So far at most from the point to the middle of what is found there, beyond its radius. */
const BESIDE_MM = 2;

export function surroundings(slab: Slab, series: AnalysedSeries): Surroundings {
  const mask = lungsIn(slab);
  return { ...slab, series, mask, segmenter: lungSegmenter(slab.volume, mask) };
}

function lungsIn({ volume }: Slab): LungMask | undefined {
  try {
    return lungMask(volume, LUNG_REACH_MM);
  } catch (error) {
    if (refusalReason(error)?.code !== 'LUNG_NOT_FOUND') throw error;
    return undefined;
  }
}

/**
 * The lesion at a point, grown and measured as the marks of a model are. Its middle is that of what was found, from which it
 * is measured once more, so that every point inside gives nearly the same.
 *
 * @throws {AppError} NOT_ANALYSABLE with OUTSIDE_LUNGS, NOTHING_THERE or NO_BORDER.
 */
export function segmentAt(around: Surroundings, point: PatientPoint, label: string): ReadLesion & Placed {
  const { mask, segmenter, series, stack } = around;
  if (mask && distanceToLung(mask, point) > LUNG_REACH_MM) throw refusal('OUTSIDE_LUNGS', { limitMm: LUNG_REACH_MM });
  const first = fromPoint(segmenter, point);
  const center = middleOf(first);
  const again = grown(segmenter, center, first.meanDiameterMm);
  const measurement = 'meanDiameterMm' in again ? { ...again } : first;
  const mark = { center: middleOf(measurement), diameterMm: measurement.meanDiameterMm, score: 0 };
  const { score: _none, ...lesion } = describeLesion({ ...mark, classId: 0 }, label, series, stack, mask, measurement);
  return lesion;
}

type Grown = LesionMeasurement | { readonly reason: 'NOTHING_THERE' | 'NO_BORDER' };

function fromPoint(segmenter: LungSegmenter, point: PatientPoint): LesionMeasurement {
  const tried: Grown[] = [];
  for (const startMm of STARTS_MM) {
    const found = grown(segmenter, point, startMm);
    if ('meanDiameterMm' in found && isAt(found, point)) return found;
    tried.push(found);
  }
  const isEndless = tried.some((found) => 'reason' in found && found.reason === 'NO_BORDER');
  throw refusal(isEndless ? 'NO_BORDER' : 'NOTHING_THERE', {});
}

function grown(segmenter: LungSegmenter, center: PatientPoint, diameterMm: number): Grown {
  const region = segmenter.grow(center, diameterMm);
  if (!region) return { reason: 'NOTHING_THERE' };
  if (reachesEdge(region)) return { reason: 'NO_BORDER' };
  const measurement = segmenter.measure(region, center);
  const ratio = (measurement?.meanDiameterMm ?? 0) / diameterMm;
  if (!measurement || ratio < PLAUSIBLE.least) return { reason: 'NOTHING_THERE' };
  return ratio > PLAUSIBLE.most ? { reason: 'NO_BORDER' } : measurement;
}

/** What reaches the edge of the block it was grown in goes on beyond it. */
function reachesEdge({ block: { geometry }, inside }: LesionRegion): boolean {
  const [nx, ny, nz] = geometry.shape;
  return inside.some((value, at) => {
    if (value === 0) return false;
    const [i, j, k] = [at % nx, Math.floor(at / nx) % ny, Math.floor(at / (nx * ny))];
    return i === 0 || j === 0 || k === 0 || i === nx - 1 || j === ny - 1 || k === nz - 1;
  });
}

/** Is the point in the lesion, or at its edge? A vessel near by is not what was meant. */
function isAt({ meanDiameterMm, ...axes }: LesionMeasurement, point: PatientPoint): boolean {
  const [x, y, z] = middleOf(axes);
  return Math.hypot(x - point[0], y - point[1], z - point[2]) <= meanDiameterMm / 2 + BESIDE_MM;
}

/** Of the ends of both axes. */
function middleOf({ longAxis, shortAxis }: Pick<LesionMeasurement, 'longAxis' | 'shortAxis'>): PatientPoint {
  const ends = [...longAxis, ...shortAxis];
  const mean = (a: 0 | 1 | 2) => Math.round((ends.reduce((sum, end) => sum + end[a], 0) / ends.length) * 100) / 100;
  return patientPoint(mean(0), mean(1), mean(2));
}
