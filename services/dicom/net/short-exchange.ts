import { AppError } from '../../domain/errors.ts';
import type { Exchange, Operation } from './exchange.ts';
import { MAX_DROPPED_BYTES, MAX_IDENTIFIER_BYTES } from './limits.ts';

/** A request whose answer is known before its data set: that is read and dropped, but not for ever. */
export function answeredAtOnce(respond: () => Promise<void> | undefined): Exchange {
  const dropped = { bytes: 0 };
  return {
    write(bytes) {
      dropped.bytes += bytes.length;
      if (dropped.bytes > MAX_DROPPED_BYTES) throw tooMuch();
      return undefined;
    },
    perform: async () => respond(),
    discard: async () => {},
  };
}

/** A request with an identifier, or another small data set, that is held in memory. */
export class IdentifierExchange implements Exchange {
  readonly operation?: Operation;
  readonly #run: (identifier: Uint8Array | AppError) => Promise<void>;
  readonly #maxBytes: number;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  /** `run` is given the identifier, or why there is none; it never rejects for what a peer does. */
  constructor(
    run: (identifier: Uint8Array | AppError) => Promise<void>,
    operation?: Operation,
    maxBytes = MAX_IDENTIFIER_BYTES,
  ) {
    this.#run = run;
    this.#maxBytes = maxBytes;
    if (operation !== undefined) this.operation = operation;
  }

  write(bytes: Uint8Array): undefined {
    this.#bytes += bytes.length;
    if (this.#bytes > MAX_DROPPED_BYTES) throw tooMuch();
    if (this.#bytes > this.#maxBytes) this.#parts = [];
    // A copy: a view would keep the chunk it came in.
    else this.#parts.push(bytes.slice());
  }

  perform(): Promise<void> {
    const parts = this.#parts;
    this.#parts = [];
    if (this.#bytes <= this.#maxBytes) return this.#run(Buffer.concat(parts));
    return this.#run(new AppError('IDENTIFIER_TOO_LARGE', `the identifier is longer than ${this.#maxBytes} bytes`));
  }

  async discard(): Promise<void> {
    this.#parts = [];
  }
}

const tooMuch = (): AppError =>
  new AppError('IDENTIFIER_TOO_LARGE', `a data set of more than ${MAX_DROPPED_BYTES} bytes that nobody wants`);
