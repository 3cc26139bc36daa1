import { hitRule } from '../../services/evaluation/hit-rule.ts';
import type { Mark, PointMm, TrueLesion } from '../../services/evaluation/lesion.ts';
import { type MatchedScan, matchMarks } from '../../services/evaluation/match-marks.ts';

/** A nodule of 10 mm unless said otherwise, at x mm on the first axis. */
export function nodule(x: number, more: Partial<TrueLesion> = {}): TrueLesion {
  const place: PointMm = [x, 0, 0];
  return {
    id: `at ${x}`,
    included: true,
    center: place,
    diameterMm: 10,
    box: undefined,
    mask: undefined,
    strata: {},
    ...more,
  };
}

export const mark = (x: number, score: number, diameterMm: number | undefined = 10): Mark => ({
  center: [x, 0, 0],
  score,
  diameterMm,
});

/** One scan judged by LUNA16's rules. */
export const judged = (
  id: string,
  lesions: readonly TrueLesion[],
  marks: readonly Mark[],
  rule = 'luna16',
): MatchedScan => matchMarks({ id, lesions }, marks, { rule: hitRule(rule), maxMarks: 100 });
