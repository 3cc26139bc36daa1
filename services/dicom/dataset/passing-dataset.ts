import { type ElementHeader, ITEM, ITEM_DELIMITER, SEQUENCE_DELIMITER, tagName, UNDEFINED_LENGTH } from './element.ts';
import { headerAt, settledEncoding, tagAt } from './element-header.ts';
import { MAX_DEPTH, MAX_FOLLOWED_HEADERS } from './limits.ts';
import { PassingDeflated } from './passing-deflated.ts';
import { TAG } from './tags.ts';
import { type Encoding, encodingOf, IMPLICIT_LITTLE, isDeflated } from './transfer-syntax.ts';

/** What a delimiter ends; the outermost data set, which has none, is the first of the stack. */
interface Frame {
  readonly kind: 'dataset' | 'sequence' | 'fragments';
  encoding: Encoding;
  isEmpty: boolean;
}

const SHORTEST_HEADER = 8;
const LONGEST_HEADER = 12;

/** A follower of a data set that is sent under `transferSyntaxUID`. */
export function followDataset(transferSyntaxUID: string): PassingDataset | PassingDeflated {
  const inside = new PassingDataset(encodingOf(transferSyntaxUID));
  return isDeflated(transferSyntaxUID) ? new PassingDeflated(inside) : inside;
}

/**
 * Follows a data set while it passes, from header to header of its elements (PS3.5 §7), to say at its end whether it was
 * all there: only its sender knows that it was cut short, and an association that ends in order hides it.
 *
 * Holds a header and the stack of open sequences, whatever the length. Where it loses the thread it says nothing: what is
 * wrong with a data set otherwise is for those who read it. So it is for what stands behind Pixel Data, where writers
 * leave all kinds of padding.
 */
class PassingDataset {
  readonly #stack: Frame[];
  /** The first bytes of a header whose rest has not come. */
  readonly #begun = new Uint8Array(LONGEST_HEADER);
  #begunBytes = 0;
  #headerBytes = SHORTEST_HEADER;
  #headers = 0;
  /** Of the value that is passing. */
  #missing = 0;
  /** The element of the outermost data set that is passing. */
  #tag = 0;
  #isOver = false;

  constructor(encoding: Encoding) {
    this.#stack = [{ kind: 'dataset', encoding, isEmpty: true }];
  }

  add(bytes: Uint8Array): undefined {
    if (this.#isOver) return;
    // Most of what passes is the middle of a value.
    if (this.#missing > bytes.length) {
      this.#missing -= bytes.length;
      return;
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < bytes.length && !this.#isOver; ) {
      if (this.#missing === 0) at = this.#header(bytes, view, at);
      else {
        const passed = Math.min(this.#missing, bytes.length - at);
        this.#missing -= passed;
        at += passed;
        if (this.#missing === 0) this.#valueEnded();
      }
    }
  }

  close(): void {
    this.#isOver = true;
  }

  /** What the data set lacks, in words without a value, when nothing more comes; `undefined` when that cannot be told. */
  lacks(): string | undefined {
    if (this.#isOver) return undefined;
    if (this.#missing > 0) return `${tagName(this.#tag)} lacks ${this.#missing} bytes`;
    if (this.#stack.length > 1) return `${tagName(this.#tag)} has no end`;
    const isPadding = this.#begun.subarray(0, this.#begunBytes).every((byte) => byte === 0);
    return isPadding ? undefined : 'the header of an element is not whole';
  }

  /** Reads the header at `at` when it is there, or keeps what is; answers what was used. */
  #header(bytes: Uint8Array, view: DataView, at: number): number {
    if (this.#begunBytes === 0 && bytes.length - at >= LONGEST_HEADER) return at + this.#take(view, at);
    const more = bytes.subarray(at, at + this.#headerBytes - this.#begunBytes);
    this.#begun.set(more, this.#begunBytes);
    this.#begunBytes += more.length;
    if (this.#begunBytes < this.#headerBytes) return at + more.length;
    if (this.#take(new DataView(this.#begun.buffer, 0, this.#begunBytes), 0) > 0) {
      this.#begunBytes = 0;
      this.#headerBytes = SHORTEST_HEADER;
    } else {
      this.#headerBytes = LONGEST_HEADER;
    }
    return at + more.length;
  }

  /** Takes the header at `at`; answers its length, 0 when it is longer than `view`. */
  #take(view: DataView, at: number): number {
    const frame = this.#stack.at(-1);
    if (frame === undefined || ++this.#headers > MAX_FOLLOWED_HEADERS) return this.#lost();
    if (frame.kind !== 'dataset') return this.#item(view, at, frame);
    if (frame.isEmpty) frame.encoding = settledEncoding(view, at, Number.POSITIVE_INFINITY, frame.encoding);
    const header = headerAt(view, at, view.byteLength, frame.encoding);
    if ('needs' in header) return 0;
    // Tag zero belongs to no data set: zeros fill the last sector of a file.
    if ('noVr' in header || (header.tag === 0 && !frame.isEmpty)) return this.#lost();
    frame.isEmpty = false;
    if (header.tag >>> 16 === 0xfffe) return this.#delimiter(header.tag);
    this.#element(header, frame);
    return header.offset - at;
  }

  #delimiter(tag: number): number {
    if (tag !== ITEM_DELIMITER || this.#stack.length === 1) return this.#lost();
    this.#stack.pop();
    return SHORTEST_HEADER;
  }

  #element({ tag, vr, length }: ElementHeader, { encoding }: Frame): void {
    if (this.#stack.length === 1) this.#tag = tag;
    if (length !== undefined) this.#value(length);
    else if (vr === 'SQ') this.#open('sequence', encoding);
    else if (vr === 'UN') this.#open('sequence', IMPLICIT_LITTLE);
    else if (vr === 'OB' || vr === 'OW') this.#open('fragments', encoding);
    else this.#lost();
  }

  #item(view: DataView, at: number, { kind, encoding }: Frame): number {
    const { littleEndian } = encoding;
    const tag = tagAt(view, at, littleEndian);
    const length = view.getUint32(at + 4, littleEndian);
    if (tag === SEQUENCE_DELIMITER) {
      this.#stack.pop();
      this.#valueEnded();
    } else if (tag !== ITEM || (length === UNDEFINED_LENGTH && kind === 'fragments')) this.#lost();
    else if (length !== UNDEFINED_LENGTH) this.#value(length);
    else this.#open('dataset', encoding);
    return SHORTEST_HEADER;
  }

  #value(length: number): void {
    this.#missing = length;
    if (length === 0) this.#valueEnded();
  }

  #open(kind: Frame['kind'], encoding: Encoding): void {
    this.#stack.push({ kind, encoding, isEmpty: true });
    // A sequence and an item of it for each level.
    if (this.#stack.length > 2 * MAX_DEPTH + 1) this.#lost();
  }

  #valueEnded(): void {
    if (this.#stack.length === 1 && this.#tag >= TAG.FloatPixelData) this.#isOver = true;
  }

  #lost(): number {
    this.#isOver = true;
    return SHORTEST_HEADER;
  }
}
