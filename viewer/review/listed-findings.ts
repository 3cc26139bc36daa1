import type { ReadingContent, ReadLesion } from '../../services/domain/contract/reading.ts';
import type { Finding } from '../../services/domain/finding.ts';
import { type FindingState, stateOf, verdictOf } from './review-state.ts';

/** A lesion with its identity, whoever named it. */
export interface NamedLesion extends ReadLesion {
  readonly TrackingUID: string;
}

/** A finding as a reader sees it: with what was edited, and those that a reader added, which have no score. */
export interface ListedFinding extends NamedLesion {
  readonly index: number;
  readonly score: number | undefined;
  readonly state: FindingState;
}

export interface Listed {
  readonly shown: readonly ListedFinding[];
  readonly hidden: number;
}

/**
 * What a display threshold leaves on the list. A finding that a reader has taken over stays, however low its score: it
 * will be signed. Lesions that were added come last and go on with the numbers.
 */
export function listedFindings(findings: readonly Finding[], content: ReadingContent, threshold: number): Listed {
  const all = findings.map((finding): ListedFinding => {
    const verdict = verdictOf(content, finding.TrackingUID);
    const state = stateOf(content, finding.TrackingUID);
    return verdict?.verdict === 'edited' ? { ...finding, ...verdict.lesion, state } : { ...finding, state };
  });
  const shown = all.filter(({ score, state }) => (score ?? 1) >= threshold || isTaken(state));
  const last = Math.max(0, ...findings.map(({ index }) => index));
  const added = content.added.map(
    ({ TrackingUID, lesion }, at): ListedFinding => ({
      ...lesion,
      TrackingUID,
      index: last + 1 + at,
      score: undefined,
      state: 'added',
    }),
  );
  return { shown: [...shown, ...added], hidden: all.length - shown.length };
}

const isTaken = (state: FindingState): boolean => state === 'accepted' || state === 'edited' || state === 'added';

/** How many of the list are in each state; deferred counts as still to be decided. */
export const openOf = (listed: readonly ListedFinding[]): readonly ListedFinding[] =>
  listed.filter(({ state }) => state === 'unreviewed' || state === 'deferred');

/** The lesion alone, as it is sent and edited. */
export function lesionOf(finding: ListedFinding): ReadLesion {
  const { TrackingUID: _uid, index: _index, score: _score, state: _state, ...lesion } = finding;
  return lesion;
}
