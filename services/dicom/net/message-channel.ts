import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../domain/errors.ts';
import { type CommandSet, DATA_SET } from '../dimse/command.ts';
import { encodeCommand } from '../dimse/encode-command.ts';
import { pdataBuffers } from '../dimse/encode-message.ts';
import type { AcceptedContext, Channel } from './exchange.ts';
import { sendMessage } from './send-message.ts';

/** What was negotiated, and how to answer. */
export interface Negotiated {
  readonly callingAETitle: string;
  /** By presentation context ID; refused ones are not here. */
  readonly contexts: ReadonlyMap<number, AcceptedContext>;
  readonly maxFragmentBytes: number;
  send(buffers: readonly Uint8Array[]): Promise<void> | undefined;
  abort(reason: string): void;
}

interface Waiting {
  readonly messageId: number;
  resolve(response: CommandSet): void;
  reject(error: AppError): void;
}

/** How long it may take until the end of the association is noticed. */
const MAX_IDLE_STEP_MS = 100;

/** Messages out of an association, and the responses to those that are requests: one at a time. */
export class MessageChannel implements Channel {
  readonly #negotiated: Negotiated;
  #waiting: Waiting | undefined;
  /** Settled when the request before the next one is answered. */
  #turn: Promise<unknown> = Promise.resolve();
  #heardAt = performance.now();
  #hasEnded = false;

  constructor(negotiated: Negotiated) {
    this.#negotiated = negotiated;
  }

  get callingAETitle(): string {
    return this.#negotiated.callingAETitle;
  }

  get contexts(): ReadonlyMap<number, AcceptedContext> {
    return this.#negotiated.contexts;
  }

  send(contextId: number, command: CommandSet, dataset?: Uint8Array): Promise<void> | undefined {
    const { maxFragmentBytes } = this.#negotiated;
    const head = dataset === undefined ? command : { ...command, CommandDataSetType: DATA_SET };
    const options = { isLast: true, maxFragmentBytes };
    const buffers = pdataBuffers(contextId, encodeCommand(head), { ...options, isCommand: true });
    if (dataset !== undefined) buffers.push(...pdataBuffers(contextId, dataset, { ...options, isCommand: false }));
    return this.#negotiated.send(buffers);
  }

  request(
    contextId: number,
    command: CommandSet,
    dataset: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  ): Promise<CommandSet> {
    const answered = this.#turn.then(() => this.#request(contextId, command, dataset));
    this.#turn = answered.catch(() => {});
    return answered;
  }

  /** The peer sent something. */
  heard(): void {
    this.#heardAt = performance.now();
  }

  async idle(ms: number, mostMs: number): Promise<boolean> {
    const until = performance.now() + mostMs;
    for (let left = ms; left > 0; left = this.#heardAt + ms - performance.now()) {
      if (this.#hasEnded || performance.now() > until) return false;
      await sleep(Math.min(left, MAX_IDLE_STEP_MS), undefined, { ref: false });
    }
    return !this.#hasEnded;
  }

  async #request(
    contextId: number,
    command: CommandSet,
    dataset: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  ): Promise<CommandSet> {
    if (this.#hasEnded) throw ended();
    const response = new Promise<CommandSet>((resolve, reject) => {
      this.#waiting = { messageId: command.MessageID ?? 0, resolve, reject };
    });
    // A failure while we still send is seen when the response is awaited.
    response.catch(() => {});
    const send = async (buffers: readonly Uint8Array[]) => {
      if (this.#hasEnded) throw ended();
      await this.#negotiated.send(buffers);
    };
    try {
      await sendMessage(this.#negotiated.maxFragmentBytes, send, { contextId, command, dataset });
    } catch (error) {
      // Half a message cannot be taken back.
      this.abort('a data set could not be sent to its end');
      throw error;
    }
    return response;
  }

  /** Is it the response that is waited for? */
  answered(response: CommandSet): boolean {
    const waiting = this.#waiting;
    if (waiting === undefined || response.MessageIDBeingRespondedTo !== waiting.messageId) return false;
    this.#waiting = undefined;
    waiting.resolve(response);
    return true;
  }

  abort(reason: string): void {
    this.#negotiated.abort(reason);
  }

  /** The association is over: nobody answers any more. */
  ended(): void {
    this.#hasEnded = true;
    this.#waiting?.reject(ended());
    this.#waiting = undefined;
  }
}

const ended = (): AppError => new AppError('ASSOCIATION_ABORTED', 'the association is over');
