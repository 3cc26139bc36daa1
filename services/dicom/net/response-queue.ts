import { AppError } from '../../domain/errors.ts';
import { type CommandSet, hasDataSet, RESPONSE } from '../dimse/command.ts';
import type { MessagePart } from '../dimse/message-assembler.ts';
import { MAX_IDENTIFIER_BYTES } from './limits.ts';

interface HeldResponse {
  readonly command: CommandSet;
  readonly dataset: Uint8Array | undefined;
}

/** The responses of a peer, put together with their data sets (bounded) and held until they are asked for. */
export class ResponseQueue {
  readonly #most: number;
  #held: HeldResponse[] = [];
  #open: { readonly command: CommandSet; readonly parts: Uint8Array[]; bytes: number } | undefined;
  #waiting: (() => void) | undefined;
  #isClosed = false;

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Takes a part of a message: `request` when it belongs to one, `response` when one is whole now.
   *
   * @throws {AppError} COMMAND_INVALID, IDENTIFIER_TOO_LARGE.
   */
  push(part: MessagePart): 'request' | 'response' | undefined {
    if (part.type === 'command') return this.#command(part.command);
    const open = this.#open;
    if (open === undefined) return 'request';
    open.bytes += part.bytes.length;
    if (open.bytes > MAX_IDENTIFIER_BYTES) {
      throw new AppError('IDENTIFIER_TOO_LARGE', `a response of more than ${MAX_IDENTIFIER_BYTES} bytes`);
    }
    open.parts.push(part.bytes.slice());
    if (!part.isLast) return undefined;
    this.#open = undefined;
    this.#held.push({ command: open.command, dataset: Buffer.concat(open.parts) });
    return 'response';
  }

  take(): HeldResponse | undefined {
    const first = this.#held.shift();
    if (this.#held.length < this.#most) this.#release();
    return first;
  }

  clear(): void {
    this.#held = [];
    this.#release();
  }

  /** Settles when there is room again; `undefined` when there is. */
  room(): Promise<void> | undefined {
    if (this.#held.length < this.#most || this.#isClosed) return undefined;
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** Nothing comes any more. */
  close(): void {
    this.#isClosed = true;
    this.#release();
  }

  #command(command: CommandSet): 'request' | 'response' | undefined {
    if (((command.CommandField ?? 0) & RESPONSE) === 0 && command.MessageIDBeingRespondedTo === undefined) {
      return 'request';
    }
    if (command.MessageIDBeingRespondedTo === undefined) {
      throw new AppError('COMMAND_INVALID', 'a response to no message');
    }
    if (hasDataSet(command)) {
      this.#open = { command, parts: [], bytes: 0 };
      return undefined;
    }
    this.#held.push({ command, dataset: undefined });
    return 'response';
  }

  #release(): void {
    this.#waiting?.();
    this.#waiting = undefined;
  }
}
