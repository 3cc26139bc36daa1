import { statfs } from 'node:fs/promises';
import { AppError } from '../domain/errors.ts';

/** The figure is asked for again after this long, or when this much was written since. */
const STALE_MS = 500;
const STALE_BYTES = 32 * 1024 * 1024;

/** Refuses to write when the file system would fall below the mark, before the disk itself refuses. */
export class FreeSpace {
  readonly #directory: string;
  readonly #minFreeBytes: number;
  #free: Promise<number> = Promise.resolve(0);
  #askedAt = Number.NEGATIVE_INFINITY;
  #writtenSince = 0;

  constructor(directory: string, minFreeBytes: number) {
    this.#directory = directory;
    this.#minFreeBytes = minFreeBytes;
  }

  /** @throws {AppError} STORE_FULL when writing `bytes` would leave less than the mark. */
  async check(bytes: number): Promise<void> {
    const isStale = performance.now() - this.#askedAt > STALE_MS || this.#writtenSince > STALE_BYTES;
    if (isStale) this.#ask();
    if (await this.#takes(bytes)) return;
    // What was refused or removed meanwhile was counted as written, so an old figure is not believed when it says no.
    if (!isStale) this.#ask();
    if (isStale || !(await this.#takes(bytes))) throw new AppError('STORE_FULL', 'free space is below the mark');
  }

  #ask(): void {
    this.#askedAt = performance.now();
    this.#writtenSince = 0;
    this.#free = statfs(this.#directory).then(({ bavail, bsize }) => bavail * bsize);
  }

  async #takes(bytes: number): Promise<boolean> {
    this.#writtenSince += bytes;
    return (await this.#free) - this.#writtenSince >= this.#minFreeBytes;
  }
}
