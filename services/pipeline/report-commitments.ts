import type { OpenCommitment } from '../domain/commitment.ts';
import type { Context } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';

export interface ReportCommitmentPorts {
  /** Requests whose report is due; handed out, with the pause before the next try already set. */
  dueRequests(): Promise<readonly number[]>;
  prepare(id: number): Promise<OpenCommitment | undefined>;
  /** On an association of our own. @throws {AppError} when it is not taken. */
  report(open: OpenCommitment, signal: AbortSignal): Promise<void>;
  reported(id: number): Promise<void>;
  postponed(id: number, why: string, attempts: number): Promise<void>;
}

/** Reports on commitments whose requestor has not waited: looked at, reported, and tried again until it is taken. */
export async function reportCommitments({ log, signal }: Context, ports: ReportCommitmentPorts): Promise<void> {
  for (const id of await ports.dueRequests()) {
    const open = await ports.prepare(id);
    if (open === undefined) continue;
    const { callingAETitle, attempts, report } = open;
    const { TransactionUID, committed, failed } = report;
    const fields = { callingAETitle, TransactionUID, committed: committed.length, failed: failed.length };
    try {
      await ports.report(open, signal);
      await ports.reported(id);
      log.info('commitment.reported', fields);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      await ports.postponed(id, error.message, attempts);
      log.warn('commitment.not-reported', { ...fields, attempt: attempts, error: error.message });
    }
  }
}
