import { AppError } from '../domain/errors.ts';
import { LUNA16_RATES } from '../evaluation/froc.ts';
import { scoredScan, summarizeFroc } from '../evaluation/froc-summary.ts';
import { pairedDifference } from '../evaluation/paired-bootstrap.ts';
import type { RobustnessCell } from './accuracy-metrics.ts';
import type { ScanResult } from './analyze-scans.ts';
import type { BenchDataset, BenchScan } from './dataset.ts';
import type { Variant } from './dataset-file.ts';
import { type AccuracyOptions, type JudgedScan, judgeScans } from './measure-accuracy.ts';

/**
 * The cells of the grid: the same patients, reconstructed in another way, judged like the data set itself and held
 * against it scan by scan. A scan that is refused counts as missed: an input gate that closes costs sensitivity, and shows.
 */
export async function measureRobustness(
  { about, scans }: BenchDataset,
  base: readonly JudgedScan[],
  load: (variant: Variant) => Promise<BenchDataset>,
  analyze: (scans: readonly BenchScan[], name: string) => Promise<readonly ScanResult[]>,
  options: AccuracyOptions,
): Promise<RobustnessCell[]> {
  const cells: RobustnessCell[] = [];
  for (const variant of about.variants) {
    const { id, axis, value } = variant;
    const named = { id, axis, value };
    const dataset = await load(variant).catch((error: unknown) => {
      if (error instanceof AppError && error.code === 'BENCH_DATA_ABSENT') return error;
      throw error;
    });
    if (dataset instanceof AppError) {
      cells.push({ ...named, status: 'absent', note: dataset.message, scans: 0, refused: 0, cpm: null, delta: null });
      continue;
    }
    checkSameScans(id, scans, dataset.scans);
    const results = await analyze(dataset.scans, `${about.id}/${id}`);
    const judged = judgeScans(about, results, options.plan.marksPerScan).filter(({ counts }) => counts);
    cells.push({ ...named, ...cellOf(base, judged, options) });
  }
  return cells;
}

function cellOf(base: readonly JudgedScan[], judged: readonly JudgedScan[], { plan, seed }: AccuracyOptions) {
  const of = (scans: readonly JudgedScan[], outcome: string) =>
    scans.filter(({ result }) => result.outcome === outcome);
  const counts = { scans: judged.length, refused: of(judged, 'NOT_ANALYSABLE').length };
  const failed = of([...base, ...judged], 'FAILED');
  if (failed.length > 0)
    return {
      status: 'incomplete' as const,
      note: `${failed.length} analyses failed`,
      ...counts,
      cpm: null,
      delta: null,
    };
  const [before, after] = [base.filter((scan) => scan.counts).toSorted(byId), judged.toSorted(byId)];
  const scored = (scans: readonly JudgedScan[]) => scans.map(({ matched }) => scoredScan(matched));
  const options = { samples: plan.bootstraps, seed, groups: after.map(({ result }) => result.scan.group) };
  const summary = summarizeFroc(scored(after), { samples: 0, seed }, LUNA16_RATES);
  const delta = pairedDifference(scored(before), scored(after), 'cpm', options);
  return {
    status: 'measured' as const,
    note: null,
    ...counts,
    cpm: summary?.cpm ?? null,
    delta: delta ? { delta: delta.delta, ...NO_DOUBT, ...delta.doubt } : null,
  };
}

const NO_DOUBT = { low: null, high: null, p: null };

const byId = (a: JudgedScan, b: JudgedScan): number => (a.result.scan.id < b.result.scan.id ? -1 : 1);

function checkSameScans(variant: string, own: readonly BenchScan[], others: readonly BenchScan[]): void {
  const ids = new Set(others.map(({ id }) => id));
  const lost = own.filter(({ id }) => !ids.has(id));
  if (lost.length > 0 || others.length !== own.length)
    throw new AppError(
      'BENCH_DATA_INCOMPLETE',
      `variant ${variant} has not the scans of its data set (${lost[0]?.id ?? 'more'})`,
    );
}
