import type { LoadedModel } from '../../detection/load-model.ts';
import { AppError } from '../../domain/errors.ts';
import { type AnalyzerSettings, benchAnalyzer } from '../bench-analyzer.ts';
import type { SpeedPlan } from '../bench-file.ts';
import type { BenchDataset, BenchScan } from '../dataset.ts';
import { readScanFiles } from '../scan-files.ts';
import type { SpeedMetrics } from '../speed-metrics.ts';
import { matrix } from './matrix.ts';
import { offline } from './offline.ts';
import { server } from './server.ts';
import { singleStream } from './single-stream.ts';
import { runStudy, type Study, type StudyRun } from './study.ts';

export interface SpeedOptions {
  readonly plan: SpeedPlan;
  readonly seed: number;
  readonly pricePerHour: number | undefined;
  readonly settings: AnalyzerSettings;
  readonly signal: AbortSignal;
  readonly progress: (text: string) => void;
  /** Hears of the analyzers, so that their work is known as ours. */
  readonly watch: (cpuSeconds: () => number) => void;
}

/** The scenarios that the plan names, one after another, in warm analyzers; then the matrix. */
export async function measureSpeed(
  model: LoadedModel,
  dataset: BenchDataset,
  options: SpeedOptions,
): Promise<SpeedMetrics> {
  const { plan } = options;
  const studies = await studiesOf(plan, dataset);
  const scenarios = await measureScenarios(model, studies, options);
  const cells = plan.matrix && (await matrix(model.directory, studies, plan.matrix, options));
  const { singleStream: alone, offline: all } = scenarios;
  const perHour = all?.studiesPerHour ?? (alone ? 3600 / alone.endToEnd.mean : undefined);
  return {
    dataset: dataset.about.id,
    studies: studies.length,
    images: studies.reduce((sum, { inputs }) => sum + inputs.length, 0),
    threads: plan.threads,
    workers: plan.workers,
    ...scenarios,
    matrix: cells ?? [],
    pricePerHour: options.pricePerHour ?? null,
    costPer1000Studies: cost(options.pricePerHour, perHour),
  };
}

type Scenarios = Pick<SpeedMetrics, 'provider' | 'singleStream' | 'offline' | 'server'>;

async function measureScenarios(
  model: LoadedModel,
  studies: readonly Study[],
  { plan, seed, signal, settings, progress, watch }: SpeedOptions,
): Promise<Scenarios> {
  const analyzer = benchAnalyzer(model, settings, { workers: plan.workers, threads: plan.threads });
  watch(() => analyzer.usage().cpuSeconds ?? 0);
  const run = (study: Study) => runStudy(analyzer, study, signal);
  try {
    const alone = plan.singleStream ? await singleStream(analyzer, studies, plan.singleStream, signal) : null;
    if (alone) progress(`SingleStream: p95 ${alone.endToEnd.p95.toFixed(2)} s over ${alone.endToEnd.count} runs`);
    const all = plan.offline ? await offline(analyzer, studies, plan.offline.repeats, signal) : null;
    if (all) progress(`Offline: ${all.studiesPerHour.toFixed(0)} studies/hour`);
    const capacity = plan.server ? await capacityOf(alone, all, plan.workers, () => run(studies[0] as Study)) : 0;
    const served = plan.server ? await server(run, studies, { ...plan.server, seed, capacity }) : null;
    if (served)
      progress(`Server: ${served.studiesPerHour?.toFixed(0) ?? 'no'} studies/hour within ${served.boundSeconds} s`);
    return { provider: analyzer.provider ?? null, singleStream: alone, offline: all, server: served };
  } finally {
    await analyzer.close();
  }
}

/** Studies per second of analyzers that are never idle. */
async function capacityOf(
  alone: Scenarios['singleStream'],
  all: Scenarios['offline'],
  workers: number,
  runOne: () => Promise<StudyRun>,
): Promise<number> {
  if (all) return all.studiesPerHour / 3600;
  return workers / (alone ? alone.endToEnd.mean : (await runOne()).endToEnd);
}

const cost = (pricePerHour: number | undefined, studiesPerHour: number | undefined): number | null =>
  pricePerHour === undefined || studiesPerHour === undefined ? null : (pricePerHour * 1000) / studiesPerHour;

async function studiesOf({ scans: wanted, dataset: id }: SpeedPlan, { scans }: BenchDataset): Promise<Study[]> {
  const unknown = wanted?.find((name) => scans.every((scan) => scan.id !== name));
  if (unknown !== undefined) throw new AppError('BENCH_INVALID', `speed: data set ${id} has no scan ${unknown}`);
  const chosen = scans.filter((scan) => (wanted ? wanted.includes(scan.id) : scan.expected === undefined));
  if (chosen.length === 0) throw new AppError('BENCH_INVALID', `speed: data set ${id} has no scan to measure on`);
  return await Promise.all(chosen.map(studyOf));
}

async function studyOf(scan: BenchScan): Promise<Study> {
  const { inputs } = await readScanFiles(scan);
  return { id: scan.id, inputs };
}
