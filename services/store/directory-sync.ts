import { closeSync, fsync, openSync } from 'node:fs';
import { promisify } from 'node:util';

const fsyncFile = promisify(fsync);

/** Makes the entries of a folder durable. Opening and closing it touches no disk, so only the sync itself leaves this thread. */
export async function syncDirectory(directory: string): Promise<void> {
  const fd = openSync(directory, 'r');
  try {
    await fsyncFile(fd);
  } finally {
    closeSync(fd);
  }
}
