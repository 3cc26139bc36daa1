import { AppError } from '../../domain/errors.ts';
import type { Fragment } from '../ul/pdu.ts';
import { type CommandSet, hasDataSet } from './command.ts';
import { decodeCommand } from './decode-command.ts';

/** What a fragment completes or carries: a command, or a part of the data set that follows it. */
export type MessagePart =
  | { readonly type: 'command'; readonly contextId: number; readonly command: CommandSet }
  | { readonly type: 'data'; readonly bytes: Uint8Array; readonly isLast: boolean };

/** Empty fragments that end nothing carry no byte of a message; a few are tolerated, a flood is not. */
const MAX_EMPTY_FRAGMENTS = 64;

/**
 * Puts PDV fragments together to DIMSE messages — PS3.7 §6.3, PS3.8 Annex E. The command is collected (bounded), the
 * data set passes through. All fragments of a message belong to one context; command comes before data, never between.
 */
export class MessageAssembler {
  readonly #maxCommandBytes: number;
  readonly #command: Uint8Array;
  #commandBytes = 0;
  #emptyFragments = 0;
  #contextId: number | undefined;
  #expected: 'command' | 'data' = 'command';

  constructor(maxCommandBytes: number) {
    this.#maxCommandBytes = maxCommandBytes;
    this.#command = new Uint8Array(maxCommandBytes);
  }

  /** Is a message begun and not ended? */
  get inFlight(): boolean {
    return this.#contextId !== undefined;
  }

  /**
   * Takes the next fragment; `undefined` when it completes and carries nothing.
   *
   * @throws {AppError} PDU_INVALID when fragments are out of order, COMMAND_TOO_LONG, COMMAND_INVALID.
   */
  push(fragment: Fragment): MessagePart | undefined {
    this.#contextId ??= fragment.contextId;
    if (fragment.contextId !== this.#contextId) {
      throw new AppError('PDU_INVALID', `context ${fragment.contextId} inside a message of context ${this.#contextId}`);
    }
    if (fragment.isCommand !== (this.#expected === 'command')) {
      throw new AppError(
        'PDU_INVALID',
        `a ${fragment.isCommand ? 'command' : 'data'} fragment, ${this.#expected} is due`,
      );
    }
    this.#countEmpty(fragment);
    return fragment.isCommand ? this.#pushCommand(fragment) : this.#pushData(fragment);
  }

  #countEmpty({ bytes, endsPdv, isLast }: Fragment): void {
    if (bytes.length > 0 || !endsPdv || isLast) return;
    this.#emptyFragments += 1;
    if (this.#emptyFragments > MAX_EMPTY_FRAGMENTS) {
      throw new AppError('PDU_INVALID', `more than ${MAX_EMPTY_FRAGMENTS} empty fragments in one message`);
    }
  }

  #pushCommand({ bytes, endsPdv, isLast }: Fragment): MessagePart | undefined {
    if (this.#commandBytes + bytes.length > this.#maxCommandBytes) {
      throw new AppError('COMMAND_TOO_LONG', `command set longer than ${this.#maxCommandBytes} bytes`);
    }
    this.#command.set(bytes, this.#commandBytes);
    this.#commandBytes += bytes.length;
    if (!endsPdv || !isLast) return undefined;
    const command = decodeCommand(this.#command.slice(0, this.#commandBytes));
    const contextId = this.#contextId ?? 0;
    if (hasDataSet(command)) this.#expected = 'data';
    else this.#end();
    return { type: 'command', contextId, command };
  }

  #pushData({ bytes, endsPdv, isLast }: Fragment): MessagePart {
    const ends = endsPdv && isLast;
    if (ends) this.#end();
    return { type: 'data', bytes, isLast: ends };
  }

  #end(): void {
    this.#contextId = undefined;
    this.#commandBytes = 0;
    this.#emptyFragments = 0;
    this.#expected = 'command';
  }
}
