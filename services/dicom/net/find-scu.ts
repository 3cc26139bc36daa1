import { AppError } from '../../domain/errors.ts';
import type { InformationModel, QueryLevel } from '../../domain/query.ts';
import { type Dataset, readDataset } from '../dataset/dataset.ts';
import { TRANSFER_SYNTAX } from '../dataset/transfer-syntax.ts';
import type { PlainDataset } from '../dataset/write-dataset.ts';
import { C_FIND_RQ, DATA_SET } from '../dimse/command.ts';
import { isPending, SUCCESS, statusText } from '../dimse/status.ts';
import { messageBytes } from '../query/write-identifier.ts';
import { openAssociation, type Peer, type RequestorOptions } from './open-association.ts';
import { queryRetrieveClass } from './service-classes.ts';

export interface FindRequest {
  readonly model: InformationModel;
  readonly level: QueryLevel;
  /** By keyword; `''` asks for an attribute without narrowing. */
  readonly keys: PlainDataset;
  /** Fields of extended negotiation that are asked for, in their order (PS3.4 §C.5.1.1). */
  readonly extended?: { readonly relational?: boolean; readonly combinedDateTime?: boolean; readonly fuzzy?: boolean };
}

const CONTEXT_ID = 1;
export const IDENTIFIER_SYNTAXES: readonly string[] = [TRANSFER_SYNTAX.explicitLittle, TRANSFER_SYNTAX.implicitLittle];

/**
 * C-FIND as SCU (PS3.4 §C.4.1.2): the matches as they come. Whoever stops asking cancels the query, and the association is
 * released.
 *
 * @throws {AppError} as `openAssociation` does; CONTEXT_REJECTED; PACS_REFUSED with the status of the peer.
 */
export async function* find(
  peer: Peer,
  callingAETitle: string,
  { model, level, keys, extended }: FindRequest,
  options: RequestorOptions = {},
): AsyncGenerator<Dataset> {
  const abstractSyntax = queryRetrieveClass(model, 'find');
  const { relational, combinedDateTime, fuzzy } = extended ?? {};
  const information = Uint8Array.from([relational, combinedDateTime, fuzzy].map(Number));
  const proposal = {
    contexts: [{ id: CONTEXT_ID, abstractSyntax, transferSyntaxes: IDENTIFIER_SYNTAXES }],
    ...(extended && { extendedNegotiations: [{ SOPClassUID: abstractSyntax, information }] }),
  };
  const association = await openAssociation(peer, callingAETitle, proposal, options);
  try {
    const transferSyntax = association.transferSyntax(CONTEXT_ID);
    if (transferSyntax === undefined) {
      throw new AppError('CONTEXT_REJECTED', `query refused: ${association.refusal(CONTEXT_ID)}`);
    }
    const identifier = { SpecificCharacterSet: 'ISO_IR 192', ...keys, QueryRetrieveLevel: level };
    const command = {
      AffectedSOPClassUID: abstractSyntax,
      CommandField: C_FIND_RQ,
      MessageID: 1,
      Priority: 0,
      CommandDataSetType: DATA_SET,
    };
    const responses = association.responses(CONTEXT_ID, command, messageBytes(identifier, transferSyntax));
    for await (const { command: response, dataset } of responses) {
      const { Status = -1, ErrorComment } = response;
      if (isPending(Status) && dataset !== undefined) yield readDataset(dataset, transferSyntax);
      else if (Status !== SUCCESS) throw refusal('C-FIND', Status, ErrorComment);
    }
  } finally {
    await association.release();
  }
}

/** What a peer said to a request as a whole. */
export function refusal(request: string, status: number, comment: string | undefined): AppError {
  const why = comment === undefined ? '' : `: ${comment}`;
  return new AppError('PACS_REFUSED', `${request} answered ${statusText(status)}${why}`);
}
