import type { ShownAiState } from '../../services/domain/ai-state.ts';
import type { RunSummary, WorklistStudy } from '../../services/domain/contract/worklist.ts';
import type { Reason } from '../../services/domain/reason.ts';

/** What a reader must be able to tell apart at a glance, and the cover of two of them. There is no blank. */
export const AI_STATES = [
  'receiving',
  'waiting',
  'running',
  'findings',
  'none',
  'partial',
  'notAnalysable',
  'failed',
  'outdated',
  'withdrawn',
  'signed',
  'hidden',
] as const satisfies readonly AiState['name'][];

/** What all models together marked. */
interface Found {
  readonly count: number;
  readonly largestMm: number | null;
  readonly topScore: number | null;
  /** Nothing but a flag: every model that marked it only sorts the list. */
  readonly flagOnly: boolean;
}

/** One state with the facts its chip shows. */
export type AiState =
  | {
      readonly name: 'receiving';
      readonly images: number;
      readonly quietSecondsLeft: number | null;
      readonly announced: WorklistStudy['announced'];
    }
  | { readonly name: 'waiting'; readonly since: string; readonly position: number | null }
  | { readonly name: 'running'; readonly since: string; readonly attempt: number; readonly version: string }
  | ({ readonly name: 'findings' } & Found)
  | { readonly name: 'none'; readonly threshold: number; readonly below: number; readonly flagOnly: boolean }
  | ({ readonly name: 'partial'; readonly done: number; readonly models: number; readonly isHidden: boolean } & Found)
  | { readonly name: 'notAnalysable' | 'failed'; readonly reason: Reason | null }
  | { readonly name: 'outdated'; readonly newInstances: number }
  | { readonly name: 'withdrawn'; readonly version: string; readonly at: string }
  | ({ readonly name: 'signed'; readonly reader: string; readonly at: string } & Found)
  | { readonly name: 'hidden' };

export interface RunState {
  readonly state: AiState;
  readonly run: RunSummary | undefined;
}

export function stateOfRun(run: RunSummary): AiState {
  switch (run.state) {
    case 'WAITING':
      return { name: 'waiting', since: run.createdAt, position: run.queuePosition };
    case 'RUNNING':
      return {
        ...{ name: 'running', since: run.startedAt ?? run.createdAt },
        ...{ attempt: run.attempt, version: run.model.version },
      };
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
  if (run.hidden) return { name: 'hidden' };
  const { threshold, belowCount: below, findingCount: count, largestMm, topScore, flagOnly } = run;
  if (run.state === 'NO_FINDINGS') return { name: 'none', threshold, below, flagOnly };
  return { name: 'findings', count, largestMm, topScore, flagOnly };
}

/** What each model has to say; before the first run, how far the study has come. */
export function aiStates(study: WorklistStudy): readonly [RunState, ...RunState[]] {
  const [first, ...others] = study.runs.map((run) => ({ state: stateOfRun(run), run }));
  if (first) return [first, ...others];
  return [{ state: beforeRuns(study), run: undefined }];
}

const beforeRuns = (study: WorklistStudy): AiState =>
  study.receiving
    ? {
        ...{ name: 'receiving', images: study.instanceCount },
        ...{ quietSecondsLeft: study.quietSecondsLeft, announced: study.announced },
      }
    : { name: 'waiting', since: study.lastArrivalAt, position: null };

/** The one state of a row: which one it is the server says, its facts are those of the runs. */
export function studyState(study: WorklistStudy): AiState {
  return FACTS[study.aiState](study);
}

const FACTS: Readonly<Record<ShownAiState, (study: WorklistStudy) => AiState>> = {
  receiving: beforeRuns,
  queued: (study) => ofRun(study, 'WAITING') ?? beforeRuns(study),
  running: (study) => ofRun(study, 'RUNNING') ?? beforeRuns(study),
  notApplicable: (study) => ({ name: 'notAnalysable', reason: study.runs[0]?.reason ?? null }),
  failed: (study) => ({ name: 'failed', reason: study.runs.find(({ state }) => state === 'FAILED')?.reason ?? null }),
  none: ({ runs }) => ({
    name: 'none',
    threshold: Math.min(...runs.filter(({ state }) => state === 'NO_FINDINGS').map(({ threshold }) => threshold)),
    below: sum(runs.map(({ belowCount }) => belowCount)),
    flagOnly: runs.every(({ flagOnly }) => flagOnly),
  }),
  findings: (study) => ({ name: 'findings', ...found(study) }),
  partial: (study) => ({
    name: 'partial',
    done: study.runs.filter(isResult).length,
    models: study.runs.filter(({ state }) => state !== 'NOT_ANALYSABLE').length,
    isHidden: study.runs.some(({ hidden }) => hidden),
    ...found(study),
  }),
  outdated: ({ runs }) => ({
    name: 'outdated',
    newInstances: Math.max(1, ...runs.map(({ newInstances }) => newInstances)),
  }),
  withdrawn: ({ runs, lastArrivalAt }) => {
    const run = runs.find(({ withdrawnAt }) => withdrawnAt !== null);
    return { name: 'withdrawn', version: run?.model.version ?? '?', at: run?.withdrawnAt ?? lastArrivalAt };
  },
  signed: (study) => ({
    ...{ name: 'signed', reader: study.reading?.reader ?? '', at: study.reading?.changedAt ?? study.lastArrivalAt },
    ...found(study),
  }),
  hidden: () => ({ name: 'hidden' }),
};

function ofRun(study: WorklistStudy, state: RunSummary['state']): AiState | undefined {
  const run = study.runs.find((each) => each.state === state);
  return run && stateOfRun(run);
}

const isResult = ({ state }: RunSummary): boolean => state === 'FINDINGS' || state === 'NO_FINDINGS';
const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

function found({ runs }: WorklistStudy): Found {
  const found = runs.filter(({ state, hidden }) => state === 'FINDINGS' && !hidden);
  const marked = found.filter(({ flagOnly }) => !flagOnly);
  const most = (values: readonly (number | null)[]): number | null => {
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? null : Math.max(...known);
  };
  return {
    count: sum(marked.map(({ findingCount }) => findingCount)),
    largestMm: most(marked.map(({ largestMm }) => largestMm)),
    topScore: most(marked.map(({ topScore }) => topScore)),
    flagOnly: found.length > 0 && marked.length === 0,
  };
}
