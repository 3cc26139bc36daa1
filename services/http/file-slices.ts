import { closeSync, open, read } from 'node:fs';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { ByteRange } from './byte-range.ts';

const openFile = promisify(open);
const readBytes = promisify(read);

/** Bytes of a stored file, in the order they are sent. */
interface FileSlices {
  readonly file: string;
  readonly slices: readonly { readonly offset: number; readonly length: number }[];
}

/** Bytes at hand, or where they lie. */
export type StoredBytes = Uint8Array | FileSlices;

/** A slice of 512 x 512 x 2 bytes with its header is read at once. */
const BUFFER_BYTES = 640 * 1024;
const KEPT_BUFFERS = 16;

/** Large buffers are costly to make and to collect: a few are kept for the next reader. */
class BufferPool {
  readonly #free: Buffer[] = [];

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
  }

  give(buffer: Buffer): void {
    if (this.#free.length < KEPT_BUFFERS) this.#free.push(buffer);
  }
}

const POOL = new BufferPool();

export async function fileLength(path: string): Promise<number> {
  return (await stat(path)).size;
}

/** A stored file, or a range of it, as a body: it is open only while it is read. */
export async function fileBody(
  path: string,
  range?: ByteRange,
): Promise<{ readonly length: number; readonly body: AsyncGenerator<Uint8Array> }> {
  const length = range === undefined ? await fileLength(path) : range.end - range.start + 1;
  return { length, body: slicesBody({ file: path, slices: [{ offset: range?.start ?? 0, length }] }) };
}

export const lengthOf = (bytes: StoredBytes): number =>
  bytes instanceof Uint8Array ? bytes.length : bytes.slices.reduce((sum, { length }) => sum + length, 0);

/** The bytes as a body; a chunk is valid until the next is asked for. */
export async function* storedBody(bytes: StoredBytes): AsyncGenerator<Uint8Array> {
  if (bytes instanceof Uint8Array) yield bytes;
  else yield* slicesBody(bytes);
}

/** Some of the bytes. */
export function rangeOf(bytes: StoredBytes, { start, end }: ByteRange): StoredBytes {
  if (bytes instanceof Uint8Array) return bytes.subarray(start, end + 1);
  let before = 0;
  const slices = bytes.slices.flatMap(({ offset, length }) => {
    const [from, to] = [Math.max(0, start - before), Math.min(length, end + 1 - before)];
    before += length;
    return from < to ? [{ offset: offset + from, length: to - from }] : [];
  });
  return { file: bytes.file, slices };
}

async function* slicesBody({ file, slices }: FileSlices): AsyncGenerator<Uint8Array> {
  const descriptor = await openFile(file, 'r');
  const buffer = POOL.take();
  try {
    for (const { offset, length } of slices) {
      for (let at = 0; at < length; ) {
        const wanted = Math.min(buffer.length, length - at);
        const { bytesRead } = await readBytes(descriptor, buffer, 0, wanted, offset + at);
        if (bytesRead === 0) throw new Error(`${at} of ${length} bytes were read of a stored file`);
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    }
  } finally {
    POOL.give(buffer);
    // Nothing was written, so there is nothing to wait for; another thread would cost more.
    closeSync(descriptor);
  }
}
