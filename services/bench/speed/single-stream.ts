import { type Latency, latencyOf } from '../../evaluation/latency.ts';
import type { BenchAnalyzer } from '../bench-analyzer.ts';
import type { LatencyMetrics, SpeedMetrics } from '../speed-metrics.ts';
import { meanStages, runStudy, type Study, type StudyRun, usageOf } from './study.ts';

/** The interval of p95 must be narrower than this part of it. */
const SETTLED = 0.05;

/**
 * MLPerf's SingleStream: one study after another, each handed over when the one before is answered. Ends when the 95 %
 * interval of p95 is narrow, or when the time is up and every study was read at least once.
 */
export async function singleStream(
  analyzer: BenchAnalyzer,
  studies: readonly Study[],
  { seconds, warmup }: { readonly seconds: number; readonly warmup: number },
  signal: AbortSignal,
): Promise<NonNullable<SpeedMetrics['singleStream']>> {
  for (let run = 0; run < warmup; run++) for (const study of studies) await runStudy(analyzer, study, signal);
  const cpuBefore = analyzer.usage().cpuSeconds ?? 0;
  const runs: StudyRun[] = [];
  const until = performance.now() + seconds * 1000;
  for (let at = 0; at < studies.length || (performance.now() < until && !isSettled(runs)); at++) {
    const study = studies[at % studies.length];
    if (study) runs.push(await runStudy(analyzer, study, signal));
  }
  const endToEnd = latencyMetrics(runs.map((run) => run.endToEnd));
  const graph = latencyMetrics(runs.map((run) => run.graph));
  return {
    endToEnd,
    graph,
    stages: meanStages(runs),
    graphShare: graph.mean / endToEnd.mean,
    settled: isSettled(runs),
    ...usageOf(analyzer, cpuBefore, runs.length),
  };
}

function isSettled(runs: readonly StudyRun[]): boolean {
  const { p95, p95Interval } = latencyOf(runs.map((run) => run.endToEnd));
  return p95Interval !== undefined && p95Interval[1] - p95Interval[0] < SETTLED * p95;
}

export function latencyMetrics(seconds: readonly number[]): LatencyMetrics {
  const { p95Interval, ...latency }: Latency = latencyOf(seconds);
  return { ...latency, p95Interval: p95Interval ? [...p95Interval] : null };
}
