import { randomUUID } from 'node:crypto';
import type { Context } from '../../domain/context.ts';
import { AppError } from '../../domain/errors.ts';
import type { Service } from '../../domain/peer.ts';
import { readDataset } from '../dataset/dataset.ts';
import { type CommandSet, N_ACTION_RQ, N_CREATE_RQ, N_EVENT_REPORT_RQ, N_SET_RQ } from '../dimse/command.ts';
import {
  failureOf,
  type Outcome,
  PROCESSING_FAILURE,
  RESOURCE_LIMITATION,
  SUCCESS,
  statusText,
} from '../dimse/status.ts';
import { acceptReport, acceptRequest, type CommitmentPorts, type ReportPorts } from './commitment-scp.ts';
import type { AcceptedContext, Channel, Exchange } from './exchange.ts';
import { MAX_NOTICE_BYTES } from './limits.ts';
import { changeStep, createStep, type NoticePorts, takeNotification } from './performed-step-scp.ts';
import { responseTo } from './response.ts';
import { serviceClass } from './service-classes.ts';
import { IdentifierExchange } from './short-exchange.ts';

export interface NormalizedPorts {
  /** Absent: requests for Storage Commitment are not served. */
  readonly commitment?: CommitmentPorts;
  /** Absent: nobody was asked to commit anything, and no report is taken. */
  readonly reports?: ReportPorts;
  /** Absent: performed steps and notifications of availability are not served. */
  readonly notices?: NoticePorts;
}

interface Scope {
  readonly context: Context;
  readonly AETitle: string;
  readonly ports: NormalizedPorts;
}

interface Asked {
  readonly channel: Channel;
  readonly contextId: number;
  readonly accepted: AcceptedContext;
  readonly command: CommandSet;
}

interface Answer {
  readonly outcome: Outcome;
  /** Elements of the response beside those of every one. */
  readonly more?: CommandSet;
  /** What is done once it is answered; never rejects. */
  readonly after?: () => Promise<void>;
}

type Perform = (scope: Scope, asked: Asked, bytes: Uint8Array) => Promise<Answer>;

/** By service of the context and request (PS3.4 §J.3, §F.7, §R.3). */
const PERFORM: Readonly<Partial<Record<Service, Readonly<Record<number, Perform>>>>> = {
  commitment: {
    [N_ACTION_RQ]: async ({ ports: { commitment }, ...scope }, asked, bytes) =>
      commitment === undefined ? NOT_SERVED : acceptRequest({ ...scope, ports: commitment }, asked, bytes),
    [N_EVENT_REPORT_RQ]: async ({ ports: { reports }, ...scope }, asked, bytes) =>
      reports === undefined ? NOT_SERVED : { outcome: await acceptReport({ ...scope, ports: reports }, asked, bytes) },
  },
  mpps: {
    [N_CREATE_RQ]: async ({ ports: { notices } }, { channel, accepted, command }, bytes) => {
      if (notices === undefined) return NOT_SERVED;
      // The requestor may leave the choice of the UID to us (PS3.7 §10.1.5.1.4).
      const AffectedSOPInstanceUID = command.AffectedSOPInstanceUID ?? newUid();
      const dataset = readDataset(bytes, accepted.transferSyntax);
      const outcome = await createStep(notices, AffectedSOPInstanceUID, channel.callingAETitle, dataset);
      return { outcome, more: { AffectedSOPInstanceUID } };
    },
    [N_SET_RQ]: async ({ ports: { notices } }, { channel, accepted, command }, bytes) => {
      if (notices === undefined) return NOT_SERVED;
      const dataset = readDataset(bytes, accepted.transferSyntax);
      return { outcome: await changeStep(notices, command, channel.callingAETitle, dataset) };
    },
  },
  availability: {
    [N_CREATE_RQ]: async ({ ports: { notices } }, { channel, accepted, command }, bytes) => {
      if (notices === undefined) return NOT_SERVED;
      const { AffectedSOPInstanceUID = newUid() } = command;
      const dataset = readDataset(bytes, accepted.transferSyntax);
      const outcome = await takeNotification(notices, channel.callingAETitle, dataset);
      return { outcome, more: { AffectedSOPInstanceUID } };
    },
  },
};

const NOT_SERVED: Answer = { outcome: failureOf(new AppError('COMMAND_UNKNOWN', 'this service is not served')) };

/** A request of the N-services (PS3.7 §10): its small data set is held, read, carried out durably and answered. */
export function normalizedExchange(
  scope: Scope,
  channel: Channel,
  contextId: number,
  command: CommandSet,
): Exchange | Outcome {
  const accepted = channel.contexts.get(contextId);
  const { CommandField = 0, AffectedSOPClassUID, RequestedSOPClassUID } = command;
  const service = serviceClass(accepted?.abstractSyntax ?? '', () => false)?.service;
  const perform = service === undefined ? undefined : PERFORM[service]?.[CommandField];
  if (accepted === undefined || perform === undefined) {
    return failureOf(new AppError('COMMAND_UNKNOWN', 'this request does not belong to the presentation context'));
  }
  if ((RequestedSOPClassUID ?? AffectedSOPClassUID) !== accepted.abstractSyntax) {
    return failureOf(new AppError('SOP_CLASS_REFUSED', 'a SOP Class other than that of the context'));
  }
  const asked = { channel, contextId, accepted, command };
  return new IdentifierExchange(
    async (bytes) => {
      const { outcome, more, after } = await answerOf(scope, perform, asked, bytes);
      const { status, comment = '' } = outcome;
      if (status !== SUCCESS) {
        const fields = { callingAETitle: channel.callingAETitle, service: service ?? '', comment };
        scope.context.log.warn('notice.refused', { ...fields, status: statusText(status) });
      }
      await channel.send(contextId, responseTo(command, outcome, more));
      void after?.();
    },
    undefined,
    MAX_NOTICE_BYTES,
  );
}

async function answerOf(scope: Scope, perform: Perform, asked: Asked, bytes: Uint8Array | AppError): Promise<Answer> {
  try {
    if (bytes instanceof AppError) throw bytes;
    return await perform(scope, asked, bytes);
  } catch (error) {
    if (!(error instanceof AppError)) scope.context.log.error('notice.failed', error);
    const { status, comment } = failureOf(error);
    // Statuses of the C-services mean nothing here (PS3.7 §C.5).
    const ofService = status === 0xa700 ? RESOURCE_LIMITATION : PROCESSING_FAILURE;
    return { outcome: { status: status < 0x1000 ? status : ofService, comment } };
  }
}

const newUid = (): string => `2.25.${BigInt(`0x${randomUUID().replaceAll('-', '')}`)}`;
