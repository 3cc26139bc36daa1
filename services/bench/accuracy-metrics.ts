import { z } from 'zod';
import { Reason } from '../domain/reason.ts';
import { StageSeconds } from '../domain/run.ts';
import { RateUnit } from './dataset-file.ts';
import { Count, Maybe } from './metrics-numbers.ts';

/** The part of `metrics.json` that tells how well lesions are found. */
const Interval = z.strictObject({ mean: z.number(), low: z.number(), high: z.number() }).nullable();
const Strata = z.record(z.string(), z.string());

const LesionMetrics = z.strictObject({
  id: z.string(),
  /** Best score of a mark that found it; `null`: missed. */
  score: Maybe,
  diameterMm: Maybe,
  strata: Strata,
});

const ScanMetrics = z.strictObject({
  id: z.string(),
  SeriesInstanceUID: z.string(),
  /** Drawn together in a bootstrap. */
  group: z.string(),
  imagesSha256: z.string().nullable(),
  /** Does it count in the rates? A scan that must be refused does not. */
  counts: z.boolean(),
  outcome: z.enum(['ANALYSED', 'NOT_ANALYSABLE', 'FAILED']),
  reason: Reason.nullable(),
  expected: z.string().nullable(),
  seconds: Maybe,
  stageSeconds: StageSeconds,
  lesions: z.array(LesionMetrics),
  /** Scores, highest first. */
  falseMarks: z.array(z.number()),
  cut: Count,
  duplicates: Count,
  ignored: Count,
  shared: Count,
});
export type ScanMetrics = z.infer<typeof ScanMetrics>;

const FrocMetrics = z.strictObject({
  /** `null` unless the table has LUNA16's seven rates. */
  cpm: Maybe,
  cpmInterval: Interval,
  rates: z.array(z.strictObject({ fpPerScan: z.number(), sensitivity: z.number(), interval: Interval })),
  /** From (0, 0); its threshold is `null`. */
  curve: z.strictObject({
    fpPerScan: z.array(z.number()),
    sensitivity: z.array(z.number()),
    threshold: z.array(Maybe),
  }),
  band: z.array(z.strictObject({ fpPerScan: z.number(), mean: z.number(), low: z.number(), high: z.number() })),
});

const StratumMetrics = z.strictObject({
  name: z.string(),
  value: z.string(),
  lesions: Count,
  sensitivity: z.number(),
  interval: Interval,
});

const OperatingPointMetrics = z.strictObject({
  id: z.string(),
  threshold: z.number(),
  isDefault: z.boolean(),
  found: Count,
  lesions: Count,
  sensitivity: Maybe,
  falseMarks: Count,
  fpPerScan: z.number(),
  precision: Maybe,
  negativeScans: Count,
  cleanNegativeScans: Count,
});

const LocalizationMetrics = z.strictObject({
  hits: Count,
  centerMedianMm: z.number(),
  centerP95Mm: z.number(),
  diameter: z
    .strictObject({
      pairs: z.array(z.tuple([z.number(), z.number()])),
      biasMm: z.number(),
      medianMm: z.number(),
      sdMm: z.number(),
      limitsMm: z.tuple([z.number(), z.number()]),
    })
    .nullable(),
});

const CalibrationMetrics = z.strictObject({
  ece: z.number(),
  marks: Count,
  bins: z.array(z.strictObject({ marks: Count, meanScore: z.number(), hitRate: z.number() })),
});

const Cell = z.strictObject({
  id: z.string(),
  axis: z.string(),
  value: z.string(),
  status: z.enum(['measured', 'absent', 'incomplete']),
  note: z.string().nullable(),
  scans: Count,
  refused: Count,
  cpm: Maybe,
  /** Against the data set itself, paired by scan. */
  delta: z.strictObject({ delta: z.number(), low: Maybe, high: Maybe, p: Maybe }).nullable(),
});
export type RobustnessCell = z.infer<typeof Cell>;

const AccuracyMetrics = z.strictObject({
  counts: z.strictObject({
    scans: Count,
    analysed: Count,
    refused: Count,
    refusedAsExpected: Count,
    failed: Count,
    lesions: Count,
    excluded: Count,
    marks: Count,
    falseMarks: Count,
    cut: Count,
    duplicates: Count,
    ignored: Count,
    shared: Count,
  }),
  froc: FrocMetrics.nullable(),
  averagePrecision: z.strictObject({ ap10: z.number(), map10to50: z.number() }).nullable(),
  examAuroc: Maybe,
  strataRate: z.number(),
  strata: z.array(StratumMetrics),
  operatingPoints: z.array(OperatingPointMetrics),
  localization: LocalizationMetrics.nullable(),
  calibration: CalibrationMetrics.nullable(),
  scans: z.array(ScanMetrics),
});
export type AccuracyMetrics = z.infer<typeof AccuracyMetrics>;

export const DatasetMetrics = z.strictObject({
  id: z.string(),
  title: z.string(),
  kind: z.enum(['synthetic', 'real-scans', 'real-cubes']),
  license: z.string(),
  attribution: z.string().nullable(),
  split: z.string(),
  caution: z.string().nullable(),
  required: z.boolean(),
  status: z.enum(['measured', 'absent', 'incomplete']),
  /** Why it is absent or incomplete. */
  note: z.string().nullable(),
  digest: z.string().nullable(),
  protocol: z
    .strictObject({
      hitRule: z.string(),
      /** How many lesions were judged by which rule. */
      rules: z.record(z.string(), Count),
      /** Is this LUNA16 to the letter? If not, its CPM is another number. */
      luna16: z.boolean(),
      deviations: z.array(z.string()),
      unit: RateUnit,
      marksPerScan: Count,
      bootstraps: Count,
      seed: Count,
    })
    .nullable(),
  accuracy: AccuracyMetrics.nullable(),
  robustness: z.array(Cell),
});
export type DatasetMetrics = z.infer<typeof DatasetMetrics>;
