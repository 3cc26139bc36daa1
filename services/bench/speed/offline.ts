import type { BenchAnalyzer } from '../bench-analyzer.ts';
import type { SpeedMetrics } from '../speed-metrics.ts';
import { runStudy, type Study, usageOf } from './study.ts';

/** MLPerf's Offline: all studies are there at once; the pool takes as many as it has analyzers. */
export async function offline(
  analyzer: BenchAnalyzer,
  studies: readonly Study[],
  repeats: number,
  signal: AbortSignal,
): Promise<NonNullable<SpeedMetrics['offline']>> {
  const all = Array.from({ length: repeats }, () => studies).flat();
  const cpuBefore = analyzer.usage().cpuSeconds ?? 0;
  const startedAt = performance.now();
  const runs = await Promise.all(all.map((study) => runStudy(analyzer, study, signal)));
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    studies: runs.length,
    seconds,
    studiesPerHour: (runs.length / seconds) * 3600,
    graphSecondsPerStudy: runs.reduce((sum, { graph }) => sum + graph, 0) / runs.length,
    ...usageOf(analyzer, cpuBefore, runs.length),
  };
}
