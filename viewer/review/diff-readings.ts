import type { GuidelineRecord } from '../../services/domain/contract/guideline-record.ts';
import type { AddedFinding, ReadingContent, Verdict } from '../../services/domain/contract/reading.ts';
import { NOTHING_SAID } from '../../services/domain/guidelines/known-input.ts';
import { addedOf, verdictOf } from './review-state.ts';

/** What one side says of one finding; nothing said is `undefined`. */
type Said = Verdict | AddedFinding | undefined;

export type Side = 'mine' | 'theirs';

/** One finding on which two drafts differ, against the draft both started from. */
export interface Difference {
  readonly TrackingUID: string;
  readonly mine: Said;
  readonly theirs: Said;
  /** Who changed it: where only one did, that one is proposed; where both did, a person decides. */
  readonly proposed: Side | undefined;
}

const saidOf = (content: ReadingContent, TrackingUID: string): Said =>
  verdictOf(content, TrackingUID) ?? addedOf(content, TrackingUID);

/** The same decision, whenever it was taken. */
const sameSaid = (a: Said, b: Said): boolean => decision(a) === decision(b);
const decision = (said: Said): string => (said === undefined ? '' : JSON.stringify({ ...said, at: undefined }, sorted));
const sorted = (_key: string, value: unknown): unknown =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

/** Every finding on which `mine` and `theirs` differ, in the order in which they are met. */
export function diffReadings(
  base: ReadingContent,
  mine: ReadingContent,
  theirs: ReadingContent,
): readonly Difference[] {
  const all = [mine, theirs].flatMap(({ verdicts, added }) => [...verdicts, ...added]);
  const uids = [...new Set(all.map(({ TrackingUID }) => TrackingUID))];
  return uids.flatMap((TrackingUID) => {
    const [was, my, their] = [base, mine, theirs].map((content) => saidOf(content, TrackingUID));
    if (sameSaid(my, their)) return [];
    const [iChanged, theyChanged] = [!sameSaid(was, my), !sameSaid(was, their)];
    const proposed = iChanged && theyChanged ? undefined : iChanged ? 'mine' : 'theirs';
    return [{ TrackingUID, mine: my, theirs: their, proposed }];
  });
}

/** Are two drafts the same decisions? */
export const sameReading = (a: ReadingContent, b: ReadingContent): boolean =>
  diffReadings(a, a, b).length === 0 && besides(a) === besides(b);

/** What is in the record beside decisions; nothing said is the same as nothing kept. */
function besides({ thresholds, guidelines = NOTHING_SAID, comparisons = {} }: ReadingContent): string {
  return JSON.stringify({ thresholds, guidelines, comparisons }, sorted);
}

/**
 * Their draft, with mine for each finding that was chosen so. Display thresholds, inputs of guidelines and comparisons
 * are joined: where both said something, mine counts.
 */
export function mergeReadings(
  mine: ReadingContent,
  theirs: ReadingContent,
  chosen: ReadonlyMap<string, Side>,
): ReadingContent {
  const isMine = ({ TrackingUID }: { readonly TrackingUID: string }) => chosen.get(TrackingUID) === 'mine';
  return {
    verdicts: [...theirs.verdicts.filter((one) => !isMine(one)), ...mine.verdicts.filter(isMine)],
    added: [...theirs.added.filter((one) => !isMine(one)), ...mine.added.filter(isMine)],
    thresholds: { ...theirs.thresholds, ...mine.thresholds },
    guidelines: joined(mine.guidelines, theirs.guidelines),
    comparisons: { ...theirs.comparisons, ...mine.comparisons },
  };
}

const joined = (mine: GuidelineRecord = NOTHING_SAID, theirs: GuidelineRecord = NOTHING_SAID): GuidelineRecord => ({
  patient: { ...theirs.patient, ...mine.patient },
  nodules: { ...theirs.nodules, ...mine.nodules },
  taken: { ...theirs.taken, ...mine.taken },
});
