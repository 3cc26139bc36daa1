import type { RunSummary, WorklistStudy } from '../../services/domain/contract/worklist.ts';
import type { Reason } from '../../services/domain/reason.ts';

/** What a reader must be able to tell apart at a glance. There is no blank. */
export const AI_STATES = [
  'receiving',
  'waiting',
  'running',
  'findings',
  'none',
  'notAnalysable',
  'failed',
  'outdated',
] as const satisfies readonly AiState['name'][];

/** One state with the facts its chip shows. */
export type AiState =
  | { readonly name: 'receiving'; readonly images: number; readonly quietSecondsLeft: number | null }
  | { readonly name: 'waiting'; readonly since: string }
  | { readonly name: 'running'; readonly since: string; readonly attempt: number }
  | {
      readonly name: 'findings';
      readonly count: number;
      readonly largestMm: number | null;
      readonly topScore: number | null;
    }
  | { readonly name: 'none'; readonly threshold: number }
  | { readonly name: 'notAnalysable' | 'failed'; readonly reason: Reason | null }
  | { readonly name: 'outdated'; readonly newInstances: number };

export interface RunState {
  readonly state: AiState;
  readonly run: RunSummary | undefined;
}

export function stateOfRun(run: RunSummary): AiState {
  switch (run.state) {
    case 'WAITING':
      return { name: 'waiting', since: run.createdAt };
    case 'RUNNING':
      return { name: 'running', since: run.startedAt ?? run.createdAt, attempt: run.attempt };
    case 'FAILED':
      return { name: 'failed', reason: run.reason };
    case 'NOT_ANALYSABLE':
      return run.newInstances > 0
        ? { name: 'outdated', newInstances: run.newInstances }
        : { name: 'notAnalysable', reason: run.reason };
    default:
      return stateOfResult(run);
  }
}

function stateOfResult(run: RunSummary): AiState {
  if (run.newInstances > 0) return { name: 'outdated', newInstances: run.newInstances };
  if (run.state === 'NO_FINDINGS') return { name: 'none', threshold: run.threshold };
  return { name: 'findings', count: run.findingCount, largestMm: run.largestMm, topScore: run.topScore };
}

/** What a row says: the state of each model's run; before the first run, how far the study has come. */
export function aiStates(study: WorklistStudy): readonly [RunState, ...RunState[]] {
  const [first, ...others] = study.runs.map((run) => ({ state: stateOfRun(run), run }));
  if (first) return [first, ...others];
  const state: AiState = study.receiving
    ? { name: 'receiving', images: study.instanceCount, quietSecondsLeft: study.quietSecondsLeft }
    : { name: 'waiting', since: study.lastArrivalAt };
  return [{ state, run: undefined }];
}
