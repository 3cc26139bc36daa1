import { z } from 'zod';
import { Lesion } from '../finding.ts';
import { ReadingMode, ReadingState } from '../reading-state.ts';
import { Uid } from '../uid.ts';
import { ComparedLesion, GuidelineRecord } from './guideline-record.ts';
import { Delivery } from './worklist.ts';

/** Who reads. Until there is a login a reader gives a name and nothing proves it; the documents say so. */
export const Reader = z.strictObject({
  /** Becomes Verifying Observer Name (0040,A075), PN: `Family^Given`, or as it is said. */
  name: z.string().trim().max(64).regex(/\p{L}/u, 'a name has a letter'),
  /** Becomes Verifying Organization (0040,A027), LO. */
  organization: z.string().trim().max(64),
});
export type Reader = z.infer<typeof Reader>;

/** Why a mark is wrong, in the order of the keys 1 to 8. */
export const RejectReason = z.enum([
  'vessel',
  'scar',
  'calcified',
  'artefact',
  'normalStructure',
  'duplicate',
  'wrongSizeOrClass',
  'notRelevant',
]);
export type RejectReason = z.infer<typeof RejectReason>;

/** A lesion as a reader has it: the model's has a score, this one has none. */
export const ReadLesion = Lesion.omit({ score: true });
export type ReadLesion = z.infer<typeof ReadLesion>;

const Judged = { TrackingUID: Uid, at: z.iso.datetime() };

/** What a reader says of one finding of a model; a finding without a verdict is unreviewed. */
export const Verdict = z.discriminatedUnion('verdict', [
  z.strictObject({ ...Judged, verdict: z.literal('accepted') }),
  z.strictObject({
    ...Judged,
    verdict: z.literal('rejected'),
    reason: RejectReason.nullable(),
    /** "Reject the rest": no judgement of this mark, and left out of every statistic of acceptance. */
    bulk: z.boolean(),
  }),
  z.strictObject({ ...Judged, verdict: z.literal('edited'), lesion: ReadLesion }),
  /** Put off: still to be decided when the reading is signed. */
  z.strictObject({ ...Judged, verdict: z.literal('deferred') }),
]);
export type Verdict = z.infer<typeof Verdict>;

/** A lesion that no model named. */
export const AddedFinding = z.strictObject({ TrackingUID: Uid, at: z.iso.datetime(), lesion: ReadLesion });
export type AddedFinding = z.infer<typeof AddedFinding>;

/** What the reader has decided so far: one draft for a study, over all of its models. */
export const ReadingContent = z.strictObject({
  /** At most one for each TrackingUID. */
  verdicts: z.array(Verdict).max(1000),
  added: z.array(AddedFinding).max(100),
  /** The display threshold in force, by run; absent where it was the model's own. */
  thresholds: z.record(z.uuid(), z.number().min(0).max(1)),
  /** Absent in drafts of before it was kept. */
  guidelines: GuidelineRecord.optional(),
  /** By TrackingUID, with the earlier study that the reader had beside this one last. */
  comparisons: z.record(Uid, ComparedLesion).optional(),
});
export type ReadingContent = z.infer<typeof ReadingContent>;

/** A signed report of this reading and where it stands on its way. */
export const SignedReport = z.strictObject({
  SRSOPInstanceUID: Uid,
  SRSeriesInstanceUID: Uid,
  reader: Reader,
  signedAt: z.iso.datetime(),
  deliveries: z.array(Delivery),
});
export type SignedReport = z.infer<typeof SignedReport>;

/** A series of the study that names another patient than the study does. */
export const StrangeSeries = z.strictObject({
  /** `report`: a document; `result`: marks, segmentations and states of presentation. */
  what: z.enum(['images', 'report', 'result']),
  SeriesInstanceUID: Uid,
});
export type StrangeSeries = z.infer<typeof StrangeSeries>;

/** The language of the text in a signed report. */
export const ReportLanguage = z.enum(['en', 'zh-CN']);
export type ReportLanguage = z.infer<typeof ReportLanguage>;

/** `GET /api/studies/:StudyInstanceUID/reading`. Its `ETag` is the revision, in quotes. */
export const Reading = z.strictObject({
  StudyInstanceUID: Uid,
  state: ReadingState,
  /** 0 before the first change; every change raises it by one and names the one it was made on (`If-Match`). */
  revision: z.number().int().min(0),
  /** By model id. */
  modes: z.record(z.string(), ReadingMode),
  /** When the reader committed a read without marks (`second`), or `null`. */
  revealedAt: z.iso.datetime().nullable(),
  /** Who changed it last. */
  reader: Reader.nullable(),
  changedAt: z.iso.datetime().nullable(),
  content: ReadingContent,
  /** Newest first; while an amendment is a draft, the report it will replace. */
  reports: z.array(SignedReport),
  /** While there is one, a signature is refused: 409 PATIENT_MISMATCH. */
  strangers: z.array(StrangeSeries),
});
export type Reading = z.infer<typeof Reading>;

/** `PUT /api/studies/:StudyInstanceUID/reading` with `If-Match`: the whole draft. */
export const ReadingDraft = z.strictObject({ reader: Reader, content: ReadingContent });
export type ReadingDraft = z.infer<typeof ReadingDraft>;

/**
 * `POST …/reading/signature` with `If-Match`: 409 READING_INCOMPLETE while a finding at or above the display threshold
 * has no verdict or a deferred one, unless `rejectRest`.
 */
export const SignatureOrder = z.strictObject({
  reader: Reader,
  rejectRest: z.boolean(),
  /** Of the summary in the report. */
  language: ReportLanguage.default('en'),
});
export type SignatureOrder = z.infer<typeof SignatureOrder>;

/** `POST …/reading/reveal` ("my read is done") and `POST …/reading/amendment`, both with `If-Match`. */
export const ReaderOrder = z.strictObject({ reader: Reader });
export type ReaderOrder = z.infer<typeof ReaderOrder>;

/** `POST /api/runs/:runId/cancel`: who wants it, if anybody has said so at that browser. */
export const CancelOrder = z.strictObject({ reader: Reader.nullable() });
export type CancelOrder = z.infer<typeof CancelOrder>;

/**
 * The problem of a change made on an old revision (409 READING_CHANGED), or against a signed reading (READING_SIGNED):
 * nothing was overwritten, and here is what is there now.
 */
export const ReadingConflict = z.object({
  status: z.literal(409),
  code: z.enum(['READING_CHANGED', 'READING_SIGNED']),
  detail: z.string(),
  current: Reading,
});
export type ReadingConflict = z.infer<typeof ReadingConflict>;

/** `POST /api/studies/:StudyInstanceUID/segmentations`: what is at a point (LPS, mm) of a series; answers a ReadLesion. */
export const SegmentationOrder = z.strictObject({
  SeriesInstanceUID: Uid,
  point: z.tuple([z.number(), z.number(), z.number()]),
  label: z.string().min(1).max(64),
});
export type SegmentationOrder = z.infer<typeof SegmentationOrder>;

/** `POST …/segmentations/preparation`: somebody may soon click near this point; answers 202 and nothing more. */
export const PreparationOrder = SegmentationOrder.omit({ label: true });
export type PreparationOrder = z.infer<typeof PreparationOrder>;
