/** One examination: does it hold an included lesion, and what is the highest score of any mark that counts? */
export interface ScoredExam {
  readonly isPositive: boolean;
  /** `undefined` when nothing was marked: below every score. */
  readonly score: number | undefined;
}

/**
 * Area under the ROC of examinations: how often a positive one has the higher score, a tie counting half. `undefined`
 * unless there are examinations of both kinds.
 */
export function examAuroc(exams: readonly ScoredExam[]): number | undefined {
  const scores = (wanted: boolean) =>
    exams.filter(({ isPositive }) => isPositive === wanted).map(({ score }) => score ?? Number.NEGATIVE_INFINITY);
  const [positives, negatives] = [scores(true), scores(false)];
  if (positives.length === 0 || negatives.length === 0) return undefined;
  const wins = positives.reduce(
    (sum, positive) =>
      sum + negatives.reduce((part, negative) => part + (positive > negative ? 1 : positive === negative ? 0.5 : 0), 0),
    0,
  );
  return wins / (positives.length * negatives.length);
}
