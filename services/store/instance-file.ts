import { createHash } from 'node:crypto';
import { closeSync, fdatasync, open, read, write, writev } from 'node:fs';
import { rename, unlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { AppError } from '../domain/errors.ts';

/**
 * Bytes gathered before one vectored write, and the most that waits while one is under way. A CT slice leaves in one:
 * each call to the disk costs a switch of threads and back, more than its bytes do.
 */
const FLUSH_BYTES = 1024 * 1024;
const MAX_QUEUED_BYTES = 2 * 1024 * 1024;
/** The same for senders of tiny fragments: each is an object of its own. */
const FLUSH_FRAGMENTS = 512;
const MAX_QUEUED_FRAGMENTS = 2048;

/** Plain descriptors: closing one at once is cheaper than a `FileHandle`, and nothing closes it behind our back. */
const files = {
  open: promisify(open),
  read: promisify(read),
  write: promisify(write),
  writev: promisify(writev),
  datasync: promisify(fdatasync),
};

/** What the file needs of the store it lies in. */
export interface FilePlace {
  readonly temporary: string;
  readonly maxBytes: number;
  /** Makes the folder of the temporary name; called before the first write. */
  prepare(): Promise<unknown>;
  /** @throws {AppError} STORE_FULL. */
  checkSpace(bytes: number): Promise<void>;
  /** A durable folder for the final name; resolves with the name below the store, which is unsettled until `settle`. */
  claim(): Promise<ClaimedName>;
}

interface ClaimedName {
  readonly path: string;
  readonly absolute: string;
  sync(): Promise<void>;
  settle(): void;
}

export interface CommittedFile {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * An instance on its way to disk: a header of ours, then the data set as it arrives. Written behind, bounded; hashed on
 * the way. `commit` makes it durable under its final name; `abort` leaves nothing, at whatever moment it comes.
 */
export class InstanceFile {
  readonly #place: FilePlace;
  readonly #headerBytes: number;
  readonly #hash = createHash('sha256');
  #queue: Uint8Array[];
  #queuedBytes: number;
  #bytes = 0;
  #fd: number | undefined;
  #flushing: Promise<void> | undefined;
  #failure: unknown;
  #creating: Promise<number> | undefined;
  #isOver = false;
  #settle: () => void = () => {};

  constructor(place: FilePlace, header: Uint8Array) {
    this.#place = place;
    this.#headerBytes = header.length;
    this.#queue = [header];
    this.#queuedBytes = header.length;
  }

  /**
   * Takes the next bytes of the data set; a promise when the disk is behind.
   *
   * @throws {AppError} DATASET_TOO_LARGE, STORE_FULL, STORE_UNAVAILABLE; call `abort` then.
   */
  write(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    void this.#create();
    this.#bytes += bytes.length;
    if (this.#bytes > this.#place.maxBytes) {
      throw new AppError('DATASET_TOO_LARGE', `data set longer than the limit of ${this.#place.maxBytes} bytes`);
    }
    this.#hash.update(bytes);
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    if (this.#queuedBytes >= FLUSH_BYTES || this.#queue.length >= FLUSH_FRAGMENTS) this.#startFlush();
    const behind = this.#queuedBytes > MAX_QUEUED_BYTES || this.#queue.length > MAX_QUEUED_FRAGMENTS;
    return behind ? this.#flushing : undefined;
  }

  /** The first bytes of the data set, read back from the file; fewer when it is shorter. */
  async head(length: number): Promise<Uint8Array> {
    await this.#flushAll();
    const buffer = Buffer.alloc(Math.min(length, this.#bytes));
    if (this.#fd === undefined) return buffer.subarray(0, 0);
    const { bytesRead } = await files.read(this.#fd, buffer, 0, buffer.length, this.#headerBytes);
    return buffer.subarray(0, bytesRead);
  }

  /**
   * Durable in this order: data, name, folder. A failed sync is final: it is never tried again and believed.
   *
   * @throws {AppError} STORE_FULL, STORE_UNAVAILABLE; call `abort` then.
   */
  async commit(): Promise<CommittedFile> {
    await this.#flushAll();
    const { path, absolute, sync, settle } = await this.#place.claim();
    this.#settle = settle;
    try {
      if (this.#fd !== undefined) await files.datasync(this.#fd);
      this.#close();
      await rename(this.#place.temporary, absolute);
    } catch (error) {
      throw storeError(error);
    }
    this.#isOver = true;
    try {
      await sync();
    } catch (error) {
      await unlink(absolute).catch(() => {});
      throw storeError(error);
    }
    return { path, sha256: this.#hash.digest('hex'), bytes: this.#bytes };
  }

  /** Says that a committed file has its row now, or that nobody will write one any more. */
  settle(): void {
    this.#settle();
  }

  /** Removes what was written. Safe to call at any time, also while a write is under way, and after a commit. */
  async abort(): Promise<void> {
    this.#settle();
    if (this.#isOver) return;
    this.#isOver = true;
    this.#failure ??= new AppError('STORE_UNAVAILABLE', 'the instance was given up');
    this.#queue = [];
    this.#queuedBytes = 0;
    await this.#flushing?.catch(() => {});
    const wasCreated = await this.#creating?.then(
      () => true,
      () => false,
    );
    this.#close();
    if (wasCreated) await unlink(this.#place.temporary).catch(ignoreMissing);
  }

  #startFlush(least = FLUSH_BYTES): void {
    if (this.#flushing !== undefined) return;
    this.#flushing = this.#flush(least).finally(() => {
      this.#flushing = undefined;
    });
    // Whoever waits hears of the failure; when nobody does, the next write throws it.
    this.#flushing.catch(() => {});
  }

  async #flushAll(): Promise<void> {
    await this.#flushing;
    this.#startFlush(0);
    await this.#flushing;
  }

  /** Writes what is queued, and goes on while at least `least` bytes have gathered meanwhile. */
  async #flush(least: number): Promise<void> {
    try {
      const fd = await this.#create();
      do {
        const [queue, bytes] = [this.#queue, this.#queuedBytes];
        this.#queue = [];
        this.#queuedBytes = 0;
        await this.#place.checkSpace(bytes);
        if (queue.length > 0) await writeAll(fd, queue, bytes);
      } while (this.#queue.length > 0 && (this.#queuedBytes >= least || this.#queue.length >= FLUSH_FRAGMENTS));
      if (this.#failure !== undefined) throw this.#failure;
    } catch (error) {
      this.#failure ??= storeError(error);
      throw this.#failure;
    }
  }

  /** Made while the first bytes arrive, so that nobody waits for it at the end. */
  #create(): Promise<number> {
    if (this.#creating !== undefined) return this.#creating;
    this.#creating = this.#place
      .prepare()
      .then(() => files.open(this.#place.temporary, 'wx+', 0o640))
      .then((fd) => {
        this.#fd = fd;
        return fd;
      });
    // The flush that needs it reports the failure.
    this.#creating.catch(() => {});
    return this.#creating;
  }

  #close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}

/** A vectored write may be cut short by a signal or a full disk; the rest is written until it fails or is done. */
async function writeAll(fd: number, buffers: Uint8Array[], bytes: number): Promise<void> {
  const { bytesWritten } = await files.writev(fd, buffers);
  if (bytesWritten === bytes) return;
  const rest = Buffer.concat(buffers, bytes).subarray(bytesWritten);
  for (let at = 0; at < rest.length; ) at += (await files.write(fd, rest, at)).bytesWritten;
}

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** Names what the file system said; the path is left out, for it says nothing to a sender. */
export function storeError(error: unknown): unknown {
  if (error instanceof AppError || !(error instanceof Error) || !('code' in error)) return error;
  const code = String(error.code);
  return FULL.has(code)
    ? new AppError('STORE_FULL', `no space left in the store (${code})`, {}, error)
    : new AppError('STORE_UNAVAILABLE', `the store cannot be written (${code})`, {}, error);
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
