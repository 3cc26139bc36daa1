import type { Contact } from '../../domain/contact.ts';
import type { Context } from '../../domain/context.ts';
import { AppError } from '../../domain/errors.ts';
import type { SeriesKey } from '../../domain/study.ts';
import { hasDataSet, RESPONSE } from '../dimse/command.ts';
import { MessageAssembler, type MessagePart } from '../dimse/message-assembler.ts';
import type { Fragment } from '../ul/pdu.ts';
import { exchangeFor, type ServedPorts } from './exchange-for.ts';
import { MAX_COMMAND_BYTES, MAX_DROPPED_BYTES } from './limits.ts';
import { MessageChannel, type Negotiated } from './message-channel.ts';
import { Responder } from './responder.ts';

export interface SessionPorts extends ServedPorts {
  /** Hears of each association, and of each try of one. */
  contact?(contact: Contact): void;
  associationEnded(series: readonly SeriesKey[], released: boolean): Promise<void> | void;
}

export interface SessionOptions {
  readonly AETitle: string;
  readonly maxInstanceBytes: number;
}

/** The DIMSE services of one association that a peer has opened: its requests, and its responses to requests of ours. */
export class Session {
  readonly #ports: SessionPorts;
  readonly #channel: MessageChannel;
  readonly #responder: Responder;
  readonly #assembler = new MessageAssembler(MAX_COMMAND_BYTES);
  readonly #series = new Map<string, SeriesKey>();
  /** Bytes of the data set of a response, which nobody reads; `undefined` outside of one. */
  #droppedBytes: number | undefined;
  readonly counts = { stored: 0, refused: 0, bytes: 0 };

  constructor(context: Context, negotiated: Negotiated, options: SessionOptions, ports: SessionPorts) {
    this.#ports = ports;
    this.#channel = new MessageChannel(negotiated);
    const begin = exchangeFor({ context, ports, ...options, counts: this.counts, series: this.#series }, this.#channel);
    this.#responder = new Responder(begin, (error) => {
      context.log.error('operation.failed', error);
      this.#channel.abort('internal error');
    });
  }

  /** A message is begun and not answered. */
  get inFlight(): boolean {
    return this.#assembler.inFlight || this.#responder.inFlight;
  }

  /** A message is on its way to us. */
  get isReceiving(): boolean {
    return this.#assembler.inFlight;
  }

  /** The peer waits for us, not we for it. */
  get owesAnswer(): boolean {
    return this.#responder.owesAnswer;
  }

  /** @throws {AppError} when the peer breaks the rules: the association is to be aborted. */
  fragment(fragment: Fragment): Promise<void> | undefined {
    if (!this.#channel.contexts.has(fragment.contextId)) {
      throw new AppError('PDU_INVALID', `presentation context ${fragment.contextId} was not accepted`);
    }
    this.#channel.heard();
    const part = this.#assembler.push(fragment);
    if (part === undefined || this.#isOfResponse(part)) return undefined;
    return this.#responder.take(part);
  }

  /** Resolves when nothing is at work any more: operations end as if they were cancelled. */
  quiet(): Promise<void> {
    return this.#responder.quiet();
  }

  /** The association is over: what is half done is undone, and what came is told. */
  async ended(released: boolean): Promise<void> {
    const inOrder = released && !this.inFlight;
    this.#channel.ended();
    await this.#responder.ended();
    if (this.#series.size > 0) await this.#ports.associationEnded([...this.#series.values()], inOrder);
  }

  #isOfResponse(part: MessagePart): boolean {
    if (part.type === 'command') {
      const { command } = part;
      const isResponse = ((command.CommandField ?? 0) & RESPONSE) !== 0 && this.#channel.answered(command);
      if (isResponse && hasDataSet(command)) this.#droppedBytes = 0;
      return isResponse;
    }
    if (this.#droppedBytes === undefined) return false;
    this.#droppedBytes += part.bytes.length;
    if (this.#droppedBytes > MAX_DROPPED_BYTES) throw new AppError('PDU_INVALID', 'a response without end');
    if (part.isLast) this.#droppedBytes = undefined;
    return true;
  }
}
