import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { BootstrapOptions } from '../evaluation/bootstrap.ts';
import type { ScoredScan } from '../evaluation/froc.ts';
import { type FrocStatistic, pairedDifference } from '../evaluation/paired-bootstrap.ts';
import type { DatasetMetrics, ScanMetrics } from './accuracy-metrics.ts';
import { gateMetric } from './gate-metric.ts';
import { type Difference, Metrics } from './metrics.ts';

/** How the second run differs from the first, and what could not be compared. */
export interface Comparison {
  readonly differences: readonly Difference[];
  readonly notes: readonly string[];
}

const PAIRED: readonly (readonly [metric: string, statistic: FrocStatistic])[] = [
  ['cpm', 'cpm'],
  ['sens@1', 1],
];
const PLAIN = ['ap@0.1', 'auroc', 'ece', 'sensitivity', 'fpPerScan', 'centerMm'];
const SPEED = ['p50', 'p95', 'graphP95', 'studiesPerHour', 'cpuSeconds', 'rssMb'];

/** @throws {AppError} BENCH_INVALID when the file is no `metrics.json`. */
export async function readMetrics(file: string): Promise<Metrics> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new AppError('BENCH_INVALID', `${file}: cannot be read`, {}, error);
  });
  try {
    return Metrics.parse(JSON.parse(text));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : 'not JSON';
    throw new AppError('BENCH_INVALID', `${file}: no metrics.json of this version\n${why}`, {}, error);
  }
}

/**
 * Differences `after` - `before`, paired by scan where they are of FROC.
 *
 * @throws {AppError} RUNS_NOT_COMPARABLE when no data set is in both, or one was asked something else (rules or truth).
 */
export function compareRuns(before: Metrics, after: Metrics, options: BootstrapOptions): Comparison {
  const notes: string[] = [];
  const differences: Difference[] = [];
  for (const dataset of after.datasets) {
    const other = before.datasets.find(({ id }) => id === dataset.id);
    if (!other?.accuracy || !dataset.accuracy) notes.push(`${dataset.id}: measured in one run only`);
    else differences.push(...datasetDifferences(other, dataset, options));
  }
  for (const { id } of before.datasets)
    if (after.datasets.every((dataset) => dataset.id !== id)) notes.push(`${id}: in the first run only`);
  const speed = speedDifferences(before, after);
  if (typeof speed === 'string') notes.push(speed);
  else differences.push(...speed);
  if (differences.length === 0)
    throw new AppError('RUNS_NOT_COMPARABLE', `nothing was measured in both runs: ${notes.join('; ')}`);
  return { differences, notes };
}

function datasetDifferences(before: DatasetMetrics, after: DatasetMetrics, options: BootstrapOptions): Difference[] {
  if (before.digest !== after.digest)
    throw new AppError('RUNS_NOT_COMPARABLE', `data set ${after.id}: the two runs had other truth or rules`);
  const [a, b] = [scoredScans(before), scoredScans(after)];
  const groups = countedScans(after).map(({ group }) => group);
  const paired = PAIRED.map(([name, statistic]): Difference => {
    const found = pairedDifference(a, b, statistic, { ...options, groups });
    const plain = plainDifference(name, before, after);
    return found ? { ...plain, delta: found.delta, ...found.doubt } : plain;
  });
  return [...paired, ...PLAIN.map((name) => plainDifference(name, before, after))].filter(
    ({ before: one, after: other }) => one !== null || other !== null,
  );
}

function plainDifference(metric: string, before: DatasetMetrics, after: DatasetMetrics): Difference {
  const { accuracy } = gateMetric(metric);
  const value = (dataset: DatasetMetrics) => (dataset.accuracy && accuracy?.(dataset.accuracy)) ?? null;
  return difference(after.id, metric, value(before), value(after));
}

function difference(dataset: string | null, metric: string, before: number | null, after: number | null): Difference {
  const delta = before === null || after === null ? null : after - before;
  return { dataset, metric, before, after, delta, low: null, high: null, p: null };
}

/** By the ids of scans, so that both runs are drawn alike. */
export const scoredScans = (dataset: Pick<DatasetMetrics, 'accuracy'>): ScoredScan[] =>
  countedScans(dataset).map(scoredScan);

const countedScans = ({ accuracy }: Pick<DatasetMetrics, 'accuracy'>): ScanMetrics[] =>
  (accuracy?.scans ?? []).filter(({ counts }) => counts).toSorted((a, b) => (a.id < b.id ? -1 : 1));

const scoredScan = ({ lesions, falseMarks }: ScanMetrics): ScoredScan => ({
  lesions: lesions.map(({ score }) => score),
  falseMarks,
});

function speedDifferences(before: Metrics, after: Metrics): Difference[] | string {
  const [one, other] = [before.speed, after.speed];
  if (!one || !other) return 'speed: measured in one run only, or in none';
  if (before.load.loaded || after.load.loaded) return 'speed: not compared, a machine was loaded';
  const [machine, second] = [before.environment.machineClass, after.environment.machineClass];
  if (machine !== second) return `speed: not compared, measured on ${machine} and on ${second}`;
  return SPEED.map((name) => {
    const { speed } = gateMetric(name);
    return difference(null, name, speed?.(one) ?? null, speed?.(other) ?? null);
  }).filter(({ delta }) => delta !== null);
}
