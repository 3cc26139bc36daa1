import { AppError } from '../domain/errors.ts';
import type { HitRule } from './hit-rule.ts';
import type { Mark, ScanTruth, TrueLesion } from './lesion.ts';

/** A lesion that is looked for, with the best mark that found it. */
export interface MatchedLesion {
  readonly lesion: TrueLesion;
  readonly mark: Mark | undefined;
}

/** The marks of one scan after the rules: every mark that was kept is a hit, a false mark, or taken away. */
export interface MatchedScan {
  readonly id: string;
  /** The included lesions, in the order of the truth. */
  readonly lesions: readonly MatchedLesion[];
  readonly falseMarks: readonly Mark[];
  /** Marks beyond the limit of a scan. */
  readonly cut: number;
  /** Further marks on a lesion that a better one found: neither hit nor false. */
  readonly duplicates: number;
  /** Marks inside excluded findings, or where marks do not count. */
  readonly ignored: number;
  /** Marks that found two lesions; the truth overlaps, look at it. */
  readonly shared: number;
}

export interface MatchOptions {
  readonly rule: HitRule;
  /** LUNA16: 100. */
  readonly maxMarks: number;
  /** Where a mark counts at all; default everywhere. */
  readonly counts?: (mark: Mark) => boolean;
}

/**
 * Rules 2 to 5 of LUNA16. An excluded finding takes away false marks only: a mark that also finds an included lesion
 * stays a hit.
 *
 * @throws {AppError} MARKS_INVALID when a mark holds something that is no number.
 */
export function matchMarks({ id, lesions }: ScanTruth, marks: readonly Mark[], options: MatchOptions): MatchedScan {
  for (const mark of marks) check(mark, id);
  const kept = cutMarks(marks, options.maxMarks);
  const counting = options.counts ? kept.filter(options.counts) : kept;
  const finds = (mark: Mark) => (lesion: TrueLesion) => options.rule(mark, lesion);

  const included = lesions.filter((lesion) => lesion.included);
  const excluded = lesions.filter((lesion) => !lesion.included);
  const hitsOf = counting.map((mark) => ({ mark, found: included.filter(finds(mark)) }));
  const matched = included.map((lesion) => {
    const own = hitsOf.filter(({ found }) => found.includes(lesion)).map(({ mark }) => mark);
    return { lesion, mark: own.reduce<Mark | undefined>(better, undefined), hits: own.length };
  });
  const misses = hitsOf.filter(({ found }) => found.length === 0).map(({ mark }) => mark);
  const falseMarks = misses.filter((mark) => !excluded.some(finds(mark)));
  return {
    id,
    lesions: matched.map(({ lesion, mark }) => ({ lesion, mark })),
    falseMarks,
    cut: marks.length - kept.length,
    duplicates: matched.reduce((sum, { hits }) => sum + Math.max(0, hits - 1), 0),
    ignored: kept.length - counting.length + misses.length - falseMarks.length,
    shared: hitsOf.filter(({ found }) => found.length > 1).length,
  };
}

const better = (best: Mark | undefined, mark: Mark): Mark => (best && best.score >= mark.score ? best : mark);

/**
 * At most `most` marks of a scan: when there are more, those whose score is strictly greater than that of the one after
 * the last, so that a tie at the cut drops all of its marks (rule 2).
 */
function cutMarks(marks: readonly Mark[], most: number): readonly Mark[] {
  if (marks.length <= most) return marks;
  const beyond = marks.map(({ score }) => score).sort((a, b) => b - a)[most] ?? Number.NEGATIVE_INFINITY;
  return marks.filter(({ score }) => score > beyond);
}

function check({ score, center, diameterMm }: Mark, scan: string): void {
  const isNumber = Number.isFinite(score) && center.every(Number.isFinite);
  if (isNumber && (diameterMm === undefined || (Number.isFinite(diameterMm) && diameterMm > 0))) return;
  throw new AppError('MARKS_INVALID', `scan ${scan}: a mark of score ${score} at ${center.join(', ')} mm`, { scan });
}
