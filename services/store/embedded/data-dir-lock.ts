import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError } from '../../domain/errors.ts';

/**
 * One owner per data folder. Node offers no file lock of its own; SQLite takes a real one of the kernel (fcntl), which
 * ends with its process however that dies, is not inherited by children, and holds between containers that share a
 * volume, where a pid file proves nothing. The file stays empty.
 *
 * @throws {AppError} DATA_DIR_IN_USE while another process holds it.
 */
export function lockDataDirectory(directory: string): { release(): void } {
  const file = join(directory, 'owner.lock');
  const lock = new DatabaseSync(file);
  try {
    lock.exec('PRAGMA journal_mode = MEMORY');
    lock.exec('PRAGMA locking_mode = EXCLUSIVE');
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    throw new AppError(
      'DATA_DIR_IN_USE',
      `Another Overread owns ${directory} (it holds ${file}): stop it, or give this one its own DATA_DIR`,
      { directory },
      error,
    );
  }
  return { release: () => lock.close() };
}
