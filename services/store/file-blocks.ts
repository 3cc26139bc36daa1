/**
 * What goes to the disk is gathered in blocks of this size. They are moved to the thread that writes them and back, so
 * nothing is copied on the way there; and used again, so nothing is left to be collected.
 */
export const BLOCK_BYTES = 576 * 1024;
/** The beginning of a data set is kept beside, for its header is read from it. */
export const HEAD_BYTES = 64 * 1024;
const MAX_SPARE = 32;

class Spare<Kept> {
  readonly #make: () => Kept;
  readonly #kept: Kept[] = [];

  constructor(make: () => Kept) {
    this.#make = make;
  }

  take(): Kept {
    return this.#kept.pop() ?? this.#make();
  }

  /** Nobody reads or writes it any more. */
  give(one: Kept): void {
    if (this.#kept.length < MAX_SPARE) this.#kept.push(one);
  }
}

export const blocks = new Spare(() => new ArrayBuffer(BLOCK_BYTES));
export const heads = new Spare(() => new Uint8Array(HEAD_BYTES));
