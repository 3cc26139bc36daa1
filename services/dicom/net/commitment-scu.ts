import { setTimeout as sleep } from 'node:timers/promises';
import type { CommitmentReport, ReferencedInstance } from '../../domain/commitment.ts';
import type { Context } from '../../domain/context.ts';
import { AppError } from '../../domain/errors.ts';
import { type CommandSet, DATA_SET, N_ACTION_RQ } from '../dimse/command.ts';
import { SUCCESS } from '../dimse/status.ts';
import { messageBytes } from '../query/write-identifier.ts';
import { commitmentReport, commitmentRequest } from './commitment-dataset.ts';
import { COMMITMENT_INSTANCE, eventCommand } from './commitment-scp.ts';
import { IDENTIFIER_SYNTAXES, refusal } from './find-scu.ts';
import { normalizedExchange } from './normalized-exchange.ts';
import { openAssociation, type Peer, type RequestorOptions } from './open-association.ts';
import { responseTo } from './response.ts';
import { STORAGE_COMMITMENT } from './service-classes.ts';
import { answeredAtOnce } from './short-exchange.ts';

const CONTEXT_ID = 1;
const CONTEXT = { id: CONTEXT_ID, abstractSyntax: STORAGE_COMMITMENT, transferSyntaxes: IDENTIFIER_SYNTAXES };

export interface CommitmentQuestion {
  readonly TransactionUID: string;
  readonly references: readonly ReferencedInstance[];
  /** How long the association is kept open for a report; later ones come to our listener. */
  readonly waitSeconds: number;
  /** A report that comes meanwhile; `false` refuses it. */
  taken(report: CommitmentReport, callingAETitle: string): Promise<boolean>;
}

/**
 * Asks a peer to commit what it was sent: N-ACTION (PS3.4 §J.3.2). `unsupported` when it does not offer the service.
 *
 * @throws {AppError} as `openAssociation` does; PACS_REFUSED with the status of the peer.
 */
export async function requestCommitment(
  context: Context,
  peer: Peer,
  callingAETitle: string,
  question: CommitmentQuestion,
  options: RequestorOptions = {},
): Promise<'asked' | 'unsupported'> {
  const heard = { isReport: false, done: Promise.withResolvers<void>() };
  const ports = {
    async taken(report: CommitmentReport, AETitle: string): Promise<boolean> {
      const isKnown = await question.taken(report, AETitle);
      heard.isReport ||= isKnown && report.TransactionUID === question.TransactionUID;
      return isKnown;
    },
  };
  const scope = { context, AETitle: callingAETitle, ports: { reports: ports } };
  const association = await openAssociation(
    peer,
    callingAETitle,
    {
      contexts: [CONTEXT],
      serve: (channel) => (contextId: number, command: CommandSet) => {
        const begun = normalizedExchange(scope, channel, contextId, command);
        if (!('status' in begun)) {
          return {
            write: (bytes) => begun.write(bytes),
            discard: () => begun.discard(),
            // Only once it is answered is the association over.
            perform: async () => {
              await begun.perform();
              if (heard.isReport) heard.done.resolve();
            },
          };
        }
        return answeredAtOnce(() => channel.send(contextId, responseTo(command, begun)));
      },
    },
    options,
  );
  try {
    const transferSyntax = association.transferSyntax(CONTEXT_ID);
    if (transferSyntax === undefined) return 'unsupported';
    const dataset = messageBytes(commitmentRequest(question.TransactionUID, question.references), transferSyntax);
    const { Status = -1, ErrorComment } = await association.request(CONTEXT_ID, requestCommand(), [dataset]);
    if (Status !== SUCCESS) throw refusal('N-ACTION', Status, ErrorComment);
    await waited(question.waitSeconds, options.signal, heard.done.promise);
    return 'asked';
  } finally {
    await association.release();
  }
}

/**
 * Reports to the peer that asked, on an association of our own on which we are the SCP: N-EVENT-REPORT (PS3.4 §J.3.3, roles
 * by PS3.7 §D.3.3.4).
 *
 * @throws {AppError} as `openAssociation` does; CONTEXT_REJECTED; PACS_REFUSED with the status of the peer.
 */
export async function reportCommitment(
  peer: Peer,
  callingAETitle: string,
  report: CommitmentReport,
  options: RequestorOptions = {},
): Promise<void> {
  const roles = [{ SOPClassUID: STORAGE_COMMITMENT, scu: false, scp: true }];
  const association = await openAssociation(peer, callingAETitle, { contexts: [CONTEXT], roles }, options);
  try {
    const transferSyntax = association.transferSyntax(CONTEXT_ID);
    if (transferSyntax === undefined) {
      throw new AppError('CONTEXT_REJECTED', `Storage Commitment refused: ${association.refusal(CONTEXT_ID)}`);
    }
    const dataset = messageBytes(commitmentReport(report, callingAETitle), transferSyntax);
    const { Status = -1, ErrorComment } = await association.request(CONTEXT_ID, eventCommand(report, 0), [dataset]);
    if (Status !== SUCCESS) throw refusal('N-EVENT-REPORT', Status, ErrorComment);
  } finally {
    await association.release();
  }
}

function requestCommand(): CommandSet {
  return {
    RequestedSOPClassUID: STORAGE_COMMITMENT,
    CommandField: N_ACTION_RQ,
    MessageID: 1,
    CommandDataSetType: DATA_SET,
    RequestedSOPInstanceUID: COMMITMENT_INSTANCE,
    ActionTypeID: 1,
  };
}

/** Resolves after so long, when it is done, or when the work is cancelled. */
async function waited(seconds: number, signal: AbortSignal | undefined, done: Promise<void>): Promise<void> {
  const stop = new AbortController();
  void done.then(() => stop.abort());
  const signals = signal === undefined ? [stop.signal] : [stop.signal, signal];
  await sleep(seconds * 1000, undefined, { signal: AbortSignal.any(signals) }).catch(() => {});
}
