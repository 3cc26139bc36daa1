import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../domain/errors.ts';

/** A killed owner is not gone the moment it is killed. */
const PATIENCE_MS = 2000;
const PAUSE_MS = 50;

/**
 * One owner per data folder. Node offers no file lock of its own; SQLite takes a real one of the kernel (fcntl), which
 * ends with its process however that dies, is not inherited by children, and holds between containers that share a
 * volume, where a pid file proves nothing. The file stays empty.
 *
 * @throws {AppError} DATA_DIR_IN_USE while another process holds it.
 */
export async function lockDataDirectory(directory: string): Promise<{ release(): void }> {
  const file = join(directory, 'owner.lock');
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return lock(file);
    } catch (error) {
      if ((error as { errcode?: unknown }).errcode !== SQLITE_BUSY) {
        throw new AppError('CONFIG_INVALID', `${file} cannot be locked`, { directory }, error);
      }
      if (Date.now() > deadline) {
        throw new AppError(
          'DATA_DIR_IN_USE',
          `Another Overread owns ${directory} (it holds ${file}): stop it, or give this one its own DATA_DIR`,
          { directory },
          error,
        );
      }
      await sleep(PAUSE_MS);
    }
  }
}

const SQLITE_BUSY = 5;

function lock(file: string): { release(): void } {
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA journal_mode = MEMORY');
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    database.exec('BEGIN EXCLUSIVE');
    return { release: () => database.close() };
  } catch (error) {
    database.close();
    throw error;
  }
}
