import { constants, inflateRawSync } from 'node:zlib';
import { AppError } from '../../domain/errors.ts';

const MAX_RATIO = 100;
/** Below this no ratio is asked: an empty slice of 0.5 MB deflates to almost nothing. */
const FREE_BYTES = 16 * 2 ** 20;
const FIRST_BYTES = 64 * 1024;

/** Largest data set that is inflated: it is held in memory. */
export const MAX_INFLATED_BYTES = 512 * 2 ** 20;

/**
 * Inflates a deflated data set (PS3.5 §A.5, RFC 1951), or what can be told from its head when `isHead`.
 *
 * A prefix that doubles keeps the ratio in sight: a bomb is found out while little of it has been inflated.
 *
 * @throws {AppError} DATASET_UNREADABLE when it is no deflate stream, ends early or grows beyond {@link MAX_RATIO} times
 *   its size; DATASET_TOO_LARGE above {@link MAX_INFLATED_BYTES}.
 */
export function inflate(bytes: Uint8Array, isHead: boolean): Uint8Array {
  for (let size = FIRST_BYTES; size < bytes.length; size *= 2) {
    const head = inflatePrefix(bytes.subarray(0, size), true);
    if (isHead) return head;
  }
  return inflatePrefix(bytes, isHead);
}

function inflatePrefix(bytes: Uint8Array, isPrefix: boolean): Uint8Array {
  const allowed = Math.max(FREE_BYTES, bytes.length * MAX_RATIO);
  const { Z_FINISH, Z_SYNC_FLUSH } = constants;
  try {
    return inflateRawSync(bytes, {
      maxOutputLength: Math.min(allowed, MAX_INFLATED_BYTES),
      finishFlush: isPrefix ? Z_SYNC_FLUSH : Z_FINISH,
    });
  } catch (error) {
    throw refusal(error, allowed);
  }
}

function refusal(error: unknown, allowed: number): AppError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code !== 'ERR_BUFFER_TOO_LARGE') {
    return new AppError('DATASET_UNREADABLE', `no deflate stream (${code})`, {}, error);
  }
  return allowed > MAX_INFLATED_BYTES
    ? new AppError('DATASET_TOO_LARGE', `inflates to more than ${MAX_INFLATED_BYTES} bytes`)
    : new AppError('DATASET_UNREADABLE', `inflates to more than ${MAX_RATIO} times its size`);
}
