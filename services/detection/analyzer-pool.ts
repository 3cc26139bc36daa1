import { AppError } from '../domain/errors.ts';
import type { AnalysisAnswer, AnalysisRequest, AnalyzerMessage } from '../domain/run.ts';
import { type AnalyzerOptions, AnalyzerProcess, died, invalidAnswer } from './analyzer-process.ts';
import { answerProblem } from './check-answer.ts';

export interface AnalyzerPoolOptions extends AnalyzerOptions {
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
  /** Kills every child; what ran or waited is rejected. */
  close(): Promise<void>;
}

const SILENCE_SECONDS = 120;
/** A child is replaced after so many analyses: whatever it leaks ends with it. */
const ANALYSES_PER_CHILD = 200;

interface Task {
  readonly request: AnalysisRequest;
  readonly signal: AbortSignal;
  readonly onProgress: Progress;
  readonly resolve: (answer: AnalysisAnswer) => void;
  readonly reject: (error: unknown) => void;
  /** Listens to `signal` while the task waits. */
  readonly leave: () => void;
}

/** Children start with the first request and stay warm; one that died is replaced by the next request. */
export function analyzerPool(options: AnalyzerPoolOptions): AnalyzerPool {
  const waiting: Task[] = [];
  const idle: AnalyzerProcess[] = [];
  const alive = new Set<AnalyzerProcess>();
  const state = { closed: false };

  const start = (): AnalyzerProcess => {
    const child = new AnalyzerProcess(options);
    alive.add(child);
    void child.exited.then(() => {
      alive.delete(child);
      const at = idle.indexOf(child);
      if (at >= 0) idle.splice(at, 1);
      pump();
    });
    options.log.info('analyzer.started', { pid: child.pid ?? 0 });
    return child;
  };

  const pump = (): void => {
    while (waiting.length > 0 && !state.closed) {
      const child = idle.pop() ?? (alive.size < options.size ? start() : undefined);
      const task = child && waiting.shift();
      if (!task) return;
      task.signal.removeEventListener('abort', task.leave);
      work(child, task, options, () => {
        idle.push(child);
        pump();
      });
    }
  };

  return {
    analyze: (request, signal, onProgress = () => {}) =>
      new Promise((resolve, reject) => {
        if (state.closed) return reject(closedError());
        if (signal.aborted) return reject(signal.reason);
        const leave = () => {
          waiting.splice(waiting.indexOf(task), 1);
          reject(signal.reason);
        };
        const task: Task = { request, signal, onProgress, resolve, reject, leave };
        signal.addEventListener('abort', leave, { once: true });
        waiting.push(task);
        pump();
      }),
    async close() {
      state.closed = true;
      for (const { reject, signal, leave } of waiting.splice(0)) {
        signal.removeEventListener('abort', leave);
        reject(closedError());
      }
      const gone = [...alive].map((child) => child.exited);
      for (const child of alive) child.kill(closedError());
      await Promise.all(gone);
    },
  };
}

const closedError = (): AppError => died('the worker is stopping', { reason: 'INTERNAL', detail: 'worker stopping' });

/** Gives a task to a child and settles it exactly once: by an answer, by the child's end, or by a kill of ours. */
function work(child: AnalyzerProcess, task: Task, options: AnalyzerPoolOptions, free: () => void): void {
  const { request, signal } = task;
  const silenceSeconds = options.silenceSeconds ?? SILENCE_SECONDS;
  const late = (seconds: number, message: string) => () =>
    child.kill(new AppError('ANALYZER_DEADLINE', message, { reason: 'DEADLINE', seconds }));
  const deadline = setTimeout(
    late(options.deadlineSeconds, `the analysis took longer than ${options.deadlineSeconds} s`),
    options.deadlineSeconds * 1000,
  );
  const silence = setTimeout(
    late(silenceSeconds, `the analyzer was silent for ${silenceSeconds} s`),
    silenceSeconds * 1000,
  );
  const abort = () => child.kill(died('the analysis was stopped', { reason: 'INTERNAL', detail: 'stopped' }));
  signal.addEventListener('abort', abort, { once: true });
  const settle = (): void => {
    clearTimeout(deadline);
    clearTimeout(silence);
    signal.removeEventListener('abort', abort);
    child.onMessage = () => {};
    child.onEnd = () => {};
  };

  const done = (message: AnalyzerMessage & { type: 'answer' }): void => {
    const problem = answerProblem(message.answer, request);
    if (problem) {
      child.kill(invalidAnswer(problem));
      return;
    }
    settle();
    child.analyses += 1;
    task.resolve(message.answer);
    if (child.analyses >= ANALYSES_PER_CHILD) child.kill(died('replaced', { reason: 'INTERNAL', detail: 'replaced' }));
    else free();
  };
  const failed = ({ reason, retryable }: AnalyzerMessage & { type: 'error' }): void => {
    const detail = { ...reason.params, reason: reason.code };
    const code = retryable ? 'ANALYZER_DIED' : 'ANALYZER_INVALID';
    const error = new AppError(code, `the analysis failed: ${reason.code}`, detail);
    if (retryable) {
      child.kill(error); // a bug: its memory is no longer to be trusted
      return;
    }
    settle();
    task.reject(error);
    free();
  };

  child.onEnd = (error) => {
    settle();
    task.reject(signal.aborted ? signal.reason : error);
  };
  child.onMessage = (message) => {
    silence.refresh();
    if (message.type === 'ready') return;
    if (message.id !== request.id) return child.kill(invalidAnswer('the id of another request'));
    if (message.type === 'progress') task.onProgress(message.stage, message.done, message.total);
    else if (message.type === 'answer') done(message);
    else failed(message);
  };
  child.send(request);
}
