import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { Gate } from '../../bench/bench-file.ts';
import { compareRuns, readMetrics } from '../../bench/compare-runs.ts';
import { judgeGates, parseGate } from '../../bench/gates.ts';
import type { Difference, GateResult, Metrics } from '../../bench/metrics.ts';
import { readYaml } from '../../bench/read-yaml.ts';
import { runBench } from '../../bench/run-bench.ts';
import { readScanFiles } from '../../bench/scan-files.ts';
import { loadConfig } from '../../config.ts';
import { pinoLog } from '../../observability/pino-log.ts';
import { modelsFolder } from '../models.ts';
import type { BenchCompareOptions, BenchRunOptions } from './options.ts';

/** Runs a bench file and prints its verdict; the exit code is the verdict's. */
export async function benchRunCommand(file: string, options: BenchRunOptions): Promise<void> {
  const config = loadConfig(process.env);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => stop.abort(new Error(`ended by ${signal}`)));
  const { out, json, junit } = options;
  const metrics = await runBench(
    {
      file: resolve(file),
      out,
      only: options.only,
      seed: options.seed,
      pricePerHour: options.pricePerHour,
      allowLoaded: options.allowLoaded,
      baseline: options.baseline,
      detections: options.detections,
    },
    {
      modelDirectory: (id) => join(modelsFolder(config), id),
      settings: {
        entry: join(import.meta.dirname, '../analyzer.ts'),
        memoryMb: config.ANALYSIS_MEMORY_MB,
        deadlineSeconds: config.ANALYSIS_DEADLINE_SECONDS,
        log: pinoLog('silent', 'bench'),
      },
      signal: stop.signal,
      progress: (text) => void process.stderr.write(`${text}\n`),
    },
  );
  if (json) process.stdout.write(`${JSON.stringify(metrics)}\n`);
  else if (junit) process.stdout.write(await readFile(join(out, 'junit.xml'), 'utf8'));
  else process.stdout.write(summary(metrics, out));
  process.exitCode = metrics.verdict.exitCode;
}

/** Prints what changed between two runs; exit code 1 when a gate is breached or cannot be judged. */
export async function benchCompareCommand(before: string, after: string, options: BenchCompareOptions): Promise<void> {
  const [first, second] = [await readMetrics(before), await readMetrics(after)];
  const fromFile = options.gates === undefined ? [] : await readYaml(options.gates, z.array(Gate));
  const gates = [...options.gate.map(parseGate), ...fromFile];
  const { differences, notes } = compareRuns(first, second, { samples: options.bootstraps, seed: options.seed });
  const measured = (run: Metrics) => ({ ...run, machineClass: run.environment.machineClass });
  const results = judgeGates(gates, measured(second), { reference: measured(first) });
  if (options.json) process.stdout.write(`${JSON.stringify({ differences, notes, gates: results })}\n`);
  else
    process.stdout.write(
      [...differences.map(differenceLine), ...notes, ...results.map(gateLine)].join('\n').concat('\n'),
    );
  if (results.some(({ status }) => status !== 'held')) process.exitCode = 1;
}

/** What a data set file names as `sha256` of a scan. */
export async function benchDigestCommand(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const scan = {
      id: folder,
      folder: resolve(folder),
      SeriesInstanceUID: undefined,
      group: folder,
      sha256: undefined,
      expected: undefined,
      holds: 'images' as const,
    };
    const { sha256, inputs } = await readScanFiles({ ...scan, truth: { id: folder, lesions: [] } });
    const series = [...new Set(inputs.map(({ SeriesInstanceUID }) => SeriesInstanceUID))];
    process.stdout.write(`${sha256}  ${series.join(' ')}  ${folder}\n`);
  }
}

function summary({ verdict, datasets, speed, gates }: Metrics, out: string): string {
  const number = (value: number | null | undefined, digits: number) => value?.toFixed(digits) ?? '–';
  const lines = datasets.map(({ id, status, note, accuracy, protocol }) => {
    if (accuracy === null) return `  ${id}: ${status}: ${note}`;
    const { froc, counts, operatingPoints } = accuracy;
    const point = operatingPoints.find(({ isDefault }) => isDefault);
    const rates =
      froc?.rates.map((rate) => `${rate.fpPerScan}: ${rate.sensitivity.toFixed(3)}`).join('  ') ?? 'no FROC';
    const found = point
      ? `, ${point.found} of ${point.lesions} found at ${point.threshold} with ${point.fpPerScan.toFixed(2)} false marks each`
      : '';
    return `  ${id}: ${counts.scans} ${protocol?.unit ?? 'scan'}s, ${counts.lesions} lesions, CPM ${number(froc?.cpm, 3)}${found}\n    ${rates}`;
  });
  const stream = speed?.singleStream;
  const times = stream
    ? [
        `  files -> findings p95 ${number(stream.endToEnd.p95, 2)} s, graph p95 ${number(stream.graph.p95, 2)} s, peak ${number(stream.peakRssMb, 0)} MB`,
      ]
    : [];
  const head = `${verdict.status.toUpperCase()}: ${verdict.text}`;
  return `${[head, ...lines, ...times, ...gates.map((gate) => `  ${gateLine(gate)}`), `  ${join(out, 'report.html')}`].join('\n')}\n`;
}

const gateLine = ({ status, text }: GateResult): string => `${status.padEnd(8)}  ${text}`;

function differenceLine({ dataset, metric, before, after, delta, low, high, p }: Difference): string {
  const shown = (value: number | null) => (value === null ? '–' : value.toFixed(4));
  const paired =
    low === null || high === null || p === null ? '' : `  [${shown(low)}, ${shown(high)}]  p ${p.toFixed(4)}`;
  return `${(dataset ?? 'speed').padEnd(20)} ${metric.padEnd(16)} ${shown(before)} -> ${shown(after)}  ${shown(delta)}${paired}`;
}
