import { z } from 'zod';
import { StageSeconds } from '../domain/run.ts';
import { Count, Maybe } from './metrics-numbers.ts';

/** The part of `metrics.json` that tells how long it takes; seconds throughout. */
const LatencyMetrics = z.strictObject({
  count: Count,
  min: z.number(),
  mean: z.number(),
  p50: z.number(),
  p90: z.number(),
  p95: z.number(),
  p99: z.number(),
  max: z.number(),
  p95Interval: z.tuple([z.number(), z.number()]).nullable(),
});
export type LatencyMetrics = z.infer<typeof LatencyMetrics>;

const Usage = { cpuSecondsPerStudy: Maybe, peakRssMb: Maybe, gpuMemoryMb: Maybe };

const SingleStream = z.strictObject({
  endToEnd: LatencyMetrics,
  graph: LatencyMetrics,
  /** Mean seconds by stage; `other` is what no stage covers. */
  stages: StageSeconds,
  graphShare: z.number(),
  /** Is the 95 % interval of p95 narrower than 5 % of it? */
  settled: z.boolean(),
  ...Usage,
});
const Offline = z.strictObject({
  studies: Count,
  seconds: z.number(),
  studiesPerHour: z.number(),
  graphSecondsPerStudy: z.number(),
  ...Usage,
});
const Server = z.strictObject({
  boundSeconds: z.number(),
  /** The highest rate that was tried and held; `null`: none did. */
  studiesPerHour: Maybe,
  trials: z.array(
    z.strictObject({
      studiesPerHour: z.number(),
      arrivals: Count,
      latency: LatencyMetrics,
      graph: LatencyMetrics,
      holds: z.boolean(),
    }),
  ),
});
const MatrixCell = z.strictObject({
  provider: z.string(),
  precision: z.string(),
  threads: Count,
  batch: Count,
  status: z.enum(['measured', 'skipped']),
  /** Why it was skipped. */
  note: z.string().nullable(),
  /** What really ran. */
  ran: z.string().nullable(),
  endToEnd: LatencyMetrics.nullable(),
  graph: LatencyMetrics.nullable(),
  ...Usage,
  /** Against the cell of cpu and fp32, over all scans. */
  parity: z
    .strictObject({ matched: Count, unmatched: Count, maxScoreDifference: z.number(), maxCenterMm: z.number() })
    .nullable(),
});
export type MatrixCell = z.infer<typeof MatrixCell>;

export const SpeedMetrics = z.strictObject({
  dataset: z.string(),
  studies: Count,
  images: Count,
  threads: Count,
  workers: Count,
  provider: z.string().nullable(),
  singleStream: SingleStream.nullable(),
  offline: Offline.nullable(),
  server: Server.nullable(),
  matrix: z.array(MatrixCell),
  /** From the price of an hour: of Offline, else of SingleStream's mean. */
  pricePerHour: Maybe,
  costPer1000Studies: Maybe,
});
export type SpeedMetrics = z.infer<typeof SpeedMetrics>;
