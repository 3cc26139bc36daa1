import { AppError } from '../domain/errors.ts';

/**
 * What is wrong with a stored file is no fault of the client that asks for it: INSTANCE_UNREADABLE for what is damaged, or
 * cannot be had from the disk; every other error as it is.
 */
export function instanceFailure(error: unknown): unknown {
  if (error instanceof AppError) {
    const isDamaged = error.code === 'DATASET_UNREADABLE' || error.code === 'DATASET_TOO_LARGE';
    return isDamaged ? new AppError('INSTANCE_UNREADABLE', error.message, { ...error.detail }, error) : error;
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^E(ACCES|IO|MFILE|NOENT)$/.test(code)
    ? new AppError('INSTANCE_UNREADABLE', `its file cannot be read (${code})`, {}, error)
    : error;
}
