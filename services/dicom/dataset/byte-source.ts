import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';
import { AppError } from '../../domain/errors.ts';
import { MAX_INFLATED_BYTES } from './limits.ts';

/** Random access to the bytes of a file, or to those a deflated data set inflates to. */
export interface ByteSource {
  /** How many there are at most. */
  readonly size: number;
  /** The first ones; `isWhole` when there are no more. */
  head(length: number): Promise<{ readonly bytes: Uint8Array; readonly isWhole: boolean }>;
  /** @throws {AppError} DATASET_UNREADABLE when they are not there. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

const CHUNK_BYTES = 64 * 1024;
/** What was inflated is kept up to this length, for the next read will want it again. */
const MAX_KEPT_BYTES = 16 * 2 ** 20;

/** The bytes of a file from `start` on. */
export function fileSource(handle: FileHandle, start: number, end: number): ByteSource {
  const read = async (offset: number, length: number) => {
    const buffer = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await handle.read(buffer, filled, length - filled, start + offset + filled);
      if (bytesRead === 0) throw shortOf(offset, length);
      filled += bytesRead;
    }
    return buffer;
  };
  return {
    size: end - start,
    head: async (length) => ({ bytes: await read(0, Math.min(length, end - start)), isWhole: length >= end - start }),
    read,
  };
}

/**
 * Inflates as far as it is asked for, in a thread of the pool, and again from the start for what lies behind what is
 * kept: however much a stream of a few bytes grows to, little of it is ever held.
 *
 * @throws {AppError} DATASET_UNREADABLE when the stream is damaged or cut; DATASET_TOO_LARGE.
 */
export function inflatedSource(deflated: ByteSource): ByteSource {
  const kept = { bytes: new Uint8Array(0), isWhole: false };
  /** Inflates the first bytes: some more than asked for, so that reads in a row do not begin anew each time. */
  const keep = async (length: number) => {
    if (kept.isWhole || kept.bytes.length >= length) return;
    const wanted = Math.min(MAX_KEPT_BYTES, Math.max(length, 2 * kept.bytes.length));
    Object.assign(kept, await collected(deflated, 0, wanted));
  };
  return {
    size: MAX_INFLATED_BYTES,
    async head(length) {
      // A byte more tells whether it is the end.
      if (length >= MAX_KEPT_BYTES) return collected(deflated, 0, length);
      await keep(length + 1);
      return { bytes: kept.bytes.subarray(0, length), isWhole: kept.isWhole && kept.bytes.length <= length };
    },
    async read(offset, length) {
      const end = offset + length;
      if (end <= MAX_KEPT_BYTES) await keep(end);
      const isKept = kept.isWhole || end <= kept.bytes.length;
      const bytes = isKept ? kept.bytes.subarray(offset, end) : (await collected(deflated, offset, length)).bytes;
      if (bytes.length < length) throw shortOf(offset, length);
      return bytes;
    },
  };
}

/** `length` bytes at `offset` of what it inflates to; `isWhole` when it ends with them or before. */
async function collected(deflated: ByteSource, offset: number, length: number) {
  const parts: Uint8Array[] = [];
  let [at, collectedBytes] = [0, 0];
  for await (const chunk of inflating(deflated)) {
    const part = chunk.subarray(Math.max(0, offset - at), Math.max(0, offset + length - at));
    if (part.length > 0) parts.push(part);
    collectedBytes += part.length;
    at += chunk.length;
    if (at > offset + length) return { bytes: Buffer.concat(parts, collectedBytes), isWhole: false };
    if (at > MAX_INFLATED_BYTES) {
      throw new AppError('DATASET_TOO_LARGE', `inflates to more than ${MAX_INFLATED_BYTES} bytes`);
    }
  }
  return { bytes: Buffer.concat(parts, collectedBytes), isWhole: true };
}

async function* inflating(deflated: ByteSource): AsyncGenerator<Uint8Array> {
  const inflater = createInflateRaw({ chunkSize: CHUNK_BYTES });
  // Its failures are heard below; leaving the loop destroys it, which ends the reading too.
  pipeline(Readable.from(chunks(deflated), { objectMode: false }), inflater).catch(() => {});
  try {
    for await (const chunk of inflater) yield chunk;
  } catch (error) {
    if (error instanceof AppError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw new AppError('DATASET_UNREADABLE', `no deflate stream (${code})`, {}, error);
  } finally {
    inflater.destroy();
  }
}

async function* chunks({ size, read }: ByteSource): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size; at += CHUNK_BYTES) yield await read(at, Math.min(CHUNK_BYTES, size - at));
}

function shortOf(offset: number, length: number): AppError {
  return new AppError('DATASET_UNREADABLE', `the data end before ${length} bytes at offset ${offset}`, { offset });
}
