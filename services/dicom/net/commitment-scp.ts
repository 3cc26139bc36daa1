import type { CommitmentReport, CommitmentRequest, OpenCommitment } from '../../domain/commitment.ts';
import type { Context } from '../../domain/context.ts';
import { readDataset } from '../dataset/dataset.ts';
import { type CommandSet, DATA_SET, N_EVENT_REPORT_RQ } from '../dimse/command.ts';
import {
  NO_SUCH_ACTION,
  NO_SUCH_EVENT_TYPE,
  NO_SUCH_OBJECT,
  type Outcome,
  PROCESSING_FAILURE,
  SUCCESS,
  statusText,
} from '../dimse/status.ts';
import { messageBytes } from '../query/write-identifier.ts';
import {
  ALL_COMMITTED,
  commitmentReport,
  readCommitmentReport,
  readCommitmentRequest,
  SOME_FAILED,
} from './commitment-dataset.ts';
import type { AcceptedContext, Channel } from './exchange.ts';
import { STORAGE_COMMITMENT } from './service-classes.ts';

/** What Storage Commitment needs as SCP. */
export interface CommitmentPorts {
  /** Remembers a request, durably. `in use`: another one of this transaction is known; `too many`: of this AE title wait. */
  remember(request: CommitmentRequest): Promise<number | 'in use' | 'too many'>;
  /** The report of a remembered request once all of it is looked at; `undefined` when it was reported already. */
  prepare(id: number): Promise<OpenCommitment | undefined>;
  /** Nobody else reports it meanwhile; `false`: somebody does. */
  hold(id: number): Promise<boolean>;
  reported(id: number): Promise<void>;
  /** It could not be reported on the association of the request: another one is opened soon. */
  notReported(id: number, why: string): Promise<void>;
}

/** What a requestor of commitment needs when its peers report. */
export interface ReportPorts {
  /** A peer reports on a request of ours. `false`: no such transaction was asked of this AE title. */
  taken(report: CommitmentReport, callingAETitle: string): Promise<boolean>;
}

export interface CommitmentScope {
  readonly context: Context;
  readonly AETitle: string;
  readonly ports: CommitmentPorts;
}

/** PS3.4 §J.3.5: the instance that every request is made of. */
export const COMMITMENT_INSTANCE = '1.2.840.10008.1.20.1.1';
const REQUEST_COMMITMENT = 1;
/** A requestor that says nothing for so long after its answer waits for the report; others have released by then. */
const SILENCE_MS = 300;
/** One that goes on talking for so long hears on another association. */
const MAX_TALK_MS = 20_000;

interface Asked {
  readonly channel: Channel;
  readonly contextId: number;
  readonly accepted: AcceptedContext;
  readonly command: CommandSet;
}

/** N-ACTION (PS3.4 §J.3.2): remembered and answered; `after` reports on this association, if it stays open. */
export async function acceptRequest(
  scope: CommitmentScope,
  { channel, contextId, accepted, command }: Asked,
  bytes: Uint8Array,
): Promise<{ readonly outcome: Outcome; readonly after?: () => Promise<void> }> {
  const { context, ports } = scope;
  if (command.ActionTypeID !== REQUEST_COMMITMENT) return { outcome: { status: NO_SUCH_ACTION } };
  if (command.RequestedSOPInstanceUID !== COMMITMENT_INSTANCE) return { outcome: { status: NO_SUCH_OBJECT } };
  const request = readCommitmentRequest(readDataset(bytes, accepted.transferSyntax));
  if ('status' in request) return { outcome: request };
  const { callingAETitle } = channel;
  const id = await ports.remember({ ...request, callingAETitle });
  if (typeof id === 'string') {
    const comment = id === 'in use' ? 'the Transaction UID is in use' : 'too many requests wait for their report';
    return { outcome: { status: PROCESSING_FAILURE, comment } };
  }
  const { TransactionUID, references } = request;
  context.log.info('commitment.requested', { callingAETitle, TransactionUID, instances: references.length });
  return {
    outcome: { status: SUCCESS },
    after: () => reportHere(scope, channel, { contextId, transferSyntax: accepted.transferSyntax, id }),
  };
}

async function reportHere(
  { context, AETitle, ports }: CommitmentScope,
  channel: Channel,
  { contextId, transferSyntax, id }: { contextId: number; transferSyntax: string; id: number },
): Promise<void> {
  try {
    const open = await ports.prepare(id);
    if (open === undefined) return;
    if (!(await channel.idle(SILENCE_MS, MAX_TALK_MS)))
      return await ports.notReported(id, 'the association was released');
    if (!(await ports.hold(id))) return;
    const { report } = open;
    const dataset = messageBytes(commitmentReport(report, AETitle), transferSyntax);
    const { Status = -1 } = await channel.request(contextId, eventCommand(report, id), [dataset]);
    if (Status !== SUCCESS) return await ports.notReported(id, `the report was answered ${statusText(Status)}`);
    await ports.reported(id);
    const { TransactionUID, committed, failed } = report;
    const counts = { committed: committed.length, failed: failed.length };
    context.log.info('commitment.reported', { callingAETitle: channel.callingAETitle, TransactionUID, ...counts });
  } catch (error) {
    await ports.notReported(id, error instanceof Error ? error.message : 'internal error').catch((failure: unknown) => {
      context.log.error('commitment.not-remembered', failure);
    });
  }
}

/** N-EVENT-REPORT of ours (PS3.7 §10.1.1). */
export function eventCommand(report: CommitmentReport, id: number): CommandSet {
  return {
    AffectedSOPClassUID: STORAGE_COMMITMENT,
    CommandField: N_EVENT_REPORT_RQ,
    MessageID: (id % 0xffff) + 1,
    CommandDataSetType: DATA_SET,
    AffectedSOPInstanceUID: COMMITMENT_INSTANCE,
    EventTypeID: report.failed.length === 0 ? ALL_COMMITTED : SOME_FAILED,
  };
}

/** N-EVENT-REPORT of a peer (PS3.4 §J.3.3), on an association of its own: only for what was asked of it. */
export async function acceptReport(
  { context, ports }: { readonly context: Context; readonly ports: ReportPorts },
  { channel, accepted, command }: Asked,
  bytes: Uint8Array,
): Promise<Outcome> {
  const { EventTypeID = 0 } = command;
  if (EventTypeID !== ALL_COMMITTED && EventTypeID !== SOME_FAILED) return { status: NO_SUCH_EVENT_TYPE };
  const report = readCommitmentReport(readDataset(bytes, accepted.transferSyntax));
  if ('status' in report) return report;
  const { callingAETitle } = channel;
  if (await ports.taken(report, callingAETitle)) return { status: SUCCESS };
  context.log.warn('commitment.unknown', { callingAETitle, TransactionUID: report.TransactionUID });
  return { status: PROCESSING_FAILURE, comment: 'no such transaction was asked of this AE title' };
}
