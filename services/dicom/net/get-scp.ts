import { AppError } from '../../domain/errors.ts';
import type { HeldInstance } from '../../domain/query.ts';
import { C_STORE_RQ, DATA_SET } from '../dimse/command.ts';
import type { Channel } from './exchange.ts';
import type { Requested } from './find-scp.ts';
import { type OutgoingInstance, pieces } from './outgoing-instance.ts';
import { outgoing, performRetrieve, type RetrieveScope } from './retrieve-scp.ts';
import { SENT_TRANSFER_SYNTAXES } from './transfer-syntaxes.ts';

/** C-GET as SCP (PS3.4 §C.4.3.3): C-STOREs on the same association, in contexts of which the requestor is SCP. */
export function performGet(
  scope: RetrieveScope,
  requested: Requested,
  identifier: Uint8Array | AppError,
): Promise<void> {
  const { context } = scope;
  const { state, channel } = requested;
  const messages = { next: requested.state.messageId };
  return performRetrieve(scope, requested, identifier, async (instances, done) => {
    for (const held of instances) {
      if (state.isOver) return;
      messages.next = (messages.next % 0xffff) + 1;
      const status = await storeOne(scope, requested, held, messages.next).catch((error: unknown) => {
        const why = error instanceof AppError ? error.code : 'internal error';
        if (!(error instanceof AppError)) context.log.error('retrieve.failed', error);
        context.log.warn('retrieve.not-sent', { SOPInstanceUID: held.SOPInstanceUID, why, to: channel.callingAETitle });
        return undefined;
      });
      done(held.SOPInstanceUID, status);
    }
  });
}

async function storeOne(
  scope: RetrieveScope,
  { channel, state }: Requested,
  held: HeldInstance,
  MessageID: number,
): Promise<number | undefined> {
  const contextId = contextFor(channel, held);
  if (contextId === undefined) throw new AppError('CONTEXT_REJECTED', 'no presentation context of its SOP Class');
  const { transferSyntax = '' } = channel.contexts.get(contextId) ?? {};
  const instance = await outgoing(scope, held, state.signal);
  const dataset = await datasetFor(instance, transferSyntax);
  const command = {
    AffectedSOPClassUID: held.SOPClassUID,
    CommandField: C_STORE_RQ,
    MessageID,
    Priority: 0,
    CommandDataSetType: DATA_SET,
    AffectedSOPInstanceUID: held.SOPInstanceUID,
  };
  state.awaitsPeer = true;
  try {
    const { Status } = await channel.request(contextId, command, dataset);
    return Status;
  } finally {
    state.awaitsPeer = false;
  }
}

/** One in which it can stay as it is; else one it can be brought into. */
function contextFor({ contexts }: Channel, { SOPClassUID, TransferSyntaxUID }: HeldInstance): number | undefined {
  const fitting = [...contexts].filter(([, each]) => each.abstractSyntax === SOPClassUID && each.peerIsScp);
  const found =
    fitting.find(([, each]) => each.transferSyntax === TransferSyntaxUID) ??
    fitting.find(([, each]) => SENT_TRANSFER_SYNTAXES.includes(each.transferSyntax));
  return found?.[0];
}

async function datasetFor(instance: OutgoingInstance, transferSyntax: string): Promise<AsyncIterable<Uint8Array>> {
  const { TransferSyntaxUID, dataset, transcoded } = instance;
  if (TransferSyntaxUID === transferSyntax || transcoded === undefined) return pieces(dataset);
  return transcoded(transferSyntax);
}
