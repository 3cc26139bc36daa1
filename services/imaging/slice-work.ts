import type { AppError } from '../domain/errors.ts';
import type { AnalysisInput } from '../domain/run.ts';
import type { SliceTask } from './decode-slices.ts';

/** What a thread is asked to do. Values are written into memory that both sides share. */
export type SliceWork =
  | { readonly kind: 'slice'; readonly task: SliceTask; readonly out: Int16Array | Float32Array }
  | { readonly kind: 'verify'; readonly input: AnalysisInput }
  | { readonly kind: 'prepare'; readonly input: AnalysisInput; readonly directory: string };

/** A class does not survive the way between threads; its fields do. */
interface SentError {
  readonly code: AppError['code'];
  readonly message: string;
  readonly detail: AppError['detail'];
}

export type SliceReply =
  | { readonly done: true }
  /** A frame of several is done. */
  | { readonly alive: true }
  | { readonly refused: SentError }
  /** A bug: where it was, without what was read. */
  | { readonly broken: string };
