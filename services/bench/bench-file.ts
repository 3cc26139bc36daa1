import { z } from 'zod';
import { DatasetId, HitRuleName } from './dataset-file.ts';

/** `bench.yaml`: which model is measured, on what, how, and what must hold. Paths are relative to the file. */
const Count = (most: number) => z.number().int().min(1).max(most);
const Seconds = z.number().positive().max(86_400);

/** A bound on one number of the run; bounds on a change need a baseline. */
export const Gate = z
  .strictObject({
    /** A name of `gate-metric.ts`: `cpm`, `sens@1`, `ap@0.1`, `ece`, `found`, `p95`, `rssMb`, … */
    metric: z.string().regex(/^[A-Za-z0-9@.]{1,40}$/),
    /** Default: every data set that has the number. */
    dataset: DatasetId.optional(),
    min: z.number().optional(),
    max: z.number().optional(),
    maxDrop: z.number().min(0).optional(),
    maxRise: z.number().min(0).optional(),
    maxRisePercent: z.number().min(0).optional(),
  })
  .refine(
    ({ min, max, maxDrop, maxRise, maxRisePercent }) =>
      [min, max, maxDrop, maxRise, maxRisePercent].filter((bound) => bound !== undefined).length === 1,
    'needs exactly one of min, max, maxDrop, maxRise, maxRisePercent',
  );
export type Gate = z.infer<typeof Gate>;

const SpeedPlan = z.strictObject({
  /** Its scans are the studies. */
  dataset: DatasetId,
  /** Default: every scan that is not expected to be refused. */
  scans: z.array(z.string().max(100)).min(1).optional(),
  /** Threads of one run; 0: all cores. */
  threads: z.number().int().min(0).max(256).default(0),
  /** Analyzers at once in Offline and Server. */
  workers: Count(64).default(1),
  /** One study after another. */
  singleStream: z
    .strictObject({ seconds: Seconds.default(60), warmup: z.number().int().min(0).max(20).default(1) })
    .optional(),
  /** All studies at once. */
  offline: z.strictObject({ repeats: Count(1000).default(1) }).optional(),
  /** Poisson arrivals; the highest rate at which p99 stays within the bound. */
  server: z
    .strictObject({ boundSeconds: Seconds, arrivals: Count(100_000).default(30), trials: Count(12).default(4) })
    .optional(),
  /** Every combination, against cpu and fp32. */
  matrix: z
    .strictObject({
      providers: z.array(z.string().max(32)).min(1).default(['cpu']),
      precisions: z
        .array(z.enum(['fp32', 'fp16', 'int8']))
        .min(1)
        .default(['fp32']),
      threads: z.array(z.number().int().min(0).max(256)).min(1).default([0]),
      batches: z.array(Count(64)).min(1).default([1]),
      /** Runs of each study and cell after the first. */
      runs: Count(1000).default(2),
    })
    .optional(),
});
export type SpeedPlan = z.infer<typeof SpeedPlan>;

export const BenchFile = z.strictObject({
  schemaVersion: z.literal('1.0'),
  /** A folder below models/, or a path with a slash. Not needed with --detections. */
  model: z.string().min(1).max(500).optional(),
  seed: z.number().int().min(0).max(0xffff_ffff).default(1),
  datasets: z
    .array(
      z.strictObject({
        file: z.string().min(1).max(500),
        /** `false`: a machine without it says so and goes on. */
        required: z.boolean().default(true),
        hitRule: HitRuleName.optional(),
      }),
    )
    .min(1)
    .max(50),
  accuracy: z
    .strictObject({
      bootstraps: z.number().int().min(100).max(100_000).default(1000),
      marksPerScan: Count(10_000).default(100),
      /** False marks per scan at which strata are compared. */
      strataRate: z.number().positive().default(1),
      /** Scores beside the operating points of the model. */
      thresholds: z.array(z.number()).max(20).default([]),
      /** Pictures of each kind: worst false marks, lesions that were missed. */
      gallery: z.number().int().min(0).max(100).default(12),
    })
    .prefault({}),
  speed: SpeedPlan.optional(),
  gates: z.array(Gate).max(200).default([]),
});
export type BenchFile = z.infer<typeof BenchFile>;
