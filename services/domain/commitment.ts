import { z } from 'zod';

/** How far a delivered result is known to be safe at its PACS: what Storage Commitment said of it (PS3.4 Annex J). */
export const CommitmentState = z.enum(['none', 'asked', 'committed', 'failed']);
export type CommitmentState = z.infer<typeof CommitmentState>;

export interface ReferencedInstance {
  readonly SOPClassUID: string;
  readonly SOPInstanceUID: string;
}

/** An instance that is not committed, and the Failure Reason (0008,1197) of it — PS3.3 §C.14.1.1. */
export interface FailedInstance extends ReferencedInstance {
  readonly reason: number;
}

/** What an application entity asks to be kept. */
export interface CommitmentRequest {
  readonly TransactionUID: string;
  readonly callingAETitle: string;
  readonly references: readonly ReferencedInstance[];
}

/** What is answered later, by an event. */
export interface CommitmentReport {
  readonly TransactionUID: string;
  readonly committed: readonly ReferencedInstance[];
  readonly failed: readonly FailedInstance[];
}

/** Failure Reason: not here; here under another class; cannot be read now; not the bytes that were received. */
export const NOT_HELD = 0x0112;
export const OTHER_CLASS = 0x0119;
export const NOT_INTACT = 0x0110;

/** A request that waits for its report. */
export interface OpenCommitment {
  readonly id: number;
  readonly callingAETitle: string;
  readonly attempts: number;
  readonly report: CommitmentReport;
}

/** A delivered report that its PACS is asked to commit. */
export interface CommitmentToAsk {
  readonly deliveryId: string;
  readonly destination: string;
  readonly TransactionUID: string;
  readonly references: readonly ReferencedInstance[];
  /** Tries before this one. */
  readonly tries: number;
}
