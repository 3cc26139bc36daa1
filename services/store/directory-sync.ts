import { closeSync, fsync, openSync } from 'node:fs';
import { promisify } from 'node:util';

/**
 * fsync of folders, shared: while one is under way for a folder, all who ask meanwhile wait for the next one together.
 * Each caller's entries were made before the fsync it waits for began, so they are durable when it ends.
 */
export class DirectorySync {
  readonly #running = new Map<string, Promise<void>>();
  readonly #next = new Map<string, Promise<void>>();

  sync(directory: string): Promise<void> {
    const running = this.#running.get(directory);
    if (running === undefined) return this.#start(directory);
    const joined = this.#next.get(directory);
    if (joined !== undefined) return joined;
    const next = running
      .catch(() => {})
      .then(() => {
        this.#next.delete(directory);
        return this.#start(directory);
      });
    this.#next.set(directory, next);
    return next;
  }

  #start(directory: string): Promise<void> {
    const running = fsyncDirectory(directory).finally(() => this.#running.delete(directory));
    this.#running.set(directory, running);
    return running;
  }
}

const fsyncFile = promisify(fsync);

/** Opening and closing a folder touches no disk, so only the sync itself leaves this thread. */
async function fsyncDirectory(directory: string): Promise<void> {
  const fd = openSync(directory, 'r');
  try {
    await fsyncFile(fd);
  } finally {
    closeSync(fd);
  }
}
