import type { Context } from '../../domain/context.ts';
import { AppError } from '../../domain/errors.ts';
import type { SeriesKey } from '../../domain/study.ts';
import { Uid } from '../../domain/uid.ts';
import {
  C_CANCEL_RQ,
  C_ECHO_RQ,
  C_STORE_RQ,
  type CommandSet,
  hasDataSet,
  NO_DATA_SET,
  RESPONSE,
} from '../dimse/command.ts';
import { encodeCommand } from '../dimse/encode-command.ts';
import { pdataBuffers } from '../dimse/encode-message.ts';
import { MessageAssembler } from '../dimse/message-assembler.ts';
import {
  CANNOT_UNDERSTAND,
  failureOf,
  INVALID_SOP_INSTANCE,
  isTaken,
  type Outcome,
  SUCCESS,
  statusText,
  UNRECOGNIZED_OPERATION,
} from '../dimse/status.ts';
import type { Fragment } from '../ul/pdu.ts';
import type { InstanceSink, StoreOutcome, StoreRequest } from './instance-sink.ts';
import { MAX_COMMAND_BYTES } from './limits.ts';

export interface SessionPorts {
  openInstance(request: StoreRequest): InstanceSink;
  associationEnded(series: readonly SeriesKey[], released: boolean): Promise<void> | void;
}

/** What was negotiated, and how to answer. */
export interface Negotiated {
  readonly callingAETitle: string;
  /** By presentation context ID; refused ones are not here. */
  readonly contexts: ReadonlyMap<number, { readonly abstractSyntax: string; readonly transferSyntax: string }>;
  readonly maxFragmentBytes: number;
  readonly maxInstanceBytes: number;
  send(buffers: readonly Uint8Array[]): Promise<void> | undefined;
}

/** A message whose data set is on its way: to a sink, or away because the answer is known already. */
interface Open {
  readonly contextId: number;
  readonly command: CommandSet;
  readonly startedAt: number;
  sink: InstanceSink | undefined;
  outcome: StoreOutcome;
  bytes: number;
}

/**
 * The DIMSE services of one association: C-ECHO and C-STORE as SCP (PS3.7 §9.1.1, §9.1.5, §9.3).
 *
 * One message at a time. From the end of a message until its response is written the returned promise keeps the
 * association from reading on, so a peer that pipelines (against the negotiated window) is served in order.
 */
export class StorageSession {
  readonly #context: Context;
  readonly #negotiated: Negotiated;
  readonly #ports: SessionPorts;
  readonly #assembler = new MessageAssembler(MAX_COMMAND_BYTES);
  readonly #series = new Map<string, SeriesKey>();
  #open: Open | undefined;
  #answering: Promise<void> | undefined;
  readonly counts = { stored: 0, refused: 0, bytes: 0 };

  constructor(context: Context, negotiated: Negotiated, ports: SessionPorts) {
    this.#context = context;
    this.#negotiated = negotiated;
    this.#ports = ports;
  }

  /** A message is begun and not answered. */
  get inFlight(): boolean {
    return this.#assembler.inFlight || this.#open !== undefined || this.#answering !== undefined;
  }

  /** @throws {AppError} when the peer breaks the rules: the association is to be aborted. */
  fragment(fragment: Fragment): Promise<void> | undefined {
    if (!this.#negotiated.contexts.has(fragment.contextId)) {
      throw new AppError('PDU_INVALID', `presentation context ${fragment.contextId} was not accepted`);
    }
    const part = this.#assembler.push(fragment);
    if (part === undefined) return undefined;
    if (part.type === 'command') return this.#begin(part.contextId, part.command);
    return this.#data(part.bytes, part.isLast);
  }

  /** The association is over: what is half done is undone, and what came is told. */
  async ended(released: boolean): Promise<void> {
    const inOrder = released && !this.inFlight;
    await this.#answering?.catch(() => {});
    const { sink } = this.#open ?? {};
    this.#open = undefined;
    await this.#discard(sink);
    if (this.#series.size > 0) await this.#ports.associationEnded([...this.#series.values()], inOrder);
  }

  #begin(contextId: number, command: CommandSet): Promise<void> | undefined {
    const { CommandField, MessageID } = command;
    // Nothing of ours outlives its message, so there is nothing to cancel, and a cancel is not answered (§9.3.2.3).
    if (CommandField === C_CANCEL_RQ) return undefined;
    if (CommandField === undefined || MessageID === undefined || (CommandField & RESPONSE) !== 0) {
      throw new AppError(
        'COMMAND_INVALID',
        'not a request: Command Field or Message ID is missing, or a response came',
      );
    }
    this.#open = { contextId, command, startedAt: performance.now(), bytes: 0, ...this.#decide(contextId, command) };
    return hasDataSet(command) ? undefined : this.#finish();
  }

  /** The sink for a data set we want, or the answer that is known already. */
  #decide(contextId: number, command: CommandSet): Pick<Open, 'sink' | 'outcome'> {
    const refuse = (status: number, comment: string) => ({ sink: undefined, outcome: { status, comment } });
    if (command.CommandField === C_ECHO_RQ) return { sink: undefined, outcome: { status: SUCCESS } };
    if (command.CommandField !== C_STORE_RQ)
      return refuse(UNRECOGNIZED_OPERATION, 'only C-STORE and C-ECHO are served');

    const context = this.#negotiated.contexts.get(contextId);
    const { AffectedSOPClassUID, AffectedSOPInstanceUID } = command;
    if (!hasDataSet(command)) return refuse(CANNOT_UNDERSTAND, 'no data set follows');
    if (context === undefined || AffectedSOPClassUID !== context.abstractSyntax) {
      return {
        sink: undefined,
        outcome: failureOf(new AppError('DATASET_MISMATCH', 'SOP Class is not that of the presentation context')),
      };
    }
    if (AffectedSOPInstanceUID === undefined || !Uid.safeParse(AffectedSOPInstanceUID).success) {
      return refuse(INVALID_SOP_INSTANCE, 'Affected SOP Instance UID is not a UID');
    }
    try {
      const sink = this.#ports.openInstance({
        SOPClassUID: AffectedSOPClassUID,
        SOPInstanceUID: AffectedSOPInstanceUID,
        TransferSyntaxUID: context.transferSyntax,
        callingAETitle: this.#negotiated.callingAETitle,
      });
      return { sink, outcome: { status: SUCCESS } };
    } catch (error) {
      return { sink: undefined, outcome: this.#failure(error) };
    }
  }

  #data(bytes: Uint8Array, isLast: boolean): Promise<void> | undefined {
    const open = this.#open;
    if (open === undefined) return undefined;
    open.bytes += bytes.length;
    const { maxInstanceBytes } = this.#negotiated;
    // The rest of what is refused is read and dropped so that the sender hears why; but not for ever.
    if (open.bytes > 2 * maxInstanceBytes) {
      throw new AppError('DATASET_TOO_LARGE', `data set longer than twice the limit of ${maxInstanceBytes} bytes`);
    }
    const wait = open.bytes > maxInstanceBytes ? this.#refuseTooLarge(open) : this.#write(open, bytes);
    return isLast ? this.#finish(wait) : wait;
  }

  #refuseTooLarge(open: Open): Promise<void> | undefined {
    if (open.sink === undefined) return undefined;
    const limit = this.#negotiated.maxInstanceBytes;
    return this.#giveUp(open, new AppError('DATASET_TOO_LARGE', `data set longer than the limit of ${limit} bytes`));
  }

  /** Hands bytes to the sink; its failure becomes the answer, and the rest of the data set is dropped. */
  #write(open: Open, bytes: Uint8Array): Promise<void> | undefined {
    if (open.sink === undefined || bytes.length === 0) return undefined;
    try {
      return open.sink.write(bytes)?.catch((error: unknown) => this.#giveUp(open, error));
    } catch (error) {
      return this.#giveUp(open, error);
    }
  }

  async #giveUp(open: Open, error: unknown): Promise<void> {
    const { sink } = open;
    open.sink = undefined;
    open.outcome = this.#failure(error);
    await this.#discard(sink);
  }

  #finish(wait?: Promise<void>): Promise<void> | undefined {
    this.#answering = this.#answer(wait).finally(() => {
      this.#answering = undefined;
    });
    return this.#answering;
  }

  async #answer(wait: Promise<void> | undefined): Promise<void> {
    await wait;
    const open = this.#open;
    if (open === undefined) return;
    if (open.sink !== undefined) await this.#commit(open, open.sink);
    this.#open = undefined;
    this.#account(open);
    await this.#negotiated.send(
      pdataBuffers(open.contextId, encodeCommand(response(open)), {
        isCommand: true,
        isLast: true,
        maxFragmentBytes: this.#negotiated.maxFragmentBytes,
      }),
    );
  }

  async #commit(open: Open, sink: InstanceSink): Promise<void> {
    try {
      open.outcome = await sink.end();
      open.sink = undefined;
    } catch (error) {
      await this.#giveUp(open, error);
    }
  }

  #account({ command, outcome, bytes, startedAt }: Open): void {
    if (command.CommandField !== C_STORE_RQ) return;
    const { metrics, log } = this.#context;
    this.counts.bytes += bytes;
    metrics.observe('receive', (performance.now() - startedAt) / 1000);
    if (outcome.series !== undefined) {
      this.#series.set(outcome.series.SeriesInstanceUID, outcome.series);
    }
    if (isTaken(outcome.status)) {
      this.counts.stored += 1;
      metrics.count('instances_received');
      metrics.count('received_bytes', bytes);
      return;
    }
    this.counts.refused += 1;
    metrics.count('instances_refused');
    log.warn('instance.refused', {
      status: statusText(outcome.status),
      comment: outcome.comment ?? '',
      ...named(command),
    });
  }

  #failure(error: unknown): Outcome {
    if (!(error instanceof AppError)) this.#context.log.error('instance.failed', error);
    return failureOf(error);
  }

  async #discard(sink: InstanceSink | undefined): Promise<void> {
    try {
      await sink?.abort();
    } catch (error) {
      this.#context.log.error('instance.not-removed', error);
    }
  }
}

/** C-STORE-RSP and C-ECHO-RSP — PS3.7 Tables 9.3-2 and 9.3-13; any other request is answered in the same form. */
function response({ command, outcome }: Open): CommandSet {
  const { AffectedSOPClassUID, RequestedSOPClassUID, CommandField = 0, MessageID } = command;
  return {
    ...(AffectedSOPClassUID !== undefined && { AffectedSOPClassUID }),
    ...(RequestedSOPClassUID !== undefined && { RequestedSOPClassUID }),
    CommandField: CommandField | RESPONSE,
    ...(MessageID !== undefined && { MessageIDBeingRespondedTo: MessageID }),
    CommandDataSetType: NO_DATA_SET,
    Status: outcome.status,
    ...(outcome.comment !== undefined && { ErrorComment: outcome.comment }),
    ...(command.AffectedSOPInstanceUID !== undefined && { AffectedSOPInstanceUID: command.AffectedSOPInstanceUID }),
  };
}

/** The instance, for a log line; only when what stands in its place is a UID. */
function named({ AffectedSOPInstanceUID }: CommandSet): Readonly<Record<string, string>> {
  const uid = Uid.safeParse(AffectedSOPInstanceUID);
  return uid.success ? { SOPInstanceUID: uid.data } : {};
}
