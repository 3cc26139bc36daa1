import { constants, inflateRawSync } from 'node:zlib';
import { AppError } from '../../domain/errors.ts';
import { FREE_INFLATED_BYTES, MAX_INFLATE_RATIO } from './limits.ts';

const FIRST_BYTES = 64 * 1024;
/** Longest data set that is inflated at once: it is held in memory. */
const MAX_HELD_BYTES = 512 * 2 ** 20;

/**
 * Inflates a deflated data set (PS3.5 §A.5, RFC 1951) in memory, at once. A prefix that doubles keeps the ratio in sight:
 * a bomb is found out while little of it has been inflated.
 *
 * @throws {AppError} DATASET_UNREADABLE when it is no deflate stream, ends early or grows beyond
 *   {@link MAX_INFLATE_RATIO} times its size; DATASET_TOO_LARGE above {@link MAX_HELD_BYTES}.
 */
export function inflate(bytes: Uint8Array): Uint8Array {
  for (let size = FIRST_BYTES; size < bytes.length; size *= 2) inflateHead(bytes.subarray(0, size));
  return inflated(bytes, constants.Z_FINISH);
}

/** What can be told from the first bytes of a deflated data set. Throws as `inflate` does. */
export function inflateHead(bytes: Uint8Array): Uint8Array {
  return inflated(bytes, constants.Z_SYNC_FLUSH);
}

function inflated(bytes: Uint8Array, finishFlush: number): Uint8Array {
  const allowed = Math.max(FREE_INFLATED_BYTES, bytes.length * MAX_INFLATE_RATIO);
  try {
    return inflateRawSync(bytes, { maxOutputLength: Math.min(allowed, MAX_HELD_BYTES), finishFlush });
  } catch (error) {
    throw refusal(error, allowed);
  }
}

function refusal(error: unknown, allowed: number): AppError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code !== 'ERR_BUFFER_TOO_LARGE') {
    return new AppError('DATASET_UNREADABLE', `no deflate stream (${code})`, {}, error);
  }
  return allowed > MAX_HELD_BYTES
    ? new AppError('DATASET_TOO_LARGE', `inflates to more than ${MAX_HELD_BYTES} bytes`)
    : new AppError('DATASET_UNREADABLE', `inflates to more than ${MAX_INFLATE_RATIO} times its size`);
}
