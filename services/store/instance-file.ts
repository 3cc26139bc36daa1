import { AppError } from '../domain/errors.ts';
import type { WriteOrder } from './disk-order.ts';
import { diskThreads, type FileOnDisk } from './disk-threads.ts';
import { BLOCK_BYTES, blocks, HEAD_BYTES, heads } from './file-blocks.ts';

/** The most blocks of a file that wait for the disk; then its writer waits. Of so many one is answered. */
const MAX_QUEUED_BLOCKS = 8;
const ANSWERED_BLOCKS = 4;
/** With threads that have nothing else to do, so much is enough to begin with. */
const EARLY_BYTES = 128 * 1024;

/** What the file needs of the store it lies in. */
export interface FilePlace {
  readonly temporary: string;
  readonly maxBytes: number;
  /**
   * May `bytes` more be written? A promise when that must be asked of the file system, or a folder made first.
   *
   * @throws {AppError} STORE_FULL, STORE_UNAVAILABLE.
   */
  ready(bytes: number): Promise<void> | undefined;
  /** A durable folder for the final name; resolves with the name below the store, which is unsettled until `settle`. */
  claim(): Promise<ClaimedName>;
}

interface ClaimedName {
  readonly path: string;
  readonly absolute: string;
  settle(): void;
}

export interface CommittedFile {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** The block that is being filled. */
interface Filling {
  readonly block: ArrayBuffer;
  readonly bytes: Uint8Array;
  used: number;
}

/**
 * An instance on its way to disk: a header of ours, then the data set as it arrives. Copied into blocks that a thread of
 * `DiskThreads` writes and hashes behind us, bounded. `commit` makes it durable under its final name; `abort` leaves
 * nothing, at whatever moment it comes.
 */
export class InstanceFile {
  readonly #place: FilePlace;
  readonly #headerBytes: number;
  #filling: Filling | undefined;
  /** The beginning of the data set, which need not be read back then. */
  readonly #head = heads.take();
  #bytes = 0;
  #disk: FileOnDisk | undefined;
  /** Orders that are to be answered, oldest first. */
  readonly #pending: Promise<string | undefined>[] = [];
  /** Blocks that were ordered to be written, and those that are known to be. */
  #ordered = 0;
  #written = 0;
  /** Settles when the order before may be given; `undefined` when it was. */
  #turn: Promise<void> | undefined;
  #failure: unknown;
  #isOver = false;
  #settle: () => void = () => {};

  constructor(place: FilePlace, header: Uint8Array) {
    this.#place = place;
    this.#headerBytes = header.length;
    this.#add(header);
  }

  /**
   * Takes the next bytes of the data set, which are copied; a promise when the disk is behind.
   *
   * @throws {AppError} DATASET_TOO_LARGE, STORE_FULL, STORE_UNAVAILABLE; call `abort` then.
   */
  write(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    this.#bytes += bytes.length;
    if (this.#bytes > this.#place.maxBytes) {
      throw new AppError('DATASET_TOO_LARGE', `data set longer than the limit of ${this.#place.maxBytes} bytes`);
    }
    this.#addToHead(bytes, this.#bytes - bytes.length);
    this.#add(bytes);
    return this.#ordered - this.#written > MAX_QUEUED_BLOCKS ? this.#caughtUp() : undefined;
  }

  /** The first bytes of the data set; fewer when it is shorter. A view or a copy, for use at once. */
  head(length: number): Uint8Array | Promise<Uint8Array> {
    const wanted = Math.min(length, this.#bytes);
    if (wanted <= HEAD_BYTES) return this.#head.subarray(0, wanted);
    return this.#readBack(wanted);
  }

  /**
   * Durable in this order: data, name, folder. A failed sync is final: it is never tried again and believed.
   *
   * @throws {AppError} STORE_FULL, STORE_UNAVAILABLE; call `abort` then.
   */
  async commit(): Promise<CommittedFile> {
    const { path, absolute, settle } = await this.#claim();
    this.#settle = settle;
    const sha256 = (await this.#flush({ rename: absolute })) ?? '';
    this.#over();
    return { path, sha256, bytes: this.#bytes };
  }

  /** Says that a committed file has its row now, or that nobody will write one any more. */
  settle(): void {
    this.#settle();
  }

  /** Removes what was written. Safe to call at any time, also while a write is under way, and after a commit. */
  async abort(): Promise<void> {
    this.#settle();
    if (this.#isOver) return;
    this.#failure ??= new AppError('STORE_UNAVAILABLE', 'the instance was given up');
    await Promise.allSettled(this.#pending);
    const disk = this.#disk;
    this.#over();
    await disk?.tell({ kind: 'remove' }).catch(ignoreMissing);
  }

  /** Settles when the oldest order is answered. */
  #caughtUp(): Promise<void> | undefined {
    const wait = this.#pending[0]?.then(nothing);
    // When nobody waits, the next write throws the failure.
    wait?.catch(nothing);
    return wait;
  }

  #addToHead(bytes: Uint8Array, at: number): void {
    const room = HEAD_BYTES - at;
    if (room > 0) this.#head.set(bytes.length > room ? bytes.subarray(0, room) : bytes, at);
  }

  #add(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      this.#filling ??= filling();
      const part = at === 0 && bytes.length <= BLOCK_BYTES - this.#filling.used ? bytes : this.#fitting(bytes, at);
      this.#filling.bytes.set(part, this.#filling.used);
      this.#filling.used += part.length;
      at += part.length;
      if (this.#filling.used === BLOCK_BYTES || this.#isEarly(this.#filling.used)) this.#flush().catch(nothing);
    }
  }

  /** One sender alone waits for the disk at the end of each instance, so most of it is written before. */
  #isEarly(used: number): boolean {
    return used >= EARLY_BYTES && (this.#disk?.isAlone() ?? diskThreads.areIdle);
  }

  #fitting(bytes: Uint8Array, at: number): Uint8Array {
    return bytes.subarray(at, at + BLOCK_BYTES - (this.#filling?.used ?? 0));
  }

  async #claim(): Promise<ClaimedName> {
    try {
      if (this.#failure !== undefined) throw this.#failure;
      // Nothing is claimed for what has no place.
      await (this.#turn ?? this.#place.ready(0));
      return await this.#place.claim();
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** Orders what is being filled to be written; with `rename` it is the last, and answers the hash. */
  async #flush({
    rename,
    isAwaited = false,
  }: {
    rename?: string;
    isAwaited?: boolean;
  } = {}): Promise<string | undefined> {
    const { block, used } = this.#filling ?? filling();
    this.#filling = undefined;
    const isFirst = this.#ordered === 0;
    this.#ordered += 1;
    const place = this.#ordered;
    const unanswered = rename === undefined && !isAwaited && place % ANSWERED_BLOCKS !== 0;
    const order = {
      ...{ kind: 'write' as const, block, bytes: used, hashedFrom: isFirst ? this.#headerBytes : 0 },
      ...(isFirst && { create: this.#place.temporary }),
      ...(rename !== undefined && { rename }),
      ...(unanswered && { unanswered }),
    };
    const written = this.#order(order);
    this.#pending.push(written);
    try {
      const sha256 = await written;
      if (!unanswered) this.#written = place;
      return sha256;
    } finally {
      this.#pending.splice(this.#pending.indexOf(written), 1);
    }
  }

  async #order(order: Omit<WriteOrder, 'file'>): Promise<string | undefined> {
    try {
      const before = this.#turn;
      const turn =
        before === undefined ? this.#place.ready(order.bytes) : before.then(() => this.#place.ready(order.bytes));
      if (turn !== undefined) {
        this.#turn = turn;
        await turn;
        if (this.#turn === turn) this.#turn = undefined;
      }
      if (this.#failure !== undefined) throw this.#failure;
      this.#disk ??= diskThreads.open();
      return (await this.#disk.tell(order)).sha256;
    } catch (error) {
      throw this.#failed(error);
    }
  }

  async #readBack(bytes: number): Promise<Uint8Array> {
    await this.#flush({ isAwaited: true });
    const reply = await this.#disk?.tell({ kind: 'read', at: this.#headerBytes, bytes });
    return reply?.read ?? new Uint8Array();
  }

  /** The first failure is the one that is told, whenever it is asked. */
  #failed(error: unknown): unknown {
    this.#failure ??= storeError(error);
    return this.#failure;
  }

  #over(): void {
    this.#isOver = true;
    this.#disk?.over();
    heads.give(this.#head);
    if (this.#filling !== undefined) blocks.give(this.#filling.block);
    this.#filling = undefined;
    this.#disk = undefined;
  }
}

function filling(): Filling {
  const block = blocks.take();
  return { block, bytes: new Uint8Array(block), used: 0 };
}

function nothing(): void {}

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
