import { statfs } from 'node:fs/promises';
import { AppError } from '../domain/errors.ts';

/** The figure is asked for again after this long, or when this much was written since. */
const STALE_MS = 500;
const STALE_BYTES = 32 * 1024 * 1024;

/** Refuses to write when the file system would fall below the mark, before the disk itself refuses. */
export class FreeSpace {
  readonly #directory: string;
  readonly #minFreeBytes: number;
  #free: Promise<number> | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #writtenSince = 0;

  constructor(directory: string, minFreeBytes: number) {
    this.#directory = directory;
    this.#minFreeBytes = minFreeBytes;
  }

  /** @throws {AppError} STORE_FULL when writing `bytes` would leave less than the mark. */
  async check(bytes: number): Promise<void> {
    const now = performance.now();
    if (now - this.#askedAt > STALE_MS || this.#writtenSince > STALE_BYTES) {
      this.#askedAt = now;
      this.#writtenSince = 0;
      this.#free = statfs(this.#directory).then(({ bavail, bsize }) => bavail * bsize);
    }
    this.#writtenSince += bytes;
    const free = (await this.#free) ?? 0;
    if (free - this.#writtenSince < this.#minFreeBytes) {
      throw new AppError('STORE_FULL', 'free space is below the mark');
    }
  }
}
