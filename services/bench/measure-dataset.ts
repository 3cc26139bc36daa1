import { dirname, resolve } from 'node:path';
import type { LoadedModel } from '../detection/load-model.ts';
import { AppError } from '../domain/errors.ts';
import type { Mark } from '../evaluation/lesion.ts';
import type { DatasetMetrics } from './accuracy-metrics.ts';
import { analyzeScans, type Progress, type ScanResult } from './analyze-scans.ts';
import { type AnalyzerSettings, type BenchAnalyzer, benchAnalyzer } from './bench-analyzer.ts';
import type { BenchFile } from './bench-file.ts';
import type { BenchDataset, BenchScan } from './dataset.ts';
import { DatasetFile } from './dataset-file.ts';
import { detectedScans } from './detections.ts';
import { loadDataset } from './load-dataset.ts';
import { type AccuracyOptions, type JudgedScan, judgeScans, measureAccuracy, protocolOf } from './measure-accuracy.ts';
import { modelVariant } from './model-variant.ts';
import { readYaml } from './read-yaml.ts';
import { measureRobustness } from './robustness.ts';

/** What finds the lesions: a model that runs here, or marks that were made elsewhere, by series. */
export type BenchSystem =
  | { readonly kind: 'model'; readonly model: LoadedModel }
  | { readonly kind: 'detections'; readonly marks: ReadonlyMap<string, readonly Mark[]> };

export interface DatasetOptions extends AccuracyOptions {
  readonly system: BenchSystem;
  readonly settings: AnalyzerSettings;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  readonly watch: (cpuSeconds: () => number) => void;
}

export interface MeasuredDataset {
  readonly metrics: DatasetMetrics;
  readonly judged: readonly JudgedScan[];
}

type Entry = BenchFile['datasets'][number];

/** Defects of a data set end its measurement, not the run: what was measured before stays, and the verdict says so. */
const DEFECTS: readonly string[] = ['BENCH_DATA_ABSENT', 'BENCH_DATA_INCOMPLETE', 'TRUTH_INVALID', 'MARKS_INVALID'];

/** Everything about one data set, or why there is nothing. `benchFile`: where its path starts from. */
export async function measureDataset(
  benchFile: string,
  entry: Entry,
  options: DatasetOptions,
): Promise<MeasuredDataset> {
  const file = resolve(dirname(benchFile), entry.file);
  const about = await readYaml(file, DatasetFile);
  try {
    return await measured(file, entry, options);
  } catch (error) {
    if (!(error instanceof AppError) || !DEFECTS.includes(error.code)) throw error;
    const isAbsent = error.code === 'BENCH_DATA_ABSENT';
    options.progress(`${about.id} SKIPPED: ${error.code}: ${error.message}`);
    return {
      judged: [],
      metrics: withoutNumbers(about, entry, isAbsent ? 'absent' : 'incomplete', `${error.code}: ${error.message}`),
    };
  }
}

async function measured(file: string, entry: Entry, options: DatasetOptions): Promise<MeasuredDataset> {
  const override = entry.hitRule === undefined ? {} : { hitRule: entry.hitRule };
  const dataset = await loadDataset(file, override);
  const { about } = dataset;
  options.progress(`${about.id}: ${dataset.scans.length} ${about.unit}s`);
  return await withAnalyzer(dataset, options, async (analyze) => {
    const judged = judgeScans(about, await analyze(dataset.scans, about.id), options.plan.marksPerScan);
    const load = ({ root }: { root: string }) => loadDataset(file, { ...override, root });
    const accuracy = measureAccuracy(about, judged, options);
    const failed = judged.filter(({ result }) => result.outcome === 'FAILED');
    const robustness = failed.length > 0 ? [] : await measureRobustness(dataset, judged, load, analyze, options);
    const note =
      failed.length === 0 ? null : `the analysis of ${failed.map(({ result }) => result.scan.id).join(', ')} failed`;
    const metrics = {
      ...withoutNumbers(about, entry, failed.length > 0 ? 'incomplete' : 'measured', note),
      digest: dataset.digest,
      protocol: protocolOf(about, judged, options),
      accuracy,
      robustness,
    };
    return { metrics, judged };
  });
}

type Analyze = (scans: readonly BenchScan[], name: string) => Promise<ScanResult[]>;

/** Marks that are there already need no analyzer; a data set without whole lungs needs a model without its mask. */
async function withAnalyzer<T>(
  { about }: BenchDataset,
  { system, settings, signal, progress, watch }: DatasetOptions,
  use: (analyze: Analyze) => Promise<T>,
): Promise<T> {
  if (system.kind === 'detections') return await use(async (scans) => detectedScans(scans, system.marks));
  const variant = about.lungMask ? undefined : await modelVariant(system.model.directory, { lungMask: false });
  const analyzer: BenchAnalyzer = benchAnalyzer(variant?.model ?? system.model, settings, { workers: 1, threads: 0 });
  watch(() => analyzer.usage().cpuSeconds ?? 0);
  try {
    return await use((scans, name) => analyzeScans(scans, analyzer, signal, (text) => progress(`${name} ${text}`)));
  } finally {
    await analyzer.close();
    await variant?.remove();
  }
}

function withoutNumbers(
  { id, title, kind, license, attribution, split, caution }: DatasetFile,
  { required }: Entry,
  status: DatasetMetrics['status'],
  note: string | null,
): DatasetMetrics {
  return {
    id,
    title,
    kind,
    license,
    attribution: attribution ?? null,
    split,
    caution: caution ?? null,
    required,
    status,
    note,
    digest: null,
    protocol: null,
    accuracy: null,
    robustness: [],
  };
}
