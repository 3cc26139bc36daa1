import type { ColumnType, Generated } from 'kysely';
import type { FetchBy, PullState } from '../domain/pull/pull-state.ts';

type Nullable<T> = ColumnType<T | null, T | null | undefined, T | null>;

/** A watch of the settings, and how far it has come. */
export interface PullWatchTable {
  name: string;
  startedAt: Generated<Date>;
  /** The beginning of the last query that was answered to its end. */
  mark: Date;
  askedAt: Nullable<Date>;
  answeredAt: Nullable<Date>;
  matches: Generated<number>;
  failures: Generated<number>;
  problem: Nullable<string>;
}

/** A study that was found at a peer. */
export interface PullStudyTable {
  peer: string;
  StudyInstanceUID: string;
  /** The watch, or the rule of priors, that found it. */
  by: string;
  how: FetchBy;
  /** It is not analysed. */
  asPrior: Generated<boolean>;
  /** 1 is fetched when there is nothing of 0. */
  rank: Generated<number>;
  state: Generated<PullState>;
  /** Instances that the peer says of the study; null: it does not. */
  announced: Nullable<number>;
  /** Those of its series; null: not counted yet. */
  expected: Nullable<number>;
  held: Generated<number>;
  attempts: Generated<number>;
  unreached: Generated<number>;
  /** Null: it is not tried again. */
  nextAttemptAt: ColumnType<Date | null, Date | null | undefined, Date | null>;
  sentence: Nullable<string>;
  foundAt: Generated<Date>;
  changedAt: Generated<Date>;
}

/** An arrived study, and whether its priors were asked for. */
export interface PullPriorSearchTable {
  StudyInstanceUID: string;
  rule: string;
  attempts: Generated<number>;
  nextAttemptAt: ColumnType<Date | null, Date | null | undefined, Date | null>;
  doneAt: Nullable<Date>;
  found: Generated<number>;
  sentence: Nullable<string>;
}
