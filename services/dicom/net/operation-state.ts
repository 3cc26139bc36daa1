import type { Operation } from './exchange.ts';

/** How a C-FIND, C-MOVE or C-GET is told to end, and asks whether it was. */
export class OperationState implements Operation {
  readonly messageId: number;
  awaitsPeer = false;
  #isCancelled = false;
  readonly #stopping = new AbortController();

  constructor(messageId: number) {
    this.messageId = messageId;
  }

  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  /** Aborted when the association is over: nobody hears of anything any more. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  get isOver(): boolean {
    return this.#isCancelled || this.#stopping.signal.aborted;
  }

  cancel(): void {
    this.#isCancelled = true;
  }

  stop(): void {
    this.#stopping.abort();
  }
}
