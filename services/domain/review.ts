import type { ReadingContent, Verdict } from './contract/reading.ts';
import type { Finding } from './finding.ts';

/** A run as review sees it: which of its findings must be decided. */
export interface ReviewedRun {
  readonly runId: string;
  readonly threshold: number;
  readonly findings: readonly Finding[];
}

/** What changed for one finding; `null` where there was, or is, no decision. */
export interface VerdictChange {
  readonly TrackingUID: string;
  readonly before: string | null;
  readonly after: string | null;
}

export const EMPTY_CONTENT: ReadingContent = { verdicts: [], added: [], thresholds: {} };

/** Nothing was said of any lesion. */
export const isUndecided = ({ verdicts, added }: ReadingContent): boolean => verdicts.length + added.length === 0;

/** The display threshold in force: the reader's, or the model's own. */
export const displayThreshold = (content: ReadingContent, { runId, threshold }: ReviewedRun): number =>
  content.thresholds[runId] ?? threshold;

/** Findings at or above the display threshold that have no verdict, or were put off. */
export function openFindings(content: ReadingContent, runs: readonly ReviewedRun[]): readonly Finding[] {
  const decided = new Set(content.verdicts.filter(({ verdict }) => verdict !== 'deferred').map(uidOf));
  return runs.flatMap((run) => {
    const least = displayThreshold(content, run);
    return run.findings.filter(({ score, TrackingUID }) => score >= least && !decided.has(TrackingUID));
  });
}

const uidOf = ({ TrackingUID }: { TrackingUID: string }): string => TrackingUID;

/** "Reject the rest": each open finding rejected without being judged. A deferred one below the threshold stays as it is. */
export function withRestRejected(content: ReadingContent, open: readonly Finding[], at: Date): ReadingContent {
  const rest = new Set(open.map(uidOf));
  const bulk = [...rest].map(
    (TrackingUID): Verdict => ({ TrackingUID, at: at.toISOString(), verdict: 'rejected', reason: null, bulk: true }),
  );
  return { ...content, verdicts: [...content.verdicts.filter((one) => !rest.has(one.TrackingUID)), ...bulk] };
}

/** What one state of a draft says otherwise than the one before, for the account. */
export function verdictChanges(before: ReadingContent, after: ReadingContent): readonly VerdictChange[] {
  const [was, is] = [decisions(before), decisions(after)];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((TrackingUID) => {
    const [one, other] = [was.get(TrackingUID), is.get(TrackingUID)];
    if (one?.whole === other?.whole) return [];
    return [{ TrackingUID, before: one?.word ?? null, after: other?.word ?? null }];
  });
}

function decisions({ verdicts, added }: ReadingContent) {
  return new Map([
    ...verdicts.map((one) => [one.TrackingUID, { word: wordOf(one), whole: JSON.stringify(one) }] as const),
    ...added.map((one) => [one.TrackingUID, { word: 'added', whole: JSON.stringify(one) }] as const),
  ]);
}

function wordOf(verdict: Verdict): string {
  if (verdict.verdict !== 'rejected') return verdict.verdict;
  return verdict.bulk ? 'rejected:rest' : `rejected:${verdict.reason ?? 'none'}`;
}
