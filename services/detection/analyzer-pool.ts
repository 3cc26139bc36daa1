import type { Log } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';
import type { ModelCheck, ModelCheckRequest } from '../domain/model.ts';
import { type AnalysisAnswer, type AnalysisRequest, AnalyzerMessage } from '../domain/run.ts';
import { childPool, type Heard } from '../isolation/child-pool.ts';
import type { ChildFailures } from '../isolation/killable-child.ts';
import { answerProblem } from './check-answer.ts';

export interface AnalyzerPoolOptions {
  /** File that the child runs. */
  readonly entry: string;
  /** Resident size above which it is killed. */
  readonly memoryMb: number;
  readonly threads: number;
  readonly log: Log;
  /** Analyzers that may use a card, one each where there are as many; the others run on the processor. Default 1. */
  readonly gpuSlots?: number;
  /** The cards, by their numbers. Default 0. */
  readonly gpuDevices?: readonly number[];
  /** The most that a model may say it needs of a card. */
  readonly gpuMemoryMb?: number | undefined;
  /** Analyses at once, each in a child of its own. */
  readonly size: number;
  readonly deadlineSeconds: number;
  /** A child that says nothing for so long, not even that another slice is decoded, hangs. */
  readonly silenceSeconds?: number;
}

type Progress = (stage: string, done: number, total: number) => void;

export interface AnalyzerPool {
  /**
   * Runs one analysis in a warm child; waits for a free one. An aborted `signal` kills it.
   *
   * @throws {AppError} ANALYZER_DIED, ANALYZER_DEADLINE or ANALYZER_INVALID; `detail.reason` is the code of a Reason and
   *   the rest of `detail` its parameters.
   */
  analyze(request: AnalysisRequest, signal: AbortSignal, onProgress?: Progress): Promise<AnalysisAnswer>;
  /**
   * Loads a model in a child, holds its graph against its manifest and runs its self test.
   *
   * @throws {AppError} as `analyze` does; the reason of a model that cannot be used is MODEL_DISABLED.
   */
  check(request: ModelCheckRequest, signal: AbortSignal): Promise<ModelCheck>;
  /** Kills every child; what ran or waited is rejected. */
  close(): Promise<void>;
}

const SILENCE_SECONDS = 120;
const ANALYSES_PER_CHILD = 200;
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** The analyzers of a worker (see `isolation/child-pool.ts`). */
export function analyzerPool({
  threads,
  gpuSlots = 1,
  gpuDevices = [0],
  gpuMemoryMb,
  silenceSeconds = SILENCE_SECONDS,
  ...options
}: AnalyzerPoolOptions): AnalyzerPool {
  const pool = childPool({
    ...options,
    name: 'analyzer',
    args: (slot) => {
      const device = slot < gpuSlots ? gpuDevices[slot % gpuDevices.length] : undefined;
      return [threads, device ?? '', gpuMemoryMb ?? ''].map(String);
    },
    silenceSeconds,
    limits: { lineBytes: MAX_MESSAGE_BYTES, payloadBytes: 0 },
    failures: FAILURES,
    requestsPerChild: ANALYSES_PER_CHILD,
    abortKills: true,
  });
  return {
    analyze: (request, signal, onProgress = () => {}) =>
      pool.run(request, signal, (message) =>
        heardOf(message, request.id, (said) => {
          if (said.type === 'answer') return answered(said.answer, request);
          if (said.type === 'progress') onProgress(said.stage, said.done, said.total);
          return said.type === 'progress' ? { more: true } : undefined;
        }),
      ),
    check: (request, signal) =>
      pool.run(request, signal, (message) =>
        heardOf(message, request.id, (said) => {
          if (said.type === 'checked') return { answer: said.check };
          return said.type === 'progress' ? { more: true } : undefined;
        }),
      ),
    close: pool.close,
  };
}

type Said = Exclude<AnalyzerMessage, { type: 'ready' | 'error' }>;

/** What an analyzer says is untrusted: held against its schema, then against what it was asked. */
function heardOf<Answer>(message: unknown, id: string, take: (said: Said) => Heard<Answer> | undefined): Heard<Answer> {
  const { success, data: said, error } = AnalyzerMessage.safeParse(message);
  if (!success) return { fatal: FAILURES.invalid(error.issues[0]?.message ?? 'not a message') };
  if (said.type === 'ready') return { more: true };
  if (said.id !== id) return { fatal: FAILURES.invalid('the id of another request') };
  if (said.type === 'error') return failed(said);
  return take(said) ?? { fatal: FAILURES.invalid('the answer to another question') };
}

function answered(answer: AnalysisAnswer, request: AnalysisRequest): Heard<AnalysisAnswer> {
  const problem = answerProblem(answer, request);
  return problem === undefined ? { answer } : { fatal: FAILURES.invalid(problem) };
}

function failed({ reason, retryable }: AnalyzerMessage & { type: 'error' }): Heard<never> {
  const detail = { ...reason.params, reason: reason.code };
  const message = `the analysis failed: ${reason.code}`;
  return retryable
    ? { fatal: new AppError('ANALYZER_DIED', message, detail) }
    : { refused: new AppError('ANALYZER_INVALID', message, detail) };
}

const FAILURES: ChildFailures = {
  died: (message, detail) => new AppError('ANALYZER_DIED', message, { ...detail }),
  invalid: (detail) =>
    new AppError('ANALYZER_INVALID', `the analyzer answered outside its contract: ${detail}`, {
      reason: 'INVALID_MODEL_OUTPUT',
      detail: detail.slice(0, 200),
    }),
  late: (message, seconds) => new AppError('ANALYZER_DEADLINE', message, { reason: 'DEADLINE', seconds }),
  busy: () => new AppError('ANALYZER_DIED', 'too many analyses wait', { reason: 'INTERNAL', detail: 'too many wait' }),
};
