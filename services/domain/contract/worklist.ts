import { z } from 'zod';
import { Finding } from '../finding.ts';
import { Reason } from '../reason.ts';
import { RunState, StageSeconds } from '../run.ts';

/** Where a result stands on its way to one PACS. */
export const DeliveryState = z.enum(['PENDING', 'DELIVERED', 'REFUSED']);
export type DeliveryState = z.infer<typeof DeliveryState>;

export const Delivery = z.strictObject({
  destination: z.string(),
  state: DeliveryState,
  attempts: z.number().int(),
  /** What the last try answered, in words an operator can act on; `null` before the first. */
  lastError: z.string().nullable(),
  deliveredAt: z.iso.datetime().nullable(),
  nextAttemptAt: z.iso.datetime().nullable(),
});
export type Delivery = z.infer<typeof Delivery>;

/** One run as a screen shows it: the newest of its (study, model) pair. */
export const RunSummary = z.strictObject({
  runId: z.string(),
  model: z.strictObject({ id: z.string(), version: z.string(), hash: z.string() }),
  state: RunState,
  /** Present for NOT_ANALYSABLE and FAILED. */
  reason: Reason.nullable(),
  /** Findings at or above the operating point that was in force. */
  findingCount: z.number().int(),
  largestMm: z.number().nullable(),
  topScore: z.number().nullable(),
  threshold: z.number(),
  /** Images this run has not seen; above zero the result is outdated. */
  newInstances: z.number().int(),
  /**
   * Second reading, not revealed: what it found, and whether it found anything, is not sent. Its state is FINDINGS then,
   * with no count, size or score, also where there are none.
   */
  hidden: z.boolean().default(false),
  attempt: z.number().int(),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
  deliveries: z.array(Delivery),
});
export type RunSummary = z.infer<typeof RunSummary>;

/** A row of the worklist. `runs` is empty only while the study is still being received. */
export const WorklistStudy = z.strictObject({
  StudyInstanceUID: z.string(),
  PatientName: z.string(),
  PatientID: z.string(),
  PatientBirthDate: z.string(),
  PatientSex: z.string(),
  PatientAge: z.string(),
  StudyDate: z.string(),
  StudyTime: z.string(),
  StudyDescription: z.string(),
  AccessionNumber: z.string(),
  modalities: z.array(z.string()),
  seriesCount: z.number().int(),
  instanceCount: z.number().int(),
  /** True while images may still come: the quiet time of a series has not passed. */
  receiving: z.boolean(),
  /** Seconds of quiet still to wait while `receiving`, from the server's clock. */
  quietSecondsLeft: z.number().nullable(),
  lastArrivalAt: z.iso.datetime(),
  runs: z.array(RunSummary),
});
export type WorklistStudy = z.infer<typeof WorklistStudy>;

export const WorklistQuery = z.strictObject({
  /** Matches patient name, patient ID, accession number or description, case-insensitive, anywhere; `%` and `_` are letters. */
  search: z.string().max(200).default(''),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  offset: z.coerce.number().int().min(0).default(0),
});
export type WorklistQuery = z.infer<typeof WorklistQuery>;

/** `GET /api/worklist`. Sorted: findings first by top score, then failed, then by last arrival, newest first. */
export const Worklist = z.strictObject({
  /** When the server read this, so that a stale screen can say so. */
  asOf: z.iso.datetime(),
  total: z.number().int(),
  studies: z.array(WorklistStudy),
});
export type Worklist = z.infer<typeof Worklist>;

export const SeriesSummary = z.strictObject({
  SeriesInstanceUID: z.string(),
  Modality: z.string(),
  SeriesNumber: z.number().nullable(),
  SeriesDescription: z.string(),
  instanceCount: z.number().int(),
  /** The series the newest run read. */
  analysed: z.boolean(),
});
export type SeriesSummary = z.infer<typeof SeriesSummary>;

export const RunDetail = z.strictObject({
  ...RunSummary.shape,
  /** Score descending; all of them, also below the threshold in force. */
  findings: z.array(Finding),
  analysedSeriesInstanceUID: z.string().nullable(),
  warnings: z.array(Reason),
  banner: z.string(),
  provider: z.string().nullable(),
  stageSeconds: StageSeconds,
  SRSOPInstanceUID: z.string().nullable(),
  SRSeriesInstanceUID: z.string().nullable(),
});
export type RunDetail = z.infer<typeof RunDetail>;

/** `GET /api/studies/:StudyInstanceUID`. */
export const StudyDetail = z.strictObject({
  asOf: z.iso.datetime(),
  study: WorklistStudy,
  series: z.array(SeriesSummary),
  runs: z.array(RunDetail),
});
export type StudyDetail = z.infer<typeof StudyDetail>;
