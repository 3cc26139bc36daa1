import { AppError } from '../../domain/errors.ts';
import type { HeldInstance } from '../../domain/query.ts';
import type { Requested } from './find-scp.ts';
import type { OutgoingInstance } from './outgoing-instance.ts';
import { outgoing, performRetrieve, type RetrieveScope } from './retrieve-scp.ts';
import { sendInstances } from './storage-scu.ts';

/** C-MOVE as SCP (PS3.4 §C.4.2.3): C-STOREs on an association of our own, only to a destination of the settings. */
export function performMove(
  scope: RetrieveScope,
  requested: Requested,
  identifier: Uint8Array | AppError,
): Promise<void> {
  const { context, AETitle } = scope;
  const { command, channel, state } = requested;
  const peer = scope.destination(command.MoveDestination ?? '');
  if (peer === undefined) {
    const refusal = new AppError('DESTINATION_UNKNOWN', 'this move destination is not in the settings');
    return performRetrieve(scope, requested, identifier instanceof AppError ? identifier : refusal, async () => {});
  }
  const moveOriginator = { AETitle: channel.callingAETitle, messageId: state.messageId };
  return performRetrieve(scope, requested, identifier, async (instances, done) => {
    async function* objects(): AsyncGenerator<OutgoingInstance> {
      for (const held of instances) {
        if (state.isOver) return;
        const instance = await opened(held);
        if (instance === undefined) done(held.SOPInstanceUID, undefined);
        else yield instance;
      }
    }
    const opened = (held: HeldInstance) =>
      outgoing(scope, held, state.signal).catch((error: unknown) => {
        const why = error instanceof AppError ? error.code : 'internal error';
        if (!(error instanceof AppError)) context.log.error('retrieve.failed', error);
        context.log.warn('retrieve.not-sent', { SOPInstanceUID: held.SOPInstanceUID, why, to: peer.AETitle });
        return undefined;
      });
    await sendInstances(peer, AETitle, objects(), {
      moveOriginator,
      signal: state.signal,
      isOver: () => state.isOver,
      onResult: (result) => {
        if (!result.taken) {
          const { SOPInstanceUID, error: why } = result;
          context.log.warn('retrieve.not-sent', { SOPInstanceUID, why, to: peer.AETitle });
        }
        done(result.SOPInstanceUID, result.status);
      },
    });
  });
}
