import { z } from 'zod';
import { DatasetMetrics } from './accuracy-metrics.ts';
import { Gate } from './bench-file.ts';
import { Count, Maybe } from './metrics-numbers.ts';
import { SpeedMetrics } from './speed-metrics.ts';

/**
 * `metrics.json`: everything a run measured, and what FROC needs to be computed again. Keys are stable within
 * `schemaVersion`; a number that could not be measured is `null`, never 0.
 */
const Environment = z.strictObject({
  overread: z.string(),
  node: z.string(),
  onnxruntime: z.string().nullable(),
  commit: z.string().nullable(),
  modified: z.boolean().nullable(),
  platform: z.string(),
  cpuModel: z.string(),
  cpuFlags: z.array(z.string()),
  cores: Count,
  cgroupCores: Maybe,
  memoryMb: z.number(),
  cgroupMemoryMb: Maybe,
  gpus: z.array(z.string()),
  machineClass: z.string(),
});
export type Environment = z.infer<typeof Environment>;

const Load = z.strictObject({
  cores: Count,
  atStart: z.number(),
  /** Highest load average less what this run itself used. */
  otherPeak: z.number(),
  loaded: z.boolean(),
  allowed: z.boolean(),
});
export type LoadMetrics = z.infer<typeof Load>;

const GateResult = z.strictObject({
  gate: Gate,
  dataset: z.string().nullable(),
  value: Maybe,
  reference: Maybe,
  /** `skipped`: this run was not asked to measure it. */
  status: z.enum(['held', 'breached', 'skipped']),
  text: z.string(),
});
export type GateResult = z.infer<typeof GateResult>;

const Difference = z.strictObject({
  dataset: z.string().nullable(),
  metric: z.string(),
  before: Maybe,
  after: Maybe,
  delta: Maybe,
  low: Maybe,
  high: Maybe,
  p: Maybe,
});
export type Difference = z.infer<typeof Difference>;

export const Metrics = z.strictObject({
  kind: z.literal('overread-bench'),
  schemaVersion: z.literal('1.0'),
  startedAt: z.iso.datetime(),
  seconds: z.number(),
  verdict: z.strictObject({ status: z.enum(['passed', 'failed', 'invalid']), text: z.string(), exitCode: Count }),
  bench: z.strictObject({ file: z.string(), sha256: z.string(), seed: Count }),
  system: z.strictObject({
    kind: z.enum(['model', 'detections']),
    id: z.string(),
    version: z.string().nullable(),
    title: z.string(),
    hash: z.string(),
    /** The honest label of the model card, word for word. */
    label: z.string().nullable(),
  }),
  environment: Environment,
  load: Load,
  datasets: z.array(DatasetMetrics),
  speed: SpeedMetrics.nullable(),
  gates: z.array(GateResult),
  baseline: z
    .strictObject({
      system: z.string(),
      startedAt: z.string(),
      differences: z.array(Difference),
      notes: z.array(z.string()),
    })
    .nullable(),
});
export type Metrics = z.infer<typeof Metrics>;
