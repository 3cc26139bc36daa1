import { AppError } from '../../domain/errors.ts';
import { TRANSFER_SYNTAX } from '../dataset/transfer-syntax.ts';
import { C_STORE_RQ, DATA_SET } from '../dimse/command.ts';
import { isTaken, statusText } from '../dimse/status.ts';
import type { ProposedContext } from '../ul/pdu.ts';
import { Ahead } from './ahead.ts';
import { lookAhead } from './look-ahead.ts';
import { openAssociation, type Peer, type RequestedAssociation, type RequestorOptions } from './open-association.ts';
import type { OutgoingInstance } from './outgoing-instance.ts';

export type { OutgoingInstance };

/** What became of one object. `status` is the DIMSE status, when there was a response. */
export type SendResult =
  | { readonly SOPInstanceUID: string; readonly taken: true; readonly status: number; readonly error?: undefined }
  | {
      readonly SOPInstanceUID: string;
      readonly taken: false;
      readonly status?: number;
      readonly error: string;
      /** Why there was no association, or it ended. */
      readonly cause?: unknown;
      /** How the peer refused the presentation context. */
      readonly refusal?: string;
    };

export interface SendOptions extends RequestorOptions {
  readonly onResult?: ((result: SendResult) => void) | undefined;
  /** Of a C-MOVE that these are sub-operations of (PS3.7 §9.3.1.1). */
  readonly moveOriginator?: { readonly AETitle: string; readonly messageId: number } | undefined;
  /** Asked before each object: no more of them are sent. */
  readonly isOver?: (() => boolean) | undefined;
}

/** What a refused context amounts to — PS3.7 §C.5.24: SOP Class not supported. */
const CONTEXT_REFUSED = 0x0122;
/** The odd numbers of one byte — PS3.8 §9.3.2.2. */
const MAX_CONTEXTS = 128;

/**
 * Sends objects in order by C-STORE — PS3.4 Annex B as SCU. Each is proposed in its own transfer syntax, and goes as it is
 * where the peer takes that; one that says how is brought into an uncompressed one where it does not. While a response is
 * awaited the next object is opened and read. An association is used as long as its contexts fit; when one breaks, its object
 * fails and the next object gets a new one. When none can be made, what is left fails for the same reason.
 *
 * Never throws for what a peer or a network does: each object's result says it.
 */
export async function sendInstances(
  peer: Peer,
  callingAETitle: string,
  objects: AsyncIterable<OutgoingInstance> | Iterable<OutgoingInstance>,
  options: SendOptions = {},
): Promise<SendResult[]> {
  const sender = new Sender(peer, callingAETitle, options);
  const results: SendResult[] = [];
  try {
    for await (const { object, upcoming } of lookAhead(objects)) {
      if (options.isOver?.()) break;
      const result = await sender.send(object, upcoming);
      results.push(result);
      options.onResult?.(result);
    }
    return results;
  } finally {
    await sender.close();
  }
}

const keyOf = ({ SOPClassUID, TransferSyntaxUID }: OutgoingInstance): string => `${SOPClassUID} ${TransferSyntaxUID}`;
/** The context of a class for what is brought into another transfer syntax. */
const fallbackOf = ({ SOPClassUID }: OutgoingInstance): string => `${SOPClassUID} uncompressed`;
const UNCOMPRESSED: readonly string[] = [TRANSFER_SYNTAX.explicitLittle, TRANSFER_SYNTAX.implicitLittle];

class Sender {
  readonly #peer: Peer;
  readonly #callingAETitle: string;
  readonly #options: SendOptions;
  #association: RequestedAssociation | undefined;
  /** Context ID by class and transfer syntax, as proposed. */
  #contexts = new Map<string, number>();
  #messageId = 0;
  readonly #ahead = new Ahead();
  /** Why no association could be made: a peer that refuses is not asked again for each object that is left. */
  #refusal: { readonly cause: unknown } | undefined;

  constructor(peer: Peer, callingAETitle: string, options: SendOptions) {
    this.#peer = peer;
    this.#callingAETitle = callingAETitle;
    this.#options = options;
  }

  async send(object: OutgoingInstance, upcoming: readonly OutgoingInstance[]): Promise<SendResult> {
    const { SOPInstanceUID } = object;
    try {
      if (this.#options.signal?.aborted) throw new AppError('ASSOCIATION_ABORTED', 'cancelled');
      if (this.#refusal !== undefined) throw this.#refusal.cause;
      const association = await this.#associationFor(object, upcoming);
      const contextId = this.#contexts.get(keyOf(object)) ?? 0;
      if (association.transferSyntax(contextId) !== undefined) {
        const dataset = this.#ahead.take(object);
        this.#ahead.foreseeLater(upcoming);
        const whole = await dataset.whole();
        const result = await this.#store(association, contextId, object, whole === undefined ? dataset : [whole]);
        dataset.reuse();
        return result;
      }
      const refusal = association.refusal(contextId);
      const error = `presentation context refused: ${refusal}`;
      return (
        (await this.#storeTranscoded(association, object)) ?? {
          ...{ SOPInstanceUID, taken: false, status: CONTEXT_REFUSED, error, refusal },
        }
      );
    } catch (error) {
      this.#association?.abort('the sender failed');
      this.#association = undefined;
      return {
        SOPInstanceUID,
        taken: false,
        error: error instanceof Error ? error.message : String(error),
        cause: error,
      };
    } finally {
      await this.#ahead.drop(object);
    }
  }

  async close(): Promise<void> {
    await this.#ahead.close();
    await this.#release();
  }

  async #release(): Promise<void> {
    await this.#association?.release();
    this.#association = undefined;
  }

  async #associationFor(
    object: OutgoingInstance,
    upcoming: readonly OutgoingInstance[],
  ): Promise<RequestedAssociation> {
    if (this.#association !== undefined && this.#contexts.has(keyOf(object))) return this.#association;
    await this.#release();
    const proposed = propose(upcoming);
    this.#contexts = new Map([...proposed].map(([key, { id }]) => [key, id]));
    try {
      this.#association = await openAssociation(
        this.#peer,
        this.#callingAETitle,
        { contexts: [...proposed.values()] },
        this.#options,
      );
    } catch (cause) {
      this.#refusal = { cause };
      throw cause;
    }
    return this.#association;
  }

  /** `undefined` when there is no way. What cannot be made is told without harm to the association. */
  async #storeTranscoded(association: RequestedAssociation, object: OutgoingInstance): Promise<SendResult | undefined> {
    const contextId = this.#contexts.get(fallbackOf(object)) ?? 0;
    const transferSyntax = association.transferSyntax(contextId);
    if (transferSyntax === undefined || object.transcoded === undefined) return undefined;
    const { SOPInstanceUID } = object;
    const dataset = await object.transcoded(transferSyntax).catch((error: unknown) => {
      if (error instanceof AppError) return error;
      throw error;
    });
    if (dataset instanceof AppError) return { SOPInstanceUID, taken: false, error: dataset.message };
    return this.#store(association, contextId, object, dataset);
  }

  async #store(
    association: RequestedAssociation,
    contextId: number,
    { SOPClassUID, SOPInstanceUID }: OutgoingInstance,
    dataset: AsyncIterable<Uint8Array> | readonly Uint8Array[],
  ): Promise<SendResult> {
    const { moveOriginator } = this.#options;
    this.#messageId = (this.#messageId % 0xffff) + 1;
    const command = {
      AffectedSOPClassUID: SOPClassUID,
      CommandField: C_STORE_RQ,
      MessageID: this.#messageId,
      Priority: 0,
      CommandDataSetType: DATA_SET,
      AffectedSOPInstanceUID: SOPInstanceUID,
      ...(moveOriginator && {
        MoveOriginatorApplicationEntityTitle: moveOriginator.AETitle,
        MoveOriginatorMessageID: moveOriginator.messageId,
      }),
    };
    const { Status, ErrorComment } = await association.request(contextId, command, dataset);
    if (Status === undefined) throw new AppError('COMMAND_INVALID', 'the response has no status');
    if (isTaken(Status)) return { SOPInstanceUID, taken: true, status: Status };
    const comment = ErrorComment === undefined ? '' : `: ${ErrorComment}`;
    return { SOPInstanceUID, taken: false, status: Status, error: `status ${statusText(Status)}${comment}` };
  }
}

/** One presentation context per class and transfer syntax, in order of need; and one for what may be brought into another. */
function propose(objects: readonly OutgoingInstance[]): ReadonlyMap<string, ProposedContext> {
  const proposed = new Map<string, ProposedContext>();
  const add = (key: string, abstractSyntax: string, transferSyntaxes: readonly string[]) => {
    if (proposed.has(key) || proposed.size === MAX_CONTEXTS) return;
    proposed.set(key, { id: 2 * proposed.size + 1, abstractSyntax, transferSyntaxes });
  };
  for (const object of objects) {
    const { SOPClassUID, TransferSyntaxUID, transcoded } = object;
    add(keyOf(object), SOPClassUID, [TransferSyntaxUID]);
    const others = UNCOMPRESSED.filter((uid) => uid !== TransferSyntaxUID);
    if (transcoded !== undefined) add(fallbackOf(object), SOPClassUID, others);
  }
  return proposed;
}
