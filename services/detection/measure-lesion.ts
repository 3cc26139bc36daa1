import type { LesionMeasurement } from '../domain/finding.ts';
import type { PatientPoint, VolumeGeometry } from '../domain/geometry.ts';
import type { Volume } from '../domain/volume.ts';
import { type Axis, lesionAxes } from '../imaging/lesion-axes.ts';
import { densityOf } from '../imaging/lesion-density.ts';
import type { LungMask } from '../imaging/lung-mask.ts';
import { farFromLung } from '../imaging/lung-proximity.ts';
import { type PleuraDistance, pleuraDistance } from '../imaging/pleura-distance.ts';
import { type LesionRegion, segmentLesion } from '../imaging/segment-lesion.ts';
import type { Candidate } from './candidate.ts';

/** Measures marks of one study; `undefined` for one that does not stand out from the lung. */
export type LesionRuler = (mark: Pick<Candidate, 'center' | 'diameterMm'>) => LesionMeasurement | undefined;

/** Air farther from the lungs than this is not lung: stomach, bowel, outside the body. */
const NEAR_LUNG_MM = 4;
/**
 * A region so much smaller or larger than the mark is not what was marked. Only of masses a detector may know no more than
 * a part.
 */
const PLAUSIBLE = { least: 0.4, most: 2.5, mostOfMass: 5, massMm: 15 };

/** A ruler for lesions in lung. */
export function lungRuler(volume: Volume, mask: LungMask | undefined): LesionRuler {
  const { grow, measure } = lungSegmenter(volume, mask);
  return ({ center, diameterMm }) => {
    const region = grow(center, diameterMm);
    const measurement = region && measure(region, center);
    const ratio = (measurement?.meanDiameterMm ?? 0) / diameterMm;
    const most = diameterMm < PLAUSIBLE.massMm ? PLAUSIBLE.most : PLAUSIBLE.mostOfMass;
    return ratio < PLAUSIBLE.least || ratio > most ? undefined : measurement;
  };
}

/** Grows a lesion from a mark, and measures what has grown. */
export interface LungSegmenter {
  grow(center: PatientPoint, diameterMm: number): LesionRegion | undefined;
  measure(region: LesionRegion, center: PatientPoint): LesionMeasurement | undefined;
}

/** For one study: what does not depend on the lesion is worked out once, and only when it is needed. */
export function lungSegmenter(volume: Volume, mask: LungMask | undefined): LungSegmenter {
  const known: { toPleura?: PleuraDistance } = {};
  const toPleura = (center: PatientPoint, radiusMm: number): number | null => {
    if (!mask) return null;
    known.toPleura ??= pleuraDistance(mask);
    return rounded(Math.max(0, known.toPleura(center) - radiusMm), 1);
  };
  const away = mask && ((grid: VolumeGeometry) => farFromLung(mask, grid, NEAR_LUNG_MM));

  const measure = (region: LesionRegion, center: PatientPoint): LesionMeasurement | undefined => {
    const axes = lesionAxes(region);
    if (!axes) return undefined;
    const { long, short } = axes;
    const meanDiameterMm = (long.lengthMm + short.lengthMm) / 2;
    const { meanHu, density, solidMm } = densityOf(region);
    return {
      longAxisMm: rounded(long.lengthMm, 2),
      shortAxisMm: rounded(short.lengthMm, 2),
      meanDiameterMm: rounded(meanDiameterMm, 2),
      volumeMm3: rounded(region.voxels * region.block.geometry.spacingMm[0] ** 3, 1),
      longAxis: ends(long),
      shortAxis: ends(short),
      meanHu: Math.round(meanHu),
      density,
      solidMm: density === 'partSolid' ? rounded(solidMm, 1) : null,
      pleuraMm: toPleura(center, meanDiameterMm / 2),
    };
  };
  return { grow: (center, diameterMm) => segmentLesion(volume, center, diameterMm, away), measure };
}

const ends = ({ from, to }: Axis): LesionMeasurement['longAxis'] => [point(from), point(to)];
const point = ([x, y, z]: PatientPoint): [number, number, number] => [rounded(x, 2), rounded(y, 2), rounded(z, 2)];

function rounded(value: number, decimals: number): number {
  const scale = 10 ** decimals;
  return Math.round(value * scale) / scale;
}
