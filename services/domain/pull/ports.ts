import type { QueryLevel } from '../query.ts';
import type { Answer } from './answer.ts';
import type { FetchBy, PullState } from './pull-state.ts';
import type { Watch } from './watch-file.ts';

type AskBy = Watch['by'];

/** Objects that are wanted of one study: all of it, series, or images of a series. */
export interface FetchRequest {
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID?: string;
  readonly SOPInstanceUIDs?: readonly string[];
  /** SOP Classes of what is wanted; none: not known. */
  readonly SOPClassUIDs: readonly string[];
}

/** Another archive, by whatever way it is asked. */
export interface Archive {
  /** @throws {AppError} PACS_UNREACHABLE, PACS_REFUSED and those of an association. */
  find(by: AskBy, level: Exclude<QueryLevel, 'PATIENT'>, keys: Readonly<Record<string, string>>): AsyncIterable<Answer>;
  /** What comes goes the way of a C-STORE. `onStored`: another object was taken. @throws {AppError} as `find`. */
  fetch(how: FetchBy, request: FetchRequest, onStored: () => void): Promise<void>;
}

/** A study that a query has found. */
export interface FoundStudy {
  readonly StudyInstanceUID: string;
  /** Instances that the peer says of it. */
  readonly announced: number | undefined;
}

/** Why and how studies of a peer are fetched. */
export interface FoundBy {
  readonly peer: string;
  /** Name of the watch or of the rule of priors. */
  readonly by: string;
  readonly how: FetchBy;
  readonly asPrior: boolean;
  /** 1 waits until nothing of 0 is due. */
  readonly rank: 0 | 1;
}

export interface DueStudy extends Pick<FoundBy, 'peer' | 'how'> {
  readonly StudyInstanceUID: string;
  readonly attempts: number;
  readonly unreached: number;
  readonly held: number;
  readonly ask: AskBy;
}

/** How a try has ended. */
export interface FetchOutcome {
  readonly state: PullState;
  readonly expected: number | undefined;
  readonly held: number;
  readonly attempts: number;
  readonly unreached: number;
  readonly sentence: string | undefined;
  /** Seconds until the next try; `undefined`: there is none. */
  readonly againSeconds: number | undefined;
}

export interface PullStore {
  /** The mark of a watch; the first time it is `initial`. */
  watchMark(name: string, initial: Date): Promise<Date>;
  /** All that a query has found, with the new mark, or nothing. */
  saveAnswers(found: FoundBy, studies: readonly FoundStudy[], mark: Date): Promise<void>;
  /** The mark stays. Answers with the failures in a row. */
  watchFailed(name: string, problem: string): Promise<number>;
  /** The next study of a peer, which is `fetching` from then on. */
  nextStudy(peer: string): Promise<(Omit<DueStudy, 'ask'> & { readonly by: string }) | undefined>;
  progress(study: Pick<DueStudy, 'peer' | 'StudyInstanceUID'>, held: number, expected: number): Promise<void>;
  fetched(study: Pick<DueStudy, 'peer' | 'StudyInstanceUID'>, outcome: FetchOutcome): Promise<void>;
  /** Instances by series. */
  heldBySeries(StudyInstanceUID: string): Promise<ReadonlyMap<string, number>>;
  /** Those of the UIDs that are here: stored, or reports of our own. */
  heldInstances(SOPInstanceUIDs: readonly string[]): Promise<ReadonlySet<string>>;
}
