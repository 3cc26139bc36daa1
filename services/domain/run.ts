import { z } from 'zod';
import { Lesion } from './finding.ts';
import { ModelCheck, Provider } from './model.ts';
import { Reason } from './reason.ts';
import { Uid } from './uid.ts';

/** The four ways a (study, model) pair can end. There is no fifth, and no blank. */
export const EndState = z.enum(['FINDINGS', 'NO_FINDINGS', 'NOT_ANALYSABLE', 'FAILED']);
export type EndState = z.infer<typeof EndState>;

/** The life of a run: it waits, it runs, it ends in one of four ways, or newer images made it stale. */
export const RunState = z.enum(['WAITING', 'RUNNING', ...EndState.options]);
export type RunState = z.infer<typeof RunState>;

/** One input of an analysis: a file of ours and what it must hold. */
export const AnalysisInput = z.strictObject({
  /** Absolute path of the Part 10 file. */
  file: z.string(),
  sha256: z.string().length(64),
  SeriesInstanceUID: Uid,
  SOPInstanceUID: Uid,
  SOPClassUID: Uid,
  TransferSyntaxUID: Uid,
});
export type AnalysisInput = z.infer<typeof AnalysisInput>;

/** What a worker sends its analyzer: no credentials, no patient, only files and a model. */
export const AnalysisRequest = z.strictObject({
  id: z.string(),
  modelDirectory: z.string(),
  modelHash: z.string().length(64),
  inputs: z.array(AnalysisInput),
  /** Where images lie that were decoded while they arrived; none of them need be there. */
  preparedDirectory: z.string().optional(),
  /** Where the model may run, in the order of preference; by default what its manifest says. */
  providers: z.array(Provider).max(6).optional(),
});
export type AnalysisRequest = z.infer<typeof AnalysisRequest>;

/** An image that was read; `frame` (1-based, PS3.3 §10.3) of `NumberOfFrames` for one of a multi-frame object. */
const AnalysedImage = z.strictObject({
  SOPClassUID: Uid,
  SOPInstanceUID: Uid,
  frame: z.number().int().min(1).optional(),
  NumberOfFrames: z.number().int().min(2).optional(),
  /** Columns and rows of a single image, which need not be those of another. */
  size: z.tuple([z.number().int().min(1), z.number().int().min(1)]).optional(),
});

/** The most series of a study whose single images one run reads. */
const MAX_OTHER_SERIES = 10_000;

/** Names the images that were read, in slice order, for the evidence list of the report. */
export const AnalysedSeries = z.strictObject({
  SeriesInstanceUID: Uid,
  FrameOfReferenceUID: z.string(),
  Modality: z.string(),
  /** Of the values: HU for CT, the Units of PET; absent when nothing says it. */
  unit: z.string().min(1).max(64).optional(),
  /**
   * Of the images as they were sent, whatever grid they were resampled on. Axis order: column, row, slice. Single images have
   * each a size of its own; then these are the most columns and rows of one.
   */
  shape: z.tuple([z.number(), z.number(), z.number()]),
  /** Between pixels, and the mean distance of two images; `null` for single images. */
  spacingMm: z.tuple([z.number(), z.number(), z.number()]).nullable(),
  images: z.array(AnalysedImage),
  /** Of a model for single images: the other series of the study of which it read images. */
  others: z
    .array(z.strictObject({ SeriesInstanceUID: Uid, Modality: z.string(), images: z.array(AnalysedImage) }))
    .max(MAX_OTHER_SERIES)
    .optional(),
  /** What was noticed and tolerated, as codes for the report and the screen. */
  warnings: z.array(Reason),
});
export type AnalysedSeries = z.infer<typeof AnalysedSeries>;

/**
 * Seconds of each stage, by the names used in metrics: read, decode, volume (slices that are no planes of a grid),
 * resample, mask, graph, postprocess, measure.
 */
export const StageSeconds = z.record(z.string(), z.number().nonnegative());
export type StageSeconds = z.infer<typeof StageSeconds>;

export const AnalysisAnswer = z.discriminatedUnion('outcome', [
  z.strictObject({
    outcome: z.literal('ANALYSED'),
    series: AnalysedSeries,
    lesions: z.array(Lesion).max(100),
    /** What really ran, not what was asked for: `cpu`, `cuda`, `cuda+cpu` of one graph, `cuda, then cpu`. */
    provider: z.string(),
    /** Of the weights that ran: `fp32`, `fp16`. */
    precision: z.string().max(8).optional(),
    stageSeconds: StageSeconds,
  }),
  z.strictObject({
    outcome: z.literal('NOT_ANALYSABLE'),
    reason: Reason,
    /** The series the reason speaks of, when one was chosen. */
    SeriesInstanceUID: Uid.nullable(),
    stageSeconds: StageSeconds,
  }),
]);
export type AnalysisAnswer = z.infer<typeof AnalysisAnswer>;

/** What an analyzer says over its channel. A `progress` restarts its silence timer. */
export const AnalyzerMessage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ready') }),
  z.strictObject({
    type: z.literal('progress'),
    id: z.string(),
    stage: z.string(),
    done: z.number(),
    total: z.number(),
  }),
  z.strictObject({ type: z.literal('answer'), id: z.string(), answer: AnalysisAnswer }),
  /** The answer to a ModelCheckRequest. */
  z.strictObject({ type: z.literal('checked'), id: z.string(), check: ModelCheck }),
  /** An error it survived. `reason` when it has a name; a bug otherwise. */
  z.strictObject({ type: z.literal('error'), id: z.string(), reason: Reason, retryable: z.boolean() }),
]);
export type AnalyzerMessage = z.infer<typeof AnalyzerMessage>;

/** What a worker sends its preparer: images to decode before their analysis. */
export const PrepareRequest = z.strictObject({
  id: z.string(),
  directory: z.string(),
  inputs: z.array(AnalysisInput),
});
export type PrepareRequest = z.infer<typeof PrepareRequest>;

/** How many images were decoded, and how many could not be: their analysis will say why. */
export const PreparedCount = z.strictObject({
  prepared: z.number().int().nonnegative(),
  refused: z.number().int().nonnegative(),
});
export type PreparedCount = z.infer<typeof PreparedCount>;

export const PreparerMessage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ready') }),
  z.strictObject({ type: z.literal('prepared'), id: z.string(), ...PreparedCount.shape }),
]);
export type PreparerMessage = z.infer<typeof PreparerMessage>;
