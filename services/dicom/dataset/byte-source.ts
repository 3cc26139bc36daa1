import { read } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createInflateRaw } from 'node:zlib';
import { AppError } from '../../domain/errors.ts';
import { MAX_INFLATED_BYTES } from './limits.ts';

/** Random access to the bytes of a file, or to those a deflated data set inflates to. */
export interface ByteSource {
  readonly size: number;
  /** @throws {AppError} DATASET_UNREADABLE when they are not there. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

const readBytes = promisify(read);

const CHUNK_BYTES = 64 * 1024;
/** Of what was inflated so much is kept: all of most objects, the attributes of the others. */
const MAX_KEPT_BYTES = 16 * 2 ** 20;

/** The bytes of a file from `start` to `end`. */
export function fileSource(descriptor: number, start: number, end: number): ByteSource {
  return {
    size: end - start,
    async read(offset, length) {
      const buffer = Buffer.allocUnsafe(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await readBytes(descriptor, buffer, filled, length - filled, start + offset + filled);
        if (bytesRead === 0) throw shortOf(offset, length);
        filled += bytesRead;
      }
      return buffer;
    },
  };
}

/**
 * Inflates once, in a thread of the pool, to see that the stream is whole and how long it is; and again from the start
 * for what lies behind what is kept. However much a stream of a few bytes grows to, little of it is ever held.
 *
 * @throws {AppError} DATASET_UNREADABLE when the stream is damaged or cut; DATASET_TOO_LARGE above
 *   {@link MAX_INFLATED_BYTES}.
 */
export async function inflatedSource(deflated: ByteSource): Promise<ByteSource> {
  const { size, kept } = await measured(deflated);
  return {
    size,
    async read(offset, length) {
      if (offset + length > size) throw shortOf(offset, length);
      const isKept = offset + length <= kept.length;
      return isKept ? kept.subarray(offset, offset + length) : collected(deflated, offset, length);
    },
  };
}

/** Its length, and its first bytes. */
async function measured(deflated: ByteSource): Promise<{ readonly size: number; readonly kept: Uint8Array }> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of inflating(deflated)) {
    if (size < MAX_KEPT_BYTES) parts.push(chunk);
    size += chunk.length;
    if (size > MAX_INFLATED_BYTES) {
      throw new AppError('DATASET_TOO_LARGE', `inflates to more than ${MAX_INFLATED_BYTES} bytes`);
    }
  }
  return { size, kept: Buffer.concat(parts) };
}

async function collected(deflated: ByteSource, offset: number, length: number): Promise<Uint8Array> {
  const bytes = Buffer.alloc(length);
  let at = 0;
  for await (const chunk of inflating(deflated)) {
    const part = chunk.subarray(Math.max(0, offset - at), Math.max(0, offset + length - at));
    if (part.length > 0) bytes.set(part, Math.max(0, at - offset));
    at += chunk.length;
    if (at >= offset + length) break;
  }
  return bytes;
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
