import { AppError } from '../../domain/errors.ts';
import { C_ECHO_RQ, NO_DATA_SET } from '../dimse/command.ts';
import { SUCCESS, statusText } from '../dimse/status.ts';
import { openAssociation, type Peer, type RequestorOptions } from './open-association.ts';
import { VERIFICATION } from './sop-classes.ts';

const IMPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2';
const CONTEXT_ID = 1;

/**
 * C-ECHO — PS3.4 Annex A, PS3.7 §9.1.5. Resolves when the peer answers success.
 *
 * @throws {AppError} ASSOCIATION_REJECTED, ASSOCIATION_ABORTED, ASSOCIATION_TIMEOUT, CONTEXT_REJECTED, PACS_REFUSED.
 */
export async function echo(peer: Peer, callingAETitle: string, options: RequestorOptions = {}): Promise<void> {
  const proposed = { id: CONTEXT_ID, abstractSyntax: VERIFICATION, transferSyntaxes: [IMPLICIT_VR_LITTLE_ENDIAN] };
  const association = await openAssociation(peer, callingAETitle, { contexts: [proposed] }, options);
  try {
    if (association.transferSyntax(CONTEXT_ID) === undefined) {
      throw new AppError('CONTEXT_REJECTED', `Verification refused: ${association.refusal(CONTEXT_ID)}`);
    }
    const { Status = -1 } = await association.request(CONTEXT_ID, {
      AffectedSOPClassUID: VERIFICATION,
      CommandField: C_ECHO_RQ,
      MessageID: 1,
      CommandDataSetType: NO_DATA_SET,
    });
    if (Status !== SUCCESS) throw new AppError('PACS_REFUSED', `C-ECHO answered ${statusText(Status)}`);
  } finally {
    await association.release();
  }
}
