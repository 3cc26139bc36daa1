import type { CommitmentToAsk } from '../domain/commitment.ts';
import type { Context } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';

export interface AskCommitmentPorts {
  claimCommitments(): Promise<readonly CommitmentToAsk[]>;
  /** @throws {AppError} when the peer was not reached or refused. */
  ask(toAsk: CommitmentToAsk, signal: AbortSignal): Promise<'asked' | 'unsupported'>;
  commitmentAsked(deliveryId: string): Promise<void>;
  commitmentUnsupported(deliveryId: string): Promise<void>;
}

/**
 * Asks the PACS of each delivered result to commit it. A PACS without the service is left in peace; one that cannot be reached
 * is asked again, by the rows. Safe to run in several processes: a claim is one's own.
 */
export async function askCommitments(context: Context, ports: AskCommitmentPorts): Promise<void> {
  const byDestination = Map.groupBy(await ports.claimCommitments(), ({ destination }) => destination);
  await Promise.all(
    [...byDestination.values()].map(async (claimed) => {
      for (const toAsk of claimed) await askOne(context, ports, toAsk);
    }),
  );
}

async function askOne({ log, signal }: Context, ports: AskCommitmentPorts, toAsk: CommitmentToAsk): Promise<void> {
  const { deliveryId, destination, TransactionUID, tries } = toAsk;
  const fields = { deliveryId, destination, TransactionUID };
  try {
    const answer = await ports.ask(toAsk, signal);
    if (answer === 'unsupported') await ports.commitmentUnsupported(deliveryId);
    else await ports.commitmentAsked(deliveryId);
    log.info(`commitment.${answer}`, fields);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.warn('commitment.not-asked', { ...fields, attempt: tries + 1, error: error.message });
  }
}
