import { createInflateRaw } from 'node:zlib';
import { FREE_INFLATED_BYTES, MAX_INFLATE_RATIO, MAX_INFLATED_BYTES } from './limits.ts';

/** What follows the bytes that come out. */
interface Inside {
  add(bytes: Uint8Array): undefined;
  lacks(): string | undefined;
}

const CHUNK_BYTES = 64 * 1024;

/**
 * Follows a deflated data set while it passes (PS3.5 §A.5): inflates it as a stream, in a thread of the pool, and hands on
 * what comes out without keeping it. Its stream must come to its end; what writers put behind it is not looked at.
 *
 * A sender is not given more work than its bytes are worth: what grows beyond {@link MAX_INFLATE_RATIO} times them, above
 * those that are free, is followed no further, and not judged. Real objects do that too: empty segmentations.
 */
export class PassingDeflated {
  readonly #inside: Inside;
  readonly #inflater = createInflateRaw({ chunkSize: CHUNK_BYTES });
  readonly #closed: Promise<void>;
  #waiting: (() => void)[] = [];
  #received = 0;
  #inflated = 0;
  #end: 'not yet' | 'reached' | 'missing' | 'damaged' | 'given up' = 'not yet';

  constructor(inside: Inside) {
    this.#inside = inside;
    this.#closed = new Promise((resolve) => this.#inflater.once('close', resolve));
    this.#inflater.on('data', (chunk: Buffer) => this.#passed(chunk));
    this.#inflater.on('drain', () => this.#goOn());
    this.#inflater.on('end', () => this.#over('reached'));
    this.#inflater.on('error', (error) => {
      this.#over('code' in error && error.code === 'Z_BUF_ERROR' ? 'missing' : 'damaged');
    });
  }

  /** How much has come out. */
  get inflatedBytes(): number {
    return this.#inflated;
  }

  /** Resolves when more may come. */
  add(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#end !== 'not yet') return undefined;
    this.#received += bytes.length;
    // A copy: it is inflated later, and what arrived is a view of a buffer that is used again.
    if (this.#inflater.write(bytes.slice())) return undefined;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async lacks(): Promise<string | undefined> {
    if (this.#end === 'not yet') {
      this.#inflater.end();
      await this.#closed;
    }
    if (this.#end === 'missing') return 'the deflated data set has no end';
    if (this.#end === 'damaged') return 'the deflated data set is damaged, what follows is lost';
    return this.#end === 'reached' ? this.#inside.lacks() : undefined;
  }

  /** Nothing more will come, and nobody asks. */
  close(): void {
    this.#over('given up');
  }

  #passed(chunk: Buffer): void {
    if (this.#end !== 'not yet') return;
    this.#inflated += chunk.length;
    const allowed = Math.max(FREE_INFLATED_BYTES, this.#received * MAX_INFLATE_RATIO);
    if (this.#inflated > Math.min(allowed, MAX_INFLATED_BYTES)) this.#over('given up');
    else this.#inside.add(chunk);
  }

  #over(how: 'reached' | 'missing' | 'damaged' | 'given up'): void {
    if (this.#end === 'not yet') this.#end = how;
    this.#inflater.destroy();
    this.#goOn();
  }

  #goOn(): void {
    for (const goOn of this.#waiting.splice(0)) goOn();
  }
}
