/**
 * Every failure this system can name, in one table.
 *
 * A code is projected three ways and nowhere else:
 *   DIMSE  `dimse`      the Status of the response (PS3.4 Table B.2-1, PS3.7 Annex C), or A-ABORT when the peer cannot be understood
 *   HTTP   `http`       the status of the problem response
 *   queue  `retryable`  back-off, or straight to the end
 */
// biome-ignore format: a table
const ERRORS = {
  // Upper Layer (PS3.8)
  PDU_TRUNCATED:        { dimse: 'abort', http: 400, retryable: false },
  PDU_TOO_LONG:         { dimse: 'abort', http: 400, retryable: false },
  PDU_UNKNOWN_TYPE:     { dimse: 'abort', http: 400, retryable: false },
  PDU_INVALID:          { dimse: 'abort', http: 400, retryable: false },
  ASSOCIATION_REJECTED: { dimse: 'abort', http: 502, retryable: true  },
  ASSOCIATION_ABORTED:  { dimse: 'abort', http: 502, retryable: true  },
  ASSOCIATION_TIMEOUT:  { dimse: 'abort', http: 504, retryable: true  },
  CONTEXT_REJECTED:     { dimse: 0x0122,  http: 502, retryable: false },
  // DIMSE (PS3.7)
  COMMAND_INVALID:      { dimse: 'abort', http: 400, retryable: false },
  COMMAND_TOO_LONG:     { dimse: 'abort', http: 400, retryable: false },
  COMMAND_UNKNOWN:      { dimse: 0x0211,  http: 400, retryable: false },
  // C-STORE (PS3.4 B.2.3)
  STORE_FULL:           { dimse: 0xa700,  http: 507, retryable: true  },
  STORE_UNAVAILABLE:    { dimse: 0xa700,  http: 503, retryable: true  },
  DATASET_MISMATCH:     { dimse: 0xa900,  http: 409, retryable: false },
  DATASET_UNREADABLE:   { dimse: 0xc000,  http: 400, retryable: false },
  DATASET_TOO_LARGE:    { dimse: 0xa700,  http: 413, retryable: false },
  DUPLICATE_DIFFERS:    { dimse: 0x0111,  http: 409, retryable: false },
  // C-FIND, C-MOVE, C-GET (PS3.4 Annex C)
  IDENTIFIER_INVALID:   { dimse: 0xa900,  http: 400, retryable: false },
  IDENTIFIER_TOO_LARGE: { dimse: 0xa700,  http: 413, retryable: false },
  TOO_MANY_MATCHES:     { dimse: 0xa700,  http: 413, retryable: false },
  DESTINATION_UNKNOWN:  { dimse: 0xa801,  http: 404, retryable: false },
  // STOW-RS (PS3.18 §10.5)
  SOP_CLASS_REFUSED:    { dimse: 0x0122,  http: 409, retryable: false },
  TRANSFER_SYNTAX_REFUSED: { dimse: 0xc122, http: 409, retryable: false },
  BODY_TOO_LARGE:       { dimse: 0xa700,  http: 413, retryable: false },
  UNSUPPORTED_MEDIA_TYPE: { dimse: 0xc000, http: 415, retryable: false },
  // what was asked for is not here
  STUDY_NOT_FOUND:      { dimse: 0x0110,  http: 404, retryable: false },
  SERIES_NOT_FOUND:     { dimse: 0x0110,  http: 404, retryable: false },
  INSTANCE_NOT_FOUND:   { dimse: 0x0112,  http: 404, retryable: false },
  FRAME_NOT_FOUND:      { dimse: 0x0112,  http: 404, retryable: false },
  BULK_DATA_NOT_FOUND:  { dimse: 0x0112,  http: 404, retryable: false },
  RUN_NOT_FOUND:        { dimse: 0x0110,  http: 404, retryable: false },
  PEER_NOT_FOUND:       { dimse: 0x0110,  http: 404, retryable: false },
  PEER_BUSY:            { dimse: 0x0110,  http: 409, retryable: true  },
  RANGE_INVALID:        { dimse: 0x0110,  http: 416, retryable: false },
  NOT_ACCEPTABLE:       { dimse: 0x0110,  http: 406, retryable: false },
  BAD_REQUEST:          { dimse: 0x0110,  http: 400, retryable: false },
  // pixels for the web
  INSTANCE_UNREADABLE:     { dimse: 0x0110,  http: 500, retryable: false },
  IMAGER_DIED:          { dimse: 0x0110,  http: 500, retryable: true  },
  IMAGER_DEADLINE:      { dimse: 0x0110,  http: 504, retryable: true  },
  IMAGER_BUSY:          { dimse: 0x0110,  http: 503, retryable: true  },
  // readings
  PRECONDITION_REQUIRED: { dimse: 0x0110, http: 428, retryable: false },
  READING_CHANGED:      { dimse: 0x0110,  http: 409, retryable: false },
  READING_SIGNED:       { dimse: 0x0110,  http: 409, retryable: false },
  READING_NOT_SIGNED:   { dimse: 0x0110,  http: 409, retryable: false },
  READING_INCOMPLETE:   { dimse: 0x0110,  http: 409, retryable: false },
  READING_OUTDATED:     { dimse: 0x0110,  http: 409, retryable: false },
  READING_NOT_REVEALED: { dimse: 0x0110,  http: 409, retryable: false },
  PATIENT_MISMATCH:     { dimse: 0x0110,  http: 409, retryable: false },
  READING_INVALID:      { dimse: 0x0110,  http: 422, retryable: false },
  NOT_SEGMENTABLE:      { dimse: 0x0110,  http: 422, retryable: false },
  // analysis
  NOT_ANALYSABLE:       { dimse: 0x0110,  http: 422, retryable: false },
  ANALYZER_DIED:        { dimse: 0x0110,  http: 500, retryable: true  },
  ANALYZER_DEADLINE:    { dimse: 0x0110,  http: 504, retryable: true  },
  ANALYZER_INVALID:     { dimse: 0x0110,  http: 500, retryable: false },
  MODEL_INVALID:        { dimse: 0x0110,  http: 500, retryable: false },
  MODEL_NOT_FOUND:      { dimse: 0x0110,  http: 404, retryable: false },
  DEVICE_OUT_OF_MEMORY: { dimse: 0x0110,  http: 500, retryable: true  },
  // bench
  BENCH_INVALID:        { dimse: 0x0110,  http: 400, retryable: false },
  BENCH_DATA_ABSENT:    { dimse: 0x0110,  http: 404, retryable: false },
  BENCH_DATA_INCOMPLETE: { dimse: 0x0110, http: 409, retryable: false },
  TRUTH_INVALID:        { dimse: 0x0110,  http: 400, retryable: false },
  MARKS_INVALID:        { dimse: 0x0110,  http: 400, retryable: false },
  RUNS_NOT_COMPARABLE:  { dimse: 0x0110,  http: 409, retryable: false },
  // delivery
  PACS_UNREACHABLE:     { dimse: 0x0110,  http: 502, retryable: true  },
  PACS_REFUSED:         { dimse: 0x0110,  http: 502, retryable: true  },
  // routing and pulling
  ROUTES_INVALID:       { dimse: 0x0110,  http: 400, retryable: false },
  WATCHES_INVALID:      { dimse: 0x0110,  http: 400, retryable: false },
  PULL_NOT_FOUND:       { dimse: 0x0110,  http: 404, retryable: false },
  // installation
  PEERS_INVALID:        { dimse: 0x0110,  http: 500, retryable: false },
  TLS_INVALID:          { dimse: 0x0110,  http: 500, retryable: false },
  CONFIG_INVALID:       { dimse: 0x0110,  http: 500, retryable: false },
  DATABASE_UNAVAILABLE: { dimse: 0xa700,  http: 503, retryable: true  },
  DATABASE_UNSAFE:      { dimse: 0xa700,  http: 503, retryable: false },
  DATA_DIR_IN_USE:      { dimse: 0xa700,  http: 503, retryable: false },
} as const satisfies Record<string, { dimse: number | 'abort'; http: number; retryable: boolean }>;

export type ErrorCode = keyof typeof ERRORS;
export const ERROR_CODES = Object.keys(ERRORS) as ErrorCode[];

/** Status of the problem response of a code. */
export const httpStatusOf = (code: ErrorCode): number => ERRORS[code].http;

/** The only error class thrown on purpose; anything else is a bug. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly detail: Readonly<Record<string, string | number>>;

  constructor(code: ErrorCode, message: string, detail: Record<string, string | number> = {}, cause?: unknown) {
    super(message, { cause });
    this.name = 'AppError';
    this.code = code;
    this.detail = detail;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }

  get http(): number {
    return httpStatusOf(this.code);
  }

  get dimse(): number | 'abort' {
    return ERRORS[this.code].dimse;
  }
}
