import { z } from 'zod';
import { ShownAiState } from '../ai-state.ts';
import { CommitmentState } from '../commitment.ts';
import { Finding } from '../finding.ts';
import { StudyPriority } from '../priority.ts';
import { ReadingState } from '../reading-state.ts';
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
  /** What Storage Commitment says of it: not asked (or not offered there), asked, committed, not committed. */
  commitment: CommitmentState.default('none'),
});
export type Delivery = z.infer<typeof Delivery>;

/** One run as a screen shows it: the newest of its (study, model) pair. */
export const RunSummary = z.strictObject({
  runId: z.string(),
  model: z.strictObject({ id: z.string(), version: z.string(), hash: z.string() }),
  state: RunState,
  /** The routing rule that gave it the study, or kept it from it; `null` where there are no rules. */
  routeRule: z.string().nullable().default(null),
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
  /** Triage: it says only whether the study is flagged. A count of 1 and FINDINGS is all there is; no size, no score. */
  flagOnly: z.boolean().default(false),
  /** Candidates below the operating point. */
  belowCount: z.number().int(),
  /** 1 is the next to be analysed; `null` unless it waits. */
  queuePosition: z.number().int().nullable(),
  /** When an operator switched its model off; `null` while it reads. */
  withdrawnAt: z.iso.datetime().nullable(),
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
  /** What others say that there is to come: images in all, and those of them that are not here; `null`: nobody says it. */
  announced: z.strictObject({ images: z.number().int(), missing: z.number().int() }).nullable().default(null),
  lastArrivalAt: z.iso.datetime(),
  /** When its first image came: it waits since then. */
  firstArrivalAt: z.iso.datetime(),
  /** As a reader ordered; else as it was received, else ROUTINE. */
  priority: StudyPriority,
  /** Stands high in the list for what a model found. */
  aiCritical: z.boolean(),
  aiState: ShownAiState,
  /** AE titles that sent it. */
  sources: z.array(z.string()),
  bodyParts: z.array(z.string()),
  /** Who reads it, once somebody has begun. */
  reading: z.strictObject({ state: ReadingState, reader: z.string(), changedAt: z.iso.datetime() }).nullable(),
  /** Readers who have it open now. */
  openedBy: z.array(z.string()),
  runs: z.array(RunSummary),
});
export type WorklistStudy = z.infer<typeof WorklistStudy>;

/** Which part of the list: not signed, of these STAT and AI-critical, signed, everything. */
export const WorklistTab = z.enum(['toRead', 'critical', 'signed', 'all']);
export type WorklistTab = z.infer<typeof WorklistTab>;

export const WorklistSort = z.enum(['priority', 'wait', 'patient', 'id', 'study', 'date', 'ai']);
export type WorklistSort = z.infer<typeof WorklistSort>;

/** Values separated by commas, as a URL has them. */
const list = (most: number) =>
  z
    .string()
    .max(70 * most)
    .default('')
    .transform((text) => text.split(',').filter((part) => part !== ''))
    .refine((parts) => parts.length <= most, `at most ${most} values`);

/** `YYYYMMDD` (PS3.5 §6.2, DA), also as ISO 8601 writes it. */
const Day = z
  .string()
  .regex(/^(\d{8}|\d{4}-\d{2}-\d{2})?$/, 'a day as YYYY-MM-DD')
  .default('')
  .transform((text) => text.replaceAll('-', ''));

export const WorklistQuery = z.strictObject({
  /** Matches patient name, patient ID, accession number or description, case-insensitive, anywhere; `%` and `_` are letters. */
  search: z.string().max(200).default(''),
  tab: WorklistTab.default('all'),
  /** One of them. */
  modality: list(20),
  /** One of them; `hidden` studies are neither `findings` nor `none`. */
  state: list(12).refine(
    (names) => names.every((name) => ShownAiState.safeParse(name).success),
    'no AI state of this name',
  ),
  /** AE title that sent it. */
  source: z.string().max(16).default(''),
  bodyPart: z.string().max(64).default(''),
  /** Study Date, both ends included. */
  from: Day,
  to: Day,
  sort: WorklistSort.default('priority'),
  /** `reverse` turns the order of `sort` round. */
  order: z.enum(['natural', 'reverse']).default('natural'),
  /** A study whose first image came later is counted in `newer`, and is no row: rows do not move while they are read. */
  before: z.iso.datetime().optional(),
  /** Only these studies, whatever the filters say: what is on screen, read again. */
  uids: list(100),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  offset: z.coerce.number().int().min(0).default(0),
});
export type WorklistQuery = z.infer<typeof WorklistQuery>;

/**
 * `GET /api/worklist`. Sorted by `priority`: STAT first, then by when a study came in less its head start
 * (`services/domain/priority.ts`). Counts and `total` are those of the filters, `total` also of the tab.
 */
export const Worklist = z.strictObject({
  /** When the server read this, so that a stale screen can say so. */
  asOf: z.iso.datetime(),
  total: z.number().int(),
  tabs: z.record(WorklistTab, z.number().int()),
  /** Studies of this tab that came after `before`. */
  newer: z.number().int(),
  /** Studies of this tab whose place changed after `before`. */
  moved: z.number().int(),
  studies: z.array(WorklistStudy),
});
export type Worklist = z.infer<typeof Worklist>;

/** `GET /api/worklist/values`: what a filter can be set to. */
export const WorklistValues = z.strictObject({
  modalities: z.array(z.string()),
  sources: z.array(z.string()),
  bodyParts: z.array(z.string()),
});
export type WorklistValues = z.infer<typeof WorklistValues>;

/** `PUT /api/studies/:StudyInstanceUID/priority`. */
export const PriorityOrder = z.strictObject({ priority: StudyPriority });
export type PriorityOrder = z.infer<typeof PriorityOrder>;

/** `PUT` and `DELETE /api/studies/:StudyInstanceUID/presence`: who has it open; said again every 15 seconds. */
export const PresenceNotice = z.strictObject({ reader: z.string().trim().min(1).max(64) });
export type PresenceNotice = z.infer<typeof PresenceNotice>;

/** `GET /api/studies/:StudyInstanceUID/priors`: other studies of the same patient, newest first. */
export const PriorStudies = z.strictObject({
  priors: z.array(
    z.strictObject({
      StudyInstanceUID: z.string(),
      StudyDate: z.string(),
      StudyDescription: z.string(),
      modalities: z.array(z.string()),
    }),
  ),
});
export type PriorStudies = z.infer<typeof PriorStudies>;

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
