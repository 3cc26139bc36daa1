import { mkdir, readdir, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';

export interface PreparedFolderOptions {
  readonly directory: string;
  /** 0: nothing is decoded ahead. */
  readonly maxBytes: number;
  /** Space that received instances are to have for themselves. */
  readonly minFreeBytes: number;
}

/** Decoded slices are needed for the seconds between arrival and analysis. */
const KEPT_MS = 5 * 60_000;

/** Slices decoded ahead of their analysis: all of it may be deleted at any time, and all of it is at the start. */
export class PreparedFolder {
  readonly directory: string;
  readonly #maxBytes: number;
  readonly #minFreeBytes: number;

  constructor({ directory, maxBytes, minFreeBytes }: PreparedFolderOptions) {
    this.directory = directory;
    this.#maxBytes = maxBytes;
    this.#minFreeBytes = minFreeBytes;
  }

  async clear(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
  }

  /** Removes what nobody came for, then the oldest until the rest fits; answers whether there is room for more. */
  async sweep(now = Date.now()): Promise<boolean> {
    const kept: { path: string; bytes: number; at: number }[] = [];
    for (const name of await readdir(this.directory)) {
      const path = join(this.directory, name);
      const found = await stat(path).catch(() => undefined);
      if (!found) continue;
      if (now - found.mtimeMs > KEPT_MS) await rm(path, { force: true });
      else kept.push({ path, bytes: found.size, at: found.mtimeMs });
    }
    let bytes = kept.reduce((sum, file) => sum + file.bytes, 0);
    for (const file of kept.toSorted((a, b) => a.at - b.at)) {
      if (bytes <= this.#maxBytes) break;
      await rm(file.path, { force: true });
      bytes -= file.bytes;
    }
    const { bavail, bsize } = await statfs(this.directory);
    return bytes < this.#maxBytes && bavail * bsize - this.#maxBytes > this.#minFreeBytes;
  }
}
