import type { RunDetail } from '../../services/domain/contract/worklist.ts';
import type { Finding } from '../../services/domain/finding.ts';
import { isPlaced, type Placed } from '../../services/domain/finding.ts';
import { type Growth, growthOf } from '../../services/domain/growth.ts';
import { lesionLetter, matchLesions } from '../../services/domain/lesion-match.ts';
import type { Point } from '../slice.ts';

type Lesion = Pick<Finding, 'TrackingUID' | 'index' | 'center' | 'diameterMm' | 'volumeMm3' | 'measurement'>;
type PlacedLesion = Lesion & Placed;

/** A row of the comparison: a lesion then and now, or one without a partner. */
export interface ComparedLesion {
  readonly letter: string;
  readonly now: PlacedLesion | undefined;
  readonly before: PlacedLesion | undefined;
  readonly growth: Growth | undefined;
}

/** Mean diameter and volume, as measured where they were. */
export const measured = ({ measurement, diameterMm, volumeMm3 }: PlacedLesion) => ({
  meanDiameterMm: measurement?.meanDiameterMm ?? diameterMm,
  volumeMm3: measurement?.volumeMm3 ?? volumeMm3,
});

/**
 * Lesions of two studies beside each other: matched ones first, then new ones, then those that are gone. They are matched by
 * where they lie in the patient: one on a single image, which lies nowhere there, is in no row.
 */
export function compareLesions(
  ofNow: readonly Lesion[],
  ofBefore: readonly Lesion[],
  shift: Point,
  days: number | undefined,
): readonly ComparedLesion[] {
  const [now, before] = [ofNow.filter(isPlaced), ofBefore.filter(isPlaced)];
  const { pairs, onlyNow, onlyBefore } = matchLesions(now, before, shift);
  const rows = [
    ...pairs.map((pair) => ({ now: now[pair.now], before: before[pair.before] })),
    ...onlyNow.map((at) => ({ now: now[at], before: undefined })),
    ...onlyBefore.map((at) => ({ now: undefined, before: before[at] })),
  ];
  return rows.map((row, at) => ({
    ...row,
    letter: lesionLetter(at),
    growth: row.now && row.before ? growthOf(measured(row.now), measured(row.before), days) : undefined,
  }));
}

/** The lesions of a run that its own threshold shows. */
export const lesionsOf = (run: RunDetail | undefined): readonly Finding[] =>
  (run?.findings ?? []).filter(({ score }) => score >= (run?.threshold ?? 0));

export const meanDiameter = (lesion: PlacedLesion): number => measured(lesion).meanDiameterMm;
