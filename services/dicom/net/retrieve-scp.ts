import type { Context } from '../../domain/context.ts';
import { AppError } from '../../domain/errors.ts';
import type { HeldInstance, HeldObjects } from '../../domain/query.ts';
import { readDataset } from '../dataset/dataset.ts';
import { failureOf, MATCHES_UNKNOWN, OUT_OF_RESOURCES, type Outcome, PENDING, SUCCESS } from '../dimse/status.ts';
import { readUniqueKeys } from '../query/read-identifier.ts';
import { failedIdentifier, messageBytes } from '../query/write-identifier.ts';
import type { Requested } from './find-scp.ts';
import type { Peer } from './open-association.ts';
import { datasetInFile, type OutgoingInstance, withoutMeta } from './outgoing-instance.ts';
import { responseTo } from './response.ts';
import { SubOperations } from './sub-operations.ts';

export interface RetrieveScope {
  readonly context: Context;
  readonly AETitle: string;
  readonly maxRetrieved: number;
  readonly held: Pick<HeldObjects, 'instances'>;
  /** Where C-MOVE may send to, by AE title; `undefined`: not to this one. */
  destination(AETitle: string): Peer | undefined;
  /**
   * A stored file in another transfer syntax as a Part 10 file, made in a process of its own.
   *
   * @throws {AppError} NOT_ACCEPTABLE when that cannot hold it; INSTANCE_UNREADABLE, IMAGER_DIED, IMAGER_DEADLINE, IMAGER_BUSY.
   */
  transcode(file: string, TransferSyntaxUID: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
}

/** Sends objects one after another; calls `done` for each. Ends early when the operation is over. */
type SendAll = (
  instances: readonly HeldInstance[],
  done: (instance: string, status: number | undefined) => void,
) => Promise<void>;

/** C-MOVE and C-GET as SCP (PS3.4 §C.4.2, §C.4.3): what the keys name is sent by `sendAll`, and counted to the requestor. */
export async function performRetrieve(
  scope: RetrieveScope,
  requested: Requested,
  identifier: Uint8Array | AppError,
  sendAll: SendAll,
): Promise<void> {
  const { context } = scope;
  const { channel, contextId, accepted, command, state } = requested;
  const startedAt = performance.now();
  const answer = { operations: new SubOperations(0), outcome: { status: SUCCESS } as Outcome };
  try {
    const instances = await instancesOf(scope, requested, identifier);
    const operations = new SubOperations(instances.length);
    answer.operations = operations;
    await sendAll(instances, (SOPInstanceUID, status) => {
      operations.done(SOPInstanceUID, status);
      const isLast = operations.remaining === 0 || state.isOver;
      if (!isLast) void channel.send(contextId, responseTo(command, { status: PENDING }, operations.counts(PENDING)));
    });
    const outcome = operations.outcome(state.isOver);
    answer.outcome = state.signal.aborted ? { ...outcome, comment: 'the association was over before' } : outcome;
  } catch (error) {
    if (!(error instanceof AppError)) context.log.error('retrieve.failed', error);
    answer.outcome = retrieveFailure(error);
  }
  const { operations, outcome } = answer;
  context.metrics.observe('retrieve', (performance.now() - startedAt) / 1000);
  log(context, requested, operations, outcome, startedAt);
  const failed = operations.failedUids;
  await channel.send(
    contextId,
    responseTo(command, outcome, operations.counts(outcome.status)),
    failed.length === 0 ? undefined : messageBytes(failedIdentifier(failed), accepted.transferSyntax),
  );
}

/** An object as it is stored, and a way to bring it into what its receiver takes. @throws {AppError} INSTANCE_UNREADABLE. */
export async function outgoing(
  { transcode }: Pick<RetrieveScope, 'transcode'>,
  held: HeldInstance,
  signal: AbortSignal,
): Promise<OutgoingInstance> {
  const { SOPClassUID, SOPInstanceUID, TransferSyntaxUID } = held;
  const file = await held.file();
  return {
    ...{ SOPClassUID, SOPInstanceUID, TransferSyntaxUID },
    dataset: await datasetInFile(file),
    transcoded: async (target) => withoutMeta(await transcode(file, target, signal)),
  };
}

async function instancesOf(
  { held, maxRetrieved }: RetrieveScope,
  { accepted, model }: Requested,
  identifier: Uint8Array | AppError,
): Promise<readonly HeldInstance[]> {
  if (identifier instanceof AppError) throw identifier;
  const keys = readUniqueKeys(readDataset(identifier, accepted.transferSyntax), model, accepted.extended[0] === 1);
  const instances = await held.instances(keys, maxRetrieved + 1);
  if (instances.length <= maxRetrieved) return instances;
  throw new AppError('TOO_MANY_MATCHES', `more than ${maxRetrieved} instances: ask for less`);
}

/** Nothing was sent yet, so that being out of resources has a status of its own (PS3.4 Tables C.4-2 and C.4-3). */
function retrieveFailure(error: unknown): Outcome {
  const outcome = failureOf(error);
  return outcome.status === OUT_OF_RESOURCES ? { ...outcome, status: MATCHES_UNKNOWN } : outcome;
}

function log(
  { log: lines }: Context,
  { channel, command }: Requested,
  operations: SubOperations,
  { status, comment }: Outcome,
  startedAt: number,
): void {
  const { callingAETitle } = channel;
  const destination = command.MoveDestination ?? callingAETitle;
  const fields = {
    callingAETitle,
    destination,
    status,
    ms: Math.round(performance.now() - startedAt),
    ...operations.fields,
  };
  if (comment === undefined) lines.info('retrieve.answered', fields);
  else lines.warn('retrieve.incomplete', { ...fields, comment });
}
