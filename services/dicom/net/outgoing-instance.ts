import { closeSync, open as openFile, read as readFile } from 'node:fs';
import { open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { AppError } from '../../domain/errors.ts';
import { readPart10Meta } from '../dataset/part10.ts';

/** An object to send: its identity, how its data set is encoded, and the data set without file meta information. */
export interface OutgoingInstance {
  readonly SOPClassUID: string;
  readonly SOPInstanceUID: string;
  readonly TransferSyntaxUID: string;
  readonly dataset: Uint8Array | DatasetInFile;
  /**
   * The data set in another transfer syntax, for a peer that does not take this one; absent: it goes as it is, or not.
   *
   * @throws {AppError} when it cannot be brought into it.
   */
  readonly transcoded?: (TransferSyntaxUID: string) => Promise<AsyncIterable<Uint8Array>>;
}

export interface DatasetInFile {
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}

/** File meta information that we wrote is far shorter. */
const MAX_META_BYTES = 64 * 1024;
const MAX_HEAD_BYTES = 4096;

/**
 * Where the data set lies in a Part 10 file of ours; of what was received nothing is read.
 *
 * @throws {AppError} INSTANCE_UNREADABLE when the file is gone, or is not what we wrote.
 */
export async function datasetInFile(file: string): Promise<DatasetInFile> {
  const unreadable = (error: unknown) => {
    throw new AppError('INSTANCE_UNREADABLE', 'its file is gone or damaged', {}, error);
  };
  const handle = await open(file).catch(unreadable);
  try {
    const { size } = await handle.stat();
    const head = Buffer.alloc(Math.min(size, MAX_HEAD_BYTES));
    await handle.read(head, 0, head.length, 0);
    const offset = readPart10Meta(head).datasetOffset;
    return { file, offset, length: size - offset };
  } catch (error) {
    return unreadable(error);
  } finally {
    await handle.close();
  }
}

/** The data set of a Part 10 file that comes in pieces. @throws {AppError} DATASET_UNREADABLE. */
export async function* withoutMeta(file: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const bytes of file) {
    if (head === undefined) {
      yield bytes;
      continue;
    }
    head = Buffer.concat([head, bytes]);
    const offset = metaEnd(head);
    if (offset === undefined) continue;
    yield head.subarray(offset);
    head = undefined;
  }
  if (head !== undefined) throw new AppError('DATASET_UNREADABLE', 'ends inside the file meta information');
}

/** `undefined` while more is needed to tell. */
function metaEnd(head: Uint8Array): number | undefined {
  try {
    return readPart10Meta(head).datasetOffset;
  } catch (error) {
    if (head.length < MAX_META_BYTES) return undefined;
    throw error;
  }
}

/** A data set up to this size leaves in one write with its command; a longer one in pieces of it. */
const PIECE_BYTES = 4 * 1024 * 1024;

/**
 * A data set that fits is read into a buffer that is used again: new ones for each keep the collector busy. One that is
 * short may still wait in the socket when an answer comes early; a longer one is waited for until the system has it.
 */
const REUSED_BYTES = 1024 * 1024;
const LEAST_REUSED_BYTES = 128 * 1024;
const MAX_SPARE = 8;
const spare: Buffer[] = [];

/** Of bare descriptors: a handle, and a turn of the pool to close it, cost as much as all else that is done for an instance. */
const opened = promisify(openFile);
const read = promisify(readFile);

/** The data set in order, never more than one piece of it in memory; a short one in `buffer` where that is given. */
export async function* pieces(
  dataset: Uint8Array | DatasetInFile,
  buffer: Buffer = Buffer.alloc(0),
): AsyncGenerator<Uint8Array> {
  if (dataset instanceof Uint8Array) {
    for (let at = 0; at < dataset.length; at += PIECE_BYTES) yield dataset.subarray(at, at + PIECE_BYTES);
    return;
  }
  const descriptor = await opened(dataset.file, 'r');
  try {
    for (let at = 0; at < dataset.length; ) {
      const bytes = Math.min(PIECE_BYTES, dataset.length - at);
      const piece = dataset.length <= buffer.length ? buffer.subarray(at, at + bytes) : Buffer.allocUnsafe(bytes);
      const { bytesRead } = await read(descriptor, piece, 0, piece.length, dataset.offset + at);
      if (bytesRead === 0) throw new Error(`${dataset.length - at} bytes are missing at the end of the file`);
      yield piece.subarray(0, bytesRead);
      at += bytesRead;
    }
  } finally {
    // Nothing was written, so nothing is waited for.
    closeSync(descriptor);
  }
}

/**
 * The data set of an object that is next: opened, and its first piece read, while another is still under way. The second
 * is asked for too, for a piece leaves only when it is known whether it is the last.
 */
export class ReadAhead implements AsyncIterable<Uint8Array> {
  readonly #pieces: AsyncGenerator<Uint8Array>;
  readonly #begun: readonly Promise<IteratorResult<Uint8Array>>[];
  readonly #buffer: Buffer | undefined;

  constructor(dataset: Uint8Array | DatasetInFile) {
    const { length } = dataset;
    const fits = length > LEAST_REUSED_BYTES && length <= REUSED_BYTES;
    this.#buffer =
      fits && !(dataset instanceof Uint8Array) ? (spare.pop() ?? Buffer.allocUnsafeSlow(REUSED_BYTES)) : undefined;
    this.#pieces = pieces(dataset, this.#buffer);
    this.#begun = [this.#pieces.next(), this.#pieces.next()];
    // Whoever iterates hears of it.
    for (const one of this.#begun) one.catch(() => {});
  }

  /** All of it, when that is one piece; `undefined`: it is iterated. */
  async whole(): Promise<Uint8Array | undefined> {
    const [first, second] = await Promise.all(this.#begun);
    return first?.done !== true && second?.done === true ? first?.value : undefined;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (const one of this.#begun) {
        const piece = await one;
        if (piece.done === true) return;
        yield piece.value;
      }
      yield* this.#pieces;
    } finally {
      await this.close();
    }
  }

  /** The peer has answered: none of its bytes is on the way any more, and its buffer may take another. */
  reuse(): void {
    if (this.#buffer !== undefined && spare.length < MAX_SPARE) spare.push(this.#buffer);
  }

  /** Nobody wants it, or not more of it: its file is closed. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#begun);
    await this.#pieces.return(undefined);
  }
}
