import { randomUUID } from 'node:crypto';
import { analyzerPool } from '../detection/analyzer-pool.ts';
import type { LoadedModel } from '../detection/load-model.ts';
import type { Log } from '../domain/context.ts';
import type { AnalysisAnswer, AnalysisInput } from '../domain/run.ts';
import { type ProcessUsage, UsageMeter } from './process-usage.ts';

/** How analyzers are started: the settings of a worker. */
export interface AnalyzerSettings {
  /** File that a child runs: the analyzer that ships. */
  readonly entry: string;
  readonly memoryMb: number;
  readonly deadlineSeconds: number;
  readonly log: Log;
}

interface TimedAnswer {
  readonly answer: AnalysisAnswer;
  /** From handing over the files to the checked answer. */
  readonly seconds: number;
}

/** The analyzers that ship, with one model, and what they use of the machine. */
export interface BenchAnalyzer {
  readonly model: LoadedModel;
  /** @throws {AppError} ANALYZER_DIED, ANALYZER_DEADLINE, ANALYZER_INVALID. */
  analyze(inputs: readonly AnalysisInput[], signal: AbortSignal): Promise<TimedAnswer>;
  usage(): ProcessUsage;
  /** What really ran last. */
  readonly provider: string | undefined;
  readonly pids: readonly number[];
  close(): Promise<void>;
}

export function benchAnalyzer(
  model: LoadedModel,
  settings: AnalyzerSettings,
  { workers, threads }: { readonly workers: number; readonly threads: number },
): BenchAnalyzer {
  const meter = new UsageMeter();
  const last: { provider?: string } = {};
  const pool = analyzerPool({ ...settings, size: workers, threads, log: watching(settings.log, meter) });
  return {
    model,
    async analyze(inputs, signal) {
      const { directory: modelDirectory, modelHash } = model;
      const startedAt = performance.now();
      const answer = await pool.analyze({ id: randomUUID(), modelDirectory, modelHash, inputs: [...inputs] }, signal);
      const seconds = (performance.now() - startedAt) / 1000;
      meter.read(); // now: a child that is replaced takes its figures with it
      if (answer.outcome === 'ANALYSED') last.provider = answer.provider;
      return { answer, seconds };
    },
    usage: () => meter.read(),
    get provider() {
      return last.provider;
    },
    get pids() {
      return meter.pids;
    },
    close: () => pool.close(),
  };
}

/** The pool says in its log which children it starts. */
function watching(log: Log, meter: UsageMeter): Log {
  return {
    info: (event, fields) => {
      if (event === 'analyzer.started') meter.watch(Number(fields?.pid));
      log.info(event, fields);
    },
    warn: (event, fields) => log.warn(event, fields),
    error: (event, error, fields) => log.error(event, error, fields),
    child: (fields) => watching(log.child(fields), meter),
  };
}
