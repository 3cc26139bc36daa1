import { AppError } from '../../domain/errors.ts';
import { C_CANCEL_RQ, type CommandSet, hasDataSet, RESPONSE } from '../dimse/command.ts';
import type { MessagePart } from '../dimse/message-assembler.ts';
import type { Exchange } from './exchange.ts';

/**
 * Takes the requests of a peer in turn, one at a time. From the end of a message until its response is written the promise it
 * answers with keeps the association from reading on, so a peer that pipelines (against the negotiated window) is served in
 * order. During an operation that takes its time the association is read on: a cancel may come, or an answer to a
 * sub-operation.
 */
export class Responder {
  readonly #begin: (contextId: number, command: CommandSet) => Exchange;
  readonly #failed: (error: unknown) => void;
  #open: Exchange | undefined;
  #answering: Promise<void> | undefined;
  #running: { readonly exchange: Exchange; readonly done: Promise<void> } | undefined;

  constructor(begin: (contextId: number, command: CommandSet) => Exchange, failed: (error: unknown) => void) {
    this.#begin = begin;
    this.#failed = failed;
  }

  /** A request is begun and not answered. */
  get inFlight(): boolean {
    return this.#open !== undefined || this.#answering !== undefined || this.#running !== undefined;
  }

  /** The peer waits for us: an operation of it is at work. */
  get owesAnswer(): boolean {
    const operation = this.#running?.exchange.operation;
    return operation !== undefined && !operation.awaitsPeer;
  }

  /** @throws {AppError} when the peer breaks the rules: the association is to be aborted. */
  take(part: MessagePart): Promise<void> | undefined {
    return part.type === 'command' ? this.#command(part.contextId, part.command) : this.#data(part.bytes, part.isLast);
  }

  /** Resolves when nothing is at work; what is at work ends as if it were cancelled. */
  async quiet(): Promise<void> {
    this.#running?.exchange.operation?.cancel();
    await this.#running?.done.catch(() => {});
  }

  /** The association is over: what is half done is undone. */
  async ended(): Promise<void> {
    this.#running?.exchange.operation?.stop();
    await this.#running?.done.catch(() => {});
    await this.#answering?.catch(() => {});
    const open = this.#open;
    this.#open = undefined;
    await open?.discard();
  }

  #command(contextId: number, command: CommandSet): Promise<void> | undefined {
    if (command.CommandField === C_CANCEL_RQ) return this.#cancel(command);
    const { CommandField, MessageID } = command;
    if (CommandField === undefined || MessageID === undefined || (CommandField & RESPONSE) !== 0) {
      throw new AppError(
        'COMMAND_INVALID',
        'not a request: Command Field or Message ID is missing, or no answer is due',
      );
    }
    const running = this.#running;
    if (running === undefined) return this.#start(contextId, command);
    // To serve it later would need its data set now, and the answers of the peer behind it could not be read.
    if (running.exchange.operation?.awaitsPeer) {
      throw new AppError('COMMAND_INVALID', 'a request before the operation before it was over (the window is 1)');
    }
    return running.done.then(() => this.#start(contextId, command));
  }

  /** For what is over, or never was, there is nothing to cancel; a cancel is not answered (PS3.7 §9.3.2.3). */
  #cancel({ MessageIDBeingRespondedTo }: CommandSet): undefined {
    const operation = this.#running?.exchange.operation;
    if (operation?.messageId === MessageIDBeingRespondedTo) operation?.cancel();
  }

  #start(contextId: number, command: CommandSet): Promise<void> | undefined {
    this.#open = this.#begin(contextId, command);
    return hasDataSet(command) ? undefined : this.#whole();
  }

  #data(bytes: Uint8Array, isLast: boolean): Promise<void> | undefined {
    const wait = this.#open?.write(bytes);
    return isLast ? this.#whole(wait) : wait;
  }

  #whole(wait?: Promise<void>): Promise<void> | undefined {
    const exchange = this.#open;
    if (exchange === undefined) return undefined;
    if (exchange.operation === undefined) {
      this.#answering = this.#answer(exchange, wait).finally(() => {
        this.#answering = undefined;
      });
      return this.#answering;
    }
    this.#open = undefined;
    const done = exchange.perform().finally(() => {
      this.#running = undefined;
    });
    this.#running = { exchange, done };
    done.catch(this.#failed);
    return undefined;
  }

  async #answer(exchange: Exchange, wait: Promise<void> | undefined): Promise<void> {
    await wait;
    await exchange.perform();
    this.#open = undefined;
  }
}
