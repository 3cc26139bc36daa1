import { statfs } from 'node:fs/promises';
import { AppError } from '../domain/errors.ts';

/** The figure is asked for again after this long, or when this much was written since. */
const STALE_MS = 500;
const STALE_BYTES = 32 * 1024 * 1024;

/** Refuses to write when the file system would fall below the mark, before the disk itself refuses. */
export class FreeSpace {
  readonly #directory: string;
  readonly #minFreeBytes: number;
  #free = 0;
  #asking: Promise<number> | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #writtenSince = 0;

  constructor(directory: string, minFreeBytes: number) {
    this.#directory = directory;
    this.#minFreeBytes = minFreeBytes;
  }

  /**
   * Nothing when `bytes` may be written by the figure that is known; a promise when it must be asked for.
   *
   * @throws {AppError} STORE_FULL when writing `bytes` would leave less than the mark.
   */
  check(bytes: number): Promise<void> | undefined {
    const isStale = performance.now() - this.#askedAt > STALE_MS || this.#writtenSince > STALE_BYTES;
    if (!isStale && this.#asking === undefined && this.#takes(bytes, this.#free)) return undefined;
    return this.#checkAnew(bytes);
  }

  async #checkAnew(bytes: number): Promise<void> {
    // What was refused or removed meanwhile was counted as written, so an old figure is not believed when it says no.
    if (!this.#takes(bytes, await this.#ask())) throw new AppError('STORE_FULL', 'free space is below the mark');
  }

  /** Those who ask meanwhile share the answer. */
  #ask(): Promise<number> {
    if (this.#asking !== undefined) return this.#asking;
    this.#askedAt = performance.now();
    this.#writtenSince = 0;
    this.#asking = statfs(this.#directory)
      .then(({ bavail, bsize }) => {
        this.#free = bavail * bsize;
        return this.#free;
      })
      .finally(() => {
        this.#asking = undefined;
      });
    return this.#asking;
  }

  #takes(bytes: number, free: number): boolean {
    this.#writtenSince += bytes;
    return free - this.#writtenSince >= this.#minFreeBytes;
  }
}
