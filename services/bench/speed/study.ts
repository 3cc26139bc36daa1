import { AppError } from '../../domain/errors.ts';
import { reasonText } from '../../domain/reason.ts';
import type { AnalysisInput, StageSeconds } from '../../domain/run.ts';
import type { Mark } from '../../evaluation/lesion.ts';
import type { BenchAnalyzer } from '../bench-analyzer.ts';
import { gpuMemoryMb } from '../environment.ts';
import { marksOf } from '../marks-of.ts';

/** The files of one study, ready to be analysed again and again. */
export interface Study {
  readonly id: string;
  readonly inputs: readonly AnalysisInput[];
}

/** One analysis with its clocks. */
export interface StudyRun {
  /** Files handed over → checked answer. */
  readonly endToEnd: number;
  /** The graph alone, all tiles. */
  readonly graph: number;
  readonly stages: StageSeconds;
  readonly provider: string;
  readonly marks: readonly Mark[];
}

/** @throws {AppError} BENCH_INVALID when the study is refused: the speed of a refusal is none. */
export async function runStudy(analyzer: BenchAnalyzer, study: Study, signal: AbortSignal): Promise<StudyRun> {
  const { answer, seconds } = await analyzer.analyze(study.inputs, signal);
  if (answer.outcome === 'NOT_ANALYSABLE')
    throw new AppError('BENCH_INVALID', `speed: scan ${study.id} is refused (${reasonText(answer.reason)})`);
  const { graph = 0 } = answer.stageSeconds;
  const marks = marksOf(answer.lesions);
  return { endToEnd: seconds, graph, stages: answer.stageSeconds, provider: answer.provider, marks };
}

/** What an analyzer used for `studies` of them, from a reading before. */
export function usageOf(analyzer: BenchAnalyzer, cpuBefore: number, studies: number) {
  const { cpuSeconds, peakRssMb } = analyzer.usage();
  return {
    cpuSecondsPerStudy: cpuSeconds === undefined || studies === 0 ? null : (cpuSeconds - cpuBefore) / studies,
    peakRssMb: peakRssMb ?? null,
    gpuMemoryMb: gpuMemoryMb(analyzer.pids),
  };
}

/** Mean seconds of each stage, in the order of the first run, and `other`, which no stage covers. */
export function meanStages(runs: readonly StudyRun[]): Record<string, number> {
  const mean = (of: (run: StudyRun) => number) => runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
  const names = Object.keys(runs[0]?.stages ?? {});
  const covered = (run: StudyRun) => Object.values(run.stages).reduce((sum, seconds) => sum + seconds, 0);
  return {
    ...Object.fromEntries(names.map((name) => [name, mean((run) => run.stages[name] ?? 0)])),
    other: Math.max(
      0,
      mean((run) => run.endToEnd - covered(run)),
    ),
  };
}
