import type { RunDetail } from '../../services/domain/contract/worklist.ts';
import type { Finding } from '../../services/domain/finding.ts';
import { type Growth, growthOf } from '../../services/domain/growth.ts';
import { lesionLetter, matchLesions } from '../../services/domain/lesion-match.ts';
import type { Point } from '../slice.ts';

type Lesion = Pick<Finding, 'TrackingUID' | 'index' | 'center' | 'diameterMm' | 'volumeMm3' | 'measurement'>;

/** A row of the comparison: a lesion then and now, or one without a partner. */
export interface ComparedLesion {
  readonly letter: string;
  readonly now: Lesion | undefined;
  readonly before: Lesion | undefined;
  readonly growth: Growth | undefined;
}

/** Mean diameter and volume, as measured where they were. */
export const measured = ({ measurement, diameterMm, volumeMm3 }: Lesion) => ({
  meanDiameterMm: measurement?.meanDiameterMm ?? diameterMm,
  volumeMm3: measurement?.volumeMm3 ?? volumeMm3,
});

/** Lesions of two studies beside each other: matched ones first, then new ones, then those that are gone. */
export function compareLesions(
  now: readonly Lesion[],
  before: readonly Lesion[],
  shift: Point,
  days: number | undefined,
): readonly ComparedLesion[] {
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

export const meanDiameter = (lesion: Lesion): number => measured(lesion).meanDiameterMm;
