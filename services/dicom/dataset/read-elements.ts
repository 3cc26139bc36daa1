import { AppError } from '../../domain/errors.ts';
import { registeredVr } from './dictionary.ts';
import {
  type Element,
  type ElementHeader,
  type Elements,
  ITEM,
  ITEM_DELIMITER,
  SEQUENCE_DELIMITER,
  tagName,
  UNDEFINED_LENGTH,
} from './element.ts';
import { headerAt, settledEncoding, tagAt } from './element-header.ts';
import { MAX_DEPTH, MAX_ELEMENTS, MAX_ITEMS } from './limits.ts';
import { type Encoding, IMPLICIT_LITTLE } from './transfer-syntax.ts';

export interface ReadElements {
  readonly elements: Elements;
  /** The first element at or after `stopBefore`; `undefined` too when it has no readable header. */
  readonly stoppedAt: ElementHeader | undefined;
  /** The bytes ended before the data set did: a head was read. */
  readonly cut: boolean;
  /** Where reading ended; with `stoppedAt` that is where its header begins. */
  readonly end: number;
  /** How the outermost elements are laid out, whatever was announced. */
  readonly encoding: Encoding;
  /** What was tolerated, in words for the log: never a value. */
  readonly tolerated: readonly string[];
}

/** Remark on a data set that cannot be written anew as it was: only the first of the two was read. */
export const ELEMENT_TWICE = 'element twice in a data set';

export interface ReadElementsOptions {
  /** Stops at the first element of the outermost data set whose tag is this or higher. */
  readonly stopBefore?: number | undefined;
  /** Bytes of the whole data set where `bytes` is only its head; `Infinity` when it is not known. */
  readonly totalBytes?: number;
}

const NO_BYTES = new Uint8Array(0);

/** An open data set: the outermost one, or an item. */
interface DatasetFrame {
  readonly kind: 'dataset';
  encoding: Encoding;
  readonly end: number;
  readonly delimited: boolean;
  readonly elements: Map<number, Element>;
  last: number;
}

interface SequenceFrame {
  readonly kind: 'sequence';
  readonly encoding: Encoding;
  readonly end: number;
  readonly delimited: boolean;
  readonly items: Elements[];
}

type Step = 'more' | 'cut' | 'stop';

/**
 * Reads the elements of a data set (PS3.5 §7): no recursion, no length believed before it was held against what remains,
 * at most {@link MAX_DEPTH} sequences deep, {@link MAX_ELEMENTS} elements and {@link MAX_ITEMS} items.
 *
 * @throws {AppError} DATASET_UNREADABLE when the bytes are not a data set; the message says what was wrong and where.
 */
export function readElements(bytes: Uint8Array, encoding: Encoding, options: ReadElementsOptions = {}): ReadElements {
  return new ElementReader(bytes, encoding, options).read();
}

class ElementReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #stopBefore: number;
  readonly #root: DatasetFrame;
  readonly #stack: (DatasetFrame | SequenceFrame)[];
  readonly #tolerated = new Set<string>();
  #stoppedAt: ElementHeader | undefined;
  #at = 0;
  #depth = 0;
  #elementCount = 0;
  #itemCount = 0;

  constructor(bytes: Uint8Array, encoding: Encoding, options: ReadElementsOptions) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#stopBefore = options.stopBefore ?? Number.POSITIVE_INFINITY;
    const end = options.totalBytes ?? bytes.length;
    this.#root = { kind: 'dataset', encoding, end, delimited: false, elements: new Map(), last: -1 };
    this.#stack = [this.#root];
  }

  read(): ReadElements {
    let step: Step = 'more';
    for (let frame = this.#stack.at(-1); frame && step === 'more'; frame = this.#stack.at(-1)) {
      if (this.#at >= frame.end) this.#close(frame);
      else step = frame.kind === 'dataset' ? this.#element(frame) : this.#item(frame);
    }
    return {
      elements: this.#root.elements,
      stoppedAt: this.#stoppedAt,
      cut: step === 'cut',
      end: this.#at,
      encoding: this.#root.encoding,
      tolerated: [...this.#tolerated],
    };
  }

  #close(frame: DatasetFrame | SequenceFrame): void {
    if (frame.delimited) throw this.#unreadable('ends without its delimiter');
    this.#pop(frame);
  }

  #pop(frame: DatasetFrame | SequenceFrame): void {
    if (frame.kind === 'sequence') this.#depth--;
    this.#stack.pop();
  }

  #element(frame: DatasetFrame): Step {
    if (frame === this.#root && this.#isAtStop(frame)) return this.#stop(frame);
    if (frame === this.#root && this.#isAtZeroTag(frame)) return this.#padding();
    if (frame.elements.size === 0) this.#settle(frame);
    const header = headerAt(this.#view, this.#at, Math.min(frame.end, this.#bytes.length), frame.encoding);
    if ('needs' in header) return this.#short(frame, header.needs);
    if ('noVr' in header) throw this.#unreadable(`${tagName(header.noVr)} has no value representation`);
    if (header.tag >>> 16 === 0xfffe) return this.#delimiter(frame, header.tag);
    if (++this.#elementCount > MAX_ELEMENTS) throw this.#unreadable(`more than ${MAX_ELEMENTS} elements`);
    this.#at = header.offset;
    return header.length === undefined
      ? this.#undefinedLength(frame, header)
      : this.#definedLength(frame, header, header.length);
  }

  #isAtStop({ encoding, end }: DatasetFrame): boolean {
    const limit = Math.min(end, this.#bytes.length);
    return this.#at + 4 <= limit && tagAt(this.#view, this.#at, encoding.littleEndian) >= this.#stopBefore;
  }

  /** What follows the stop need not be a data set (a deflated one behind group 0002): no header is no error here. */
  #stop(frame: DatasetFrame): Step {
    const header = headerAt(this.#view, this.#at, Math.min(frame.end, this.#bytes.length), frame.encoding);
    if ('needs' in header) return this.#short(frame, header.needs);
    this.#stoppedAt = 'tag' in header ? header : undefined;
    return 'stop';
  }

  #settle(frame: DatasetFrame): void {
    const settled = settledEncoding(this.#view, this.#at, frame.end, frame.encoding);
    if (settled === frame.encoding) return;
    frame.encoding = settled;
    this.#tolerated.add(`${settled.explicit ? 'explicit' : 'implicit'} VR where the other was announced`);
  }

  /** Tag zero is the first of a command set, and of no data set. */
  #isAtZeroTag({ elements, end }: DatasetFrame): boolean {
    if (elements.size === 0 || this.#at + 4 > Math.min(end, this.#bytes.length)) return false;
    return this.#view.getUint32(this.#at) === 0;
  }

  /** Zeros behind the last element: some writers fill the last sector. */
  #padding(): Step {
    if (this.#bytes.subarray(this.#at).some((byte) => byte !== 0)) throw this.#unreadable('(0000,0000) in a data set');
    this.#tolerated.add('zeros behind the last element');
    return 'stop';
  }

  #delimiter(frame: DatasetFrame, tag: number): Step {
    if (tag !== ITEM_DELIMITER || !frame.delimited) throw this.#unreadable(`${tagName(tag)} where an element belongs`);
    this.#at += 8;
    this.#pop(frame);
    return 'more';
  }

  #definedLength(frame: DatasetFrame, header: ElementHeader, length: number): Step {
    const { tag, offset } = header;
    this.#bound(tag, length, frame.end);
    const isUnknown = header.vr === 'UN';
    // PS3.5 §6.2.2 Note: what was once sent as UN is little endian, and its items are implicit.
    const encoding = isUnknown ? IMPLICIT_LITTLE : frame.encoding;
    const vr = isUnknown ? (registeredVr(tag) ?? 'UN') : header.vr;
    const isSequence = vr === 'SQ' && !(isUnknown && this.#holdsNoItem(length));
    if (isSequence) return this.#open(frame, header, encoding, offset + length);
    if (offset + length > this.#bytes.length) return 'cut';
    if (length & 1) this.#tolerated.add('value of odd length');
    this.#at += length;
    const value = this.#bytes.subarray(offset, this.#at);
    return this.#keep(frame, header, vr === 'SQ' ? 'UN' : vr, encoding, value);
  }

  #holdsNoItem(length: number): boolean {
    return length < 8 || this.#at + 8 > this.#bytes.length || tagAt(this.#view, this.#at, true) !== ITEM;
  }

  #undefinedLength(frame: DatasetFrame, header: ElementHeader): Step {
    const { tag, vr, offset } = header;
    if (vr === 'SQ') return this.#open(frame, header, frame.encoding, undefined);
    if (vr === 'UN') return this.#open(frame, header, IMPLICIT_LITTLE, undefined);
    if (vr !== 'OB' && vr !== 'OW') throw this.#unreadable(`${tagName(tag)} ${vr} has no length`);
    const end = this.#fragmentsEnd(frame);
    if (end === undefined) return 'cut';
    const value = this.#bytes.subarray(offset, end);
    return this.#keep(frame, header, vr, frame.encoding, value);
  }

  /** Steps over the fragments of an encapsulated value (PS3.5 §A.4); answers where its delimiter begins. */
  #fragmentsEnd(frame: DatasetFrame): number | undefined {
    for (;;) {
      const start = this.#at;
      const item = this.#itemHeader(frame.encoding, frame.end);
      if (!item) return undefined;
      if (item.tag === SEQUENCE_DELIMITER) return start;
      if (item.tag !== ITEM) throw this.#unreadable(`${tagName(item.tag)} where a fragment belongs`);
      this.#bound(item.tag, item.length, frame.end);
      this.#at += item.length;
    }
  }

  /** Opens the sequence in `header`; `end` is `undefined` when a delimiter ends it. */
  #open(frame: DatasetFrame, header: ElementHeader, encoding: Encoding, end: number | undefined): Step {
    if (++this.#depth > MAX_DEPTH) throw this.#unreadable(`sequences nested deeper than ${MAX_DEPTH}`);
    const items: Elements[] = [];
    this.#stack.push({ kind: 'sequence', encoding, end: end ?? frame.end, delimited: end === undefined, items });
    return this.#keep(frame, header, 'SQ', encoding, NO_BYTES, items);
  }

  #item(frame: SequenceFrame): Step {
    const item = this.#itemHeader(frame.encoding, frame.end);
    if (!item) return 'cut';
    const { tag, length } = item;
    if (tag === SEQUENCE_DELIMITER && frame.delimited) {
      this.#pop(frame);
      return 'more';
    }
    if (tag !== ITEM) throw this.#unreadable(`${tagName(tag)} where an item belongs`);
    if (++this.#itemCount > MAX_ITEMS) throw this.#unreadable(`more than ${MAX_ITEMS} items`);
    const delimited = length === UNDEFINED_LENGTH;
    if (!delimited) this.#bound(tag, length, frame.end);
    const elements = new Map<number, Element>();
    frame.items.push(elements);
    const end = delimited ? frame.end : this.#at + length;
    this.#stack.push({ kind: 'dataset', encoding: frame.encoding, end, delimited, elements, last: -1 });
    return 'more';
  }

  /** Steps over the header of an item or delimiter; `undefined` when the head ends here. */
  #itemHeader({ littleEndian }: Encoding, end: number): { tag: number; length: number } | undefined {
    const at = this.#at;
    if (at + 8 > Math.min(end, this.#bytes.length)) return void this.#short({ end }, 8);
    this.#at += 8;
    return { tag: tagAt(this.#view, at, littleEndian), length: this.#view.getUint32(at + 4, littleEndian) };
  }

  #keep(
    frame: DatasetFrame,
    { tag, start, offset }: ElementHeader,
    vr: string,
    { littleEndian }: Encoding,
    value: Uint8Array,
    items?: readonly Elements[],
  ): Step {
    if (tag <= frame.last) this.#tolerated.add('elements out of order');
    frame.last = tag;
    // The first of two wins, so that the index and the analysis see the same one.
    if (frame.elements.has(tag)) this.#tolerated.add(ELEMENT_TWICE);
    else frame.elements.set(tag, { tag, vr, littleEndian, start, offset, value, items });
    return 'more';
  }

  /** Too few bytes for a header: the head ends here, or the data set lies. */
  #short({ end }: { readonly end: number }, count: number): Step {
    if (this.#at + count <= end) return 'cut';
    throw this.#unreadable(`a header needs ${count} bytes, ${end - this.#at} remain`);
  }

  #bound(tag: number, length: number, end: number): void {
    if (length <= end - this.#at) return;
    throw this.#unreadable(`${tagName(tag)} claims ${length} bytes, ${end - this.#at} remain`);
  }

  #unreadable(what: string): AppError {
    return new AppError('DATASET_UNREADABLE', `${what} at offset ${this.#at}`, { offset: this.#at });
  }
}
