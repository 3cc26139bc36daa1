import { AsyncLocalStorage } from 'node:async_hooks';
import type { RequestHandler, Response } from 'express';
import type { StoredFile } from '../domain/ports.ts';

/** Most that answers hold in memory at once, together; more wait for those before them. */
const MAX_HELD_BYTES = 768 * 2 ** 20;
/** No answer is taken for more: a frame is not larger, nor are the attributes of an instance (`services/dicom`). */
const MAX_ANSWER_BYTES = 256 * 2 ** 20;
/**
 * What an answer holds for each byte of its files: of frames and values those read ahead, of metadata the objects that are
 * made of a few bytes each, of four files at once.
 */
const HELD_PER_BYTE = { bytes: 4, metadata: 64 } as const;
/** Deflate makes at most so much of a byte. */
const MAX_INFLATION = 1032;
const DEFLATED = '1.2.840.10008.1.2.1.99';

interface Waiting {
  readonly bytes: number;
  readonly go: () => void;
}

/**
 * Bounds the memory of answers that are made of stored files: clients that ask for large ones, or for many, and read
 * none of them must not fill it. An answer is admitted by what its files may become, once, and counts until it is sent
 * or its client is gone. Files that are sent as they are read hold nothing and are not counted.
 */
export class HeldAnswers {
  readonly #limit: number;
  readonly #current = new AsyncLocalStorage<Response>();
  readonly #admitted = new WeakSet<Response>();
  readonly #waiting: Waiting[] = [];
  #held = 0;

  constructor(limit = MAX_HELD_BYTES) {
    this.#limit = limit;
  }

  /** Tells whose answer is made. */
  readonly follow: RequestHandler = (_req, res, next) => this.#current.run(res, next);

  /** `read`, when there is room for an answer of this kind; the first file of an answer speaks for the others. */
  bounding<More extends readonly unknown[], T>(
    kind: keyof typeof HELD_PER_BYTE,
    read: (file: StoredFile, ...more: More) => Promise<T>,
  ): (file: StoredFile, ...more: More) => Promise<T> {
    return async (file, ...more) => {
      const res = this.#current.getStore();
      if (res !== undefined && !res.closed && !this.#admitted.has(res)) {
        this.#admitted.add(res);
        await this.#room(Math.min(this.#limit, heldBytes(file, HELD_PER_BYTE[kind])), res);
      }
      return read(file, ...more);
    };
  }

  #room(bytes: number, res: Response): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        this.#held += bytes;
        res.once('close', () => this.#free(bytes));
        resolve();
      };
      const waiting: Waiting = { bytes, go };
      this.#waiting.push(waiting);
      res.once('close', () => this.#forget(waiting));
      this.#admitNext();
    });
  }

  /** In order: a large one is not overtaken for ever. */
  #admitNext(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#held > 0 && this.#held + next.bytes > this.#limit) return;
      this.#waiting.shift();
      next.go();
    }
  }

  #free(bytes: number): void {
    this.#held -= bytes;
    this.#admitNext();
  }

  /** Of one whose client left while it waited. */
  #forget(waiting: Waiting): void {
    const at = this.#waiting.indexOf(waiting);
    if (at < 0) return;
    this.#waiting.splice(at, 1);
    this.#admitNext();
  }
}

/** What an answer from this file may hold. Number of Frames is not asked: frames need not be alike. */
function heldBytes({ bytes, TransferSyntaxUID }: StoredFile, perByte: number): number {
  const inflated = TransferSyntaxUID === DEFLATED ? bytes * MAX_INFLATION : bytes;
  return Math.min(MAX_ANSWER_BYTES, perByte * inflated);
}
