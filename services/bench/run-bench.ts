import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { type LoadedModel, loadModel } from '../detection/load-model.ts';
import { AppError } from '../domain/errors.ts';
import type { AnalyzerSettings } from './bench-analyzer.ts';
import { BenchFile } from './bench-file.ts';
import { compareRuns, readMetrics } from './compare-runs.ts';
import { DatasetFile } from './dataset-file.ts';
import { readDetections } from './detections.ts';
import { environment } from './environment.ts';
import { type GalleryItem, pictures, worstCases } from './gallery.ts';
import { gateMetric } from './gate-metric.ts';
import { judgeGates, type Measured } from './gates.ts';
import { loadDataset } from './load-dataset.ts';
import { type LoadProbe, machineProbe, watchLoad } from './machine-load.ts';
import type { Threshold } from './measure-accuracy.ts';
import { type BenchSystem, type DatasetOptions, type MeasuredDataset, measureDataset } from './measure-dataset.ts';
import { Metrics } from './metrics.ts';
import { readYaml } from './read-yaml.ts';
import { measureSpeed } from './speed/measure-speed.ts';
import type { SpeedMetrics } from './speed-metrics.ts';
import { verdictOf } from './verdict.ts';
import { writeOutputs } from './write-outputs.ts';

export interface BenchRequest {
  readonly file: string;
  readonly out: string;
  readonly only: 'accuracy' | 'speed' | undefined;
  /** Instead of that of the file. */
  readonly seed: number | undefined;
  readonly pricePerHour: number | undefined;
  readonly allowLoaded: boolean;
  /** `metrics.json` of the run to compare with. */
  readonly baseline: string | undefined;
  /** Marks in LUNA16's form, instead of running a model. */
  readonly detections: string | undefined;
}

export interface BenchPorts {
  /** The folder of a model by its id. */
  readonly modelDirectory: (id: string) => string;
  readonly settings: AnalyzerSettings;
  readonly signal: AbortSignal;
  readonly progress: (text: string) => void;
  readonly probe?: LoadProbe;
}

/**
 * One run: accuracy on every data set, speed, gates, verdict; writes report, numbers, test results and detections.
 *
 * @throws {AppError} BENCH_INVALID, MODEL_INVALID, RUNS_NOT_COMPARABLE; defects of a data set are in the verdict.
 */
export async function runBench(request: BenchRequest, ports: BenchPorts): Promise<Metrics> {
  const startedAt = new Date();
  const plan = await readYaml(request.file, BenchFile);
  checkGates(plan);
  const baseline = request.baseline === undefined ? undefined : await readMetrics(request.baseline);
  const { system, about } = await systemOf(plan, request, ports);
  const seed = request.seed ?? plan.seed;
  const meters: (() => number)[] = [ownCpuSeconds];
  const watch = watchLoad(ports.probe ?? machineProbe, () => meters.reduce((sum, seconds) => sum + seconds(), 0));
  const options: DatasetOptions = {
    ...ports,
    system,
    seed,
    plan: plan.accuracy,
    thresholds: thresholdsOf(plan, system),
    watch: (cpuSeconds) => meters.push(cpuSeconds),
  };
  const measured: MeasuredDataset[] = [];
  const wanted = request.only === 'speed' ? [] : plan.datasets;
  for (const entry of wanted) measured.push(await measureDataset(request.file, entry, options));
  const speed = await speedOf(plan, request, options);
  const load = { ...watch.stop(), allowed: request.allowLoaded };

  const machine = environment();
  const numbers: Measured = {
    datasets: measured.map(({ metrics }) => metrics),
    speed,
    load,
    machineClass: machine.machineClass,
  };
  const reference = baseline && { ...baseline, machineClass: baseline.environment.machineClass };
  const leftOut = request.only === undefined ? undefined : request.only === 'speed' ? 'accuracy' : 'speed';
  const gates = judgeGates(plan.gates, numbers, { reference, leftOut });
  const metrics = Metrics.parse({
    kind: 'overread-bench',
    schemaVersion: '1.0',
    startedAt: startedAt.toISOString(),
    seconds: (Date.now() - startedAt.getTime()) / 1000,
    verdict: verdictOf(numbers.datasets, gates, load),
    bench: { file: basename(request.file), sha256: sha256(await readFile(request.file)), seed },
    system: about,
    environment: machine,
    load,
    datasets: [...numbers.datasets],
    speed,
    gates,
    baseline: null,
  } satisfies Metrics);
  const compared = baseline ? { ...metrics, baseline: comparisonOf(baseline, metrics, plan, seed) } : metrics;
  const gallery = await galleryOf(measured, options);
  const marks = measured.flatMap(({ judged }) => judged.flatMap(({ result }) => seriesMarks(result)));
  await writeOutputs(request.out, { metrics: compared, gallery, baseline }, marks);
  return compared;
}

/** Every name of a gate is known before hours are spent. */
function checkGates({ gates }: BenchFile): void {
  for (const { metric } of gates) gateMetric(metric);
}

async function systemOf(plan: BenchFile, { detections, file }: BenchRequest, { modelDirectory }: BenchPorts) {
  if (detections !== undefined) {
    const marks = await readDetections(detections);
    const hash = sha256(await readFile(detections));
    const about = {
      kind: 'detections',
      id: basename(detections),
      version: null,
      title: `Detections of ${basename(detections)}`,
      hash,
      label: null,
    } as const;
    return { system: { kind: 'detections', marks } satisfies BenchSystem, about };
  }
  if (plan.model === undefined)
    throw new AppError('BENCH_INVALID', `${file} names no model, and there are no detections`);
  const directory = plan.model.includes('/') ? resolve(dirname(file), plan.model) : modelDirectory(plan.model);
  const model = await loadModel(directory);
  await checkPlaces(plan, file, model.manifest);
  const { id, version, title, card } = model.manifest;
  const about = { kind: 'model', id, version, title, hash: model.modelHash, label: card.label } as const;
  return { system: { kind: 'model', model } satisfies BenchSystem, about };
}

/** Marks of a model for single images lie nowhere in the patient, and those of others on no single image: every rate would be zero. */
async function checkPlaces(
  { datasets }: BenchFile,
  file: string,
  { id: model, dims }: LoadedModel['manifest'],
): Promise<void> {
  const wanted = dims === '2d' ? 'images' : 'patient';
  for (const entry of datasets) {
    const { id, marksOn } = await readYaml(resolve(dirname(file), entry.file), DatasetFile);
    if (marksOn === wanted) continue;
    const reads = wanted === 'images' ? 'single images' : 'series';
    throw new AppError('BENCH_INVALID', `${model} reads ${reads}, data set ${id} says marksOn: ${marksOn}`);
  }
}

function thresholdsOf({ accuracy }: BenchFile, system: BenchSystem): Threshold[] {
  const points = system.kind === 'model' ? system.model.manifest.operatingPoints : [];
  return [
    ...points.map(({ id, threshold, default: isDefault = false }) => ({ id, threshold, isDefault })),
    ...accuracy.thresholds.map((threshold) => ({ id: `score ${threshold}`, threshold, isDefault: false })),
  ];
}

async function speedOf(
  plan: BenchFile,
  { file, only, pricePerHour }: BenchRequest,
  options: DatasetOptions,
): Promise<SpeedMetrics | null> {
  if (plan.speed === undefined || only === 'accuracy' || options.system.kind === 'detections') return null;
  for (const entry of plan.datasets) {
    const dataset = await loadDataset(resolve(dirname(file), entry.file)).catch((error: unknown) => {
      if (error instanceof AppError && error.code === 'BENCH_DATA_ABSENT') return undefined;
      throw error;
    });
    if (dataset?.about.id !== plan.speed.dataset) continue;
    return await measureSpeed(options.system.model, dataset, { ...options, plan: plan.speed, pricePerHour });
  }
  throw new AppError('BENCH_INVALID', `speed: data set ${plan.speed.dataset} is not here, or not in the file`);
}

function comparisonOf(
  baseline: Metrics,
  metrics: Metrics,
  { accuracy }: BenchFile,
  seed: number,
): NonNullable<Metrics['baseline']> {
  const { differences, notes } = compareRuns(baseline, metrics, { samples: accuracy.bootstraps, seed });
  const { id, version } = baseline.system;
  return {
    system: version === null ? id : `${id} ${version}`,
    startedAt: baseline.startedAt,
    differences: [...differences],
    notes: [...notes],
  };
}

async function galleryOf(
  measured: readonly MeasuredDataset[],
  { plan, thresholds }: DatasetOptions,
): Promise<GalleryItem[]> {
  const threshold = thresholds.find(({ isDefault }) => isDefault)?.threshold ?? Number.NEGATIVE_INFINITY;
  const items: GalleryItem[] = [];
  for (const { metrics, judged } of measured)
    items.push(...(await pictures(worstCases(metrics.id, judged, threshold, plan.gallery), judged)));
  return items;
}

const seriesMarks = ({ SeriesInstanceUID, marks }: MeasuredDataset['judged'][number]['result']) =>
  marks.map((mark) => ({ SeriesInstanceUID, ...mark }));

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
