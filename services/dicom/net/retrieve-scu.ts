import { AppError } from '../../domain/errors.ts';
import type { InformationModel, QueryLevel, UniqueKeys } from '../../domain/query.ts';
import { readDataset } from '../dataset/dataset.ts';
import { TAG } from '../dataset/tags.ts';
import { C_GET_RQ, C_MOVE_RQ, type CommandSet, DATA_SET } from '../dimse/command.ts';
import { isPending, isTaken } from '../dimse/status.ts';
import { messageBytes } from '../query/write-identifier.ts';
import { IDENTIFIER_SYNTAXES, refusal } from './find-scu.ts';
import { openAssociation, type Peer, type RequestedAssociation, type RequestorOptions } from './open-association.ts';
import type { Proposal, Response } from './proposal.ts';
import { queryRetrieveClass } from './service-classes.ts';

export interface RetrieveRequest {
  readonly model: InformationModel;
  readonly level: QueryLevel;
  readonly keys: UniqueKeys;
}

/** How a C-MOVE or C-GET stands, or has ended. */
export interface RetrieveCounts {
  readonly remaining: number;
  readonly completed: number;
  readonly failed: number;
  readonly warned: number;
  readonly status: number;
  /** As far as the peer names them. */
  readonly failedUids: readonly string[];
}

export interface RetrieveOptions extends RequestorOptions {
  readonly onProgress?: ((counts: RetrieveCounts) => void) | undefined;
}

const CONTEXT_ID = 1;

/**
 * C-MOVE as SCU (PS3.4 §C.4.2.2): `destination` is an AE title that the peer knows. Resolves with the counts when some were
 * sent, also when not all were.
 *
 * @throws {AppError} as `openAssociation` does; CONTEXT_REJECTED; PACS_REFUSED when the peer has sent nothing.
 */
export function move(
  peer: Peer,
  callingAETitle: string,
  destination: string,
  request: RetrieveRequest,
  options: RetrieveOptions = {},
): Promise<RetrieveCounts> {
  const command = { CommandField: C_MOVE_RQ, MoveDestination: destination };
  return retrieve(peer, callingAETitle, request, command, { contexts: [] }, options);
}

/** What a C-GET is sent: SOP classes that are taken, each in one of these transfer syntaxes, and who takes them. */
export interface GetStorage extends Pick<Proposal, 'serve'> {
  readonly classes: readonly { readonly SOPClassUID: string; readonly transferSyntaxes: readonly string[] }[];
}

/** Presentation contexts left beside that of the request: the odd numbers of one byte (PS3.8 §9.3.2.2). */
export const MAX_GET_CLASSES = 127;

/**
 * C-GET as SCU (PS3.4 §C.4.3.2): the objects come on the same association, and `storage.serve` takes them. At most
 * {@link MAX_GET_CLASSES} classes.
 *
 * @throws {AppError} as `move`.
 */
export function get(
  peer: Peer,
  callingAETitle: string,
  request: RetrieveRequest,
  { classes, serve }: GetStorage,
  options: RetrieveOptions = {},
): Promise<RetrieveCounts> {
  const storage: Proposal = {
    contexts: classes.slice(0, MAX_GET_CLASSES).map(({ SOPClassUID, transferSyntaxes }, at) => ({
      id: CONTEXT_ID + 2 * (at + 1),
      abstractSyntax: SOPClassUID,
      transferSyntaxes,
    })),
    roles: [...new Set(classes.slice(0, MAX_GET_CLASSES).map(({ SOPClassUID }) => SOPClassUID))].map((SOPClassUID) => ({
      ...{ SOPClassUID, scu: false, scp: true },
    })),
    ...(serve && { serve }),
  };
  return retrieve(peer, callingAETitle, request, { CommandField: C_GET_RQ }, storage, options);
}

async function retrieve(
  peer: Peer,
  callingAETitle: string,
  request: RetrieveRequest,
  command: CommandSet,
  storage: Proposal,
  options: RetrieveOptions,
): Promise<RetrieveCounts> {
  const abstractSyntax = queryRetrieveClass(request.model, command.CommandField === C_MOVE_RQ ? 'move' : 'get');
  const own = { id: CONTEXT_ID, abstractSyntax, transferSyntaxes: IDENTIFIER_SYNTAXES };
  const proposal = { ...storage, contexts: [own, ...storage.contexts] };
  const association = await openAssociation(peer, callingAETitle, proposal, options);
  try {
    return await retrieved(association, request, { ...command, AffectedSOPClassUID: abstractSyntax }, options);
  } finally {
    await association.release();
  }
}

async function retrieved(
  association: RequestedAssociation,
  { level, keys }: RetrieveRequest,
  given: CommandSet,
  { onProgress }: RetrieveOptions,
): Promise<RetrieveCounts> {
  const transferSyntax = association.transferSyntax(CONTEXT_ID);
  const name = given.CommandField === C_MOVE_RQ ? 'C-MOVE' : 'C-GET';
  if (transferSyntax === undefined) {
    throw new AppError('CONTEXT_REJECTED', `${name} refused: ${association.refusal(CONTEXT_ID)}`);
  }
  const command = { ...given, MessageID: 1, Priority: 0, CommandDataSetType: DATA_SET };
  const identifier = messageBytes({ ...keys, QueryRetrieveLevel: level }, transferSyntax);
  for await (const response of association.responses(CONTEXT_ID, command, identifier)) {
    const counts = countsOf(response, transferSyntax);
    if (isPending(counts.status)) {
      onProgress?.(counts);
      continue;
    }
    if (isTaken(counts.status) || counts.completed + counts.warned > 0) return counts;
    throw refusal(name, counts.status, response.command.ErrorComment);
  }
  throw new AppError('ASSOCIATION_ABORTED', `${name} was not answered to its end`);
}

function countsOf({ command, dataset }: Response, transferSyntax: string): RetrieveCounts {
  return {
    remaining: command.NumberOfRemainingSuboperations ?? 0,
    completed: command.NumberOfCompletedSuboperations ?? 0,
    failed: command.NumberOfFailedSuboperations ?? 0,
    warned: command.NumberOfWarningSuboperations ?? 0,
    status: command.Status ?? -1,
    failedUids:
      dataset === undefined || dataset.length === 0
        ? []
        : readDataset(dataset, transferSyntax).strings(TAG.FailedSOPInstanceUIDList),
  };
}
