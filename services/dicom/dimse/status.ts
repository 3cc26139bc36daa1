import { AppError } from '../../domain/errors.ts';

/** DIMSE statuses we answer and tell apart — PS3.7 Annex C, PS3.4 Tables B.2-1, C.4-1, C.4-2 and C.4-3. */
export const SUCCESS = 0x0000;
export const PENDING = 0xff00;
/** Pending, and some optional keys are not supported. */
export const PENDING_KEYS_UNSUPPORTED = 0xff01;
export const CANCELLED = 0xfe00;
export const OUT_OF_RESOURCES = 0xa700;
/** Refused: the number of matches cannot be calculated; sub-operations cannot be performed. */
export const MATCHES_UNKNOWN = 0xa701;
export const SUBOPERATIONS_FAILED = 0xa702;
/** Sub-operations complete, one or more of them failed. */
export const SOME_FAILED = 0xb000;
export const INVALID_SOP_INSTANCE = 0x0117;
export const CANNOT_UNDERSTAND = 0xc000;
export const PROCESSING_FAILURE = 0x0110;
/** Of the N-services — PS3.7 Annex C.5. */
export const INVALID_ATTRIBUTE_VALUE = 0x0106;
export const DUPLICATE_SOP_INSTANCE = 0x0111;
export const NO_SUCH_OBJECT = 0x0112;
export const NO_SUCH_EVENT_TYPE = 0x0113;
export const INVALID_ARGUMENT_VALUE = 0x0115;
export const MISSING_ATTRIBUTE = 0x0120;
export const NO_SUCH_ACTION = 0x0123;
export const RESOURCE_LIMITATION = 0x0213;

/** What a response says: the status and, for a failure, a line for the sender's log. */
export interface Outcome {
  readonly status: number;
  /** ErrorComment, LO: no patient data, no backslash, at most 64 characters. */
  readonly comment?: string | undefined;
  /** Error ID (0000,0903): which of the errors of the service it is. */
  readonly errorId?: number | undefined;
}

/** Success and warnings: the peer holds the object (PS3.7 §C.1.1, §C.1.3: 0001, 0107, 0116 and Bxxx). */
export const isTaken = (status: number): boolean =>
  status === SUCCESS || status === 0x0001 || status === 0x0107 || status === 0x0116 || (status & 0xf000) === 0xb000;

/** The response for what went wrong: a named error by its table, anything else as a processing failure. */
export function failureOf(error: unknown): Outcome {
  if (!(error instanceof AppError)) return { status: PROCESSING_FAILURE, comment: 'internal error' };
  const status = error.dimse === 'abort' ? CANNOT_UNDERSTAND : error.dimse;
  return { status, comment: errorComment(error.message) };
}

/** Characters of LO in the default repertoire only (PS3.5 §6.1.2.1, §6.2). */
const errorComment = (text: string): string =>
  text
    .replace(/[^\x20-\x5b\x5d-\x7e]/g, '?')
    .slice(0, 64)
    .trim();

/** More responses will follow (PS3.7 §C.4). */
export const isPending = (status: number): boolean => status === PENDING || status === PENDING_KEYS_UNSUPPORTED;

export const statusText = (status: number): string => status.toString(16).padStart(4, '0').toUpperCase();
