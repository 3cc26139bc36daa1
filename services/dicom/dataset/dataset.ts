import { AppError } from '../../domain/errors.ts';
import type { Attributes } from './attributes.ts';
import { type CharacterSet, characterSet } from './character-set.ts';
import type { Element, Elements } from './element.ts';
import { firstBinary, isText, maxTextBytes, numbersOf, splitText, usesCharacterSet } from './element-values.ts';
import { inflate, inflateHead } from './inflate.ts';
import { MAX_CHARACTER_SET_BYTES } from './limits.ts';
import { readElements } from './read-elements.ts';
import { TAG } from './tags.ts';
import { encodingOf, isDeflated } from './transfer-syntax.ts';

type Remark = (what: string) => void;

/** What items take over from the data set around them. */
interface Surroundings {
  readonly text: CharacterSet;
  /** Pixel Representation: what "US or SS" means. */
  readonly signedPixels: boolean;
  readonly remark: Remark;
}

/**
 * A data set as it was received: attributes by tag, text as Unicode, numbers as numbers.
 *
 * An absent attribute, an empty one, one that is not what was asked for (a decimal string that is no number) and a text
 * beyond the bounds of `limits.ts` all answer with nothing: `''`, `undefined` or `[]`. Nothing is repaired.
 */
export class Dataset implements Attributes {
  readonly #elements: Elements;
  readonly #surroundings: Surroundings;

  constructor(elements: Elements, surroundings: Surroundings) {
    this.#elements = elements;
    const { remark } = surroundings;
    const declared = elements.get(TAG.SpecificCharacterSet);
    const representation = elements.get(TAG.PixelRepresentation);
    this.#surroundings = {
      text: declared ? characterSet(declaredSets(declared, remark), remark) : surroundings.text,
      signedPixels: representation ? firstBinary('US', representation) === 1 : surroundings.signedPixels,
      remark,
    };
  }

  has(tag: number): boolean {
    return this.#elements.has(tag);
  }

  /** Is it there, and not empty? */
  hasValue(tag: number): boolean {
    const element = this.#elements.get(tag);
    return (element?.items ?? element?.value ?? []).length > 0;
  }

  /** Tags in ascending order. */
  tags(): readonly number[] {
    const tags = [...this.#elements.keys()];
    return tags.every((tag, at) => at === 0 || tag > (tags[at - 1] ?? 0)) ? tags : tags.sort((a, b) => a - b);
  }

  /** The VR, "US or SS" resolved; `''` when absent. */
  vr(tag: number): string {
    const vr = this.#elements.get(tag)?.vr ?? '';
    if (vr === 'XS') return this.#surroundings.signedPixels ? 'SS' : 'US';
    return vr;
  }

  /** False for a binary value of a big endian data set: `bytes` would need swapping. */
  isLittleEndian(tag: number): boolean {
    return this.#elements.get(tag)?.littleEndian ?? true;
  }

  /** The first value as text, trimmed; a person name keeps its three groups. */
  string(tag: number): string {
    return this.strings(tag)[0] ?? '';
  }

  /** All values as text; an empty one in the middle is `''`. */
  strings(tag: number): readonly string[] {
    const element = this.#elements.get(tag);
    return element && isText(element.vr) ? this.#texts(element) : [];
  }

  /** The first value as a number. */
  number(tag: number): number | undefined {
    const element = this.#elements.get(tag);
    return element && (firstBinary(this.vr(tag), element) ?? this.numbers(tag)[0]);
  }

  /** All values as numbers (DS IS US SS UL SL UV SV FL FD OV; AT as tags); `[]` if one of them is not a finite decimal. */
  numbers(tag: number): readonly number[] {
    const element = this.#elements.get(tag);
    return element ? this.#numbers(element, this.vr(tag)) : [];
  }

  /** The items of a sequence. */
  sequence(tag: number): readonly Dataset[] {
    const items = this.#elements.get(tag)?.items ?? [];
    return items.map((elements) => new Dataset(elements, this.#surroundings));
  }

  /** The value as it was sent, padding included: a view, not a copy. `undefined` when absent or a sequence. */
  bytes(tag: number): Uint8Array | undefined {
    const element = this.#elements.get(tag);
    return element?.items ? undefined : element?.value;
  }

  #texts(element: Element): readonly string[] {
    const { vr, value } = element;
    const { text, remark } = this.#surroundings;
    if (!usesCharacterSet(vr)) return asciiValues(element, remark);
    return isTooLong(element, remark) ? [] : splitText(vr, text.decode(value, vr, remark));
  }

  #numbers(element: Element, vr: string): readonly number[] {
    const { remark } = this.#surroundings;
    const numbers = numbersOf(vr, element, () => asciiValues(element, remark));
    if (numbers === undefined && (vr === 'DS' || vr === 'IS')) remark('value is not a number');
    return numbers ?? [];
  }
}

/** Of a value without end only its beginning: every item may have one. */
function declaredSets(element: Element, remark: Remark): readonly string[] {
  return asciiValues({ ...element, value: element.value.subarray(0, MAX_CHARACTER_SET_BYTES) }, remark);
}

function asciiValues(element: Element, remark: Remark): readonly string[] {
  const { vr, value } = element;
  if (isTooLong(element, remark)) return [];
  return splitText(vr, Buffer.from(value.buffer, value.byteOffset, value.length).toString('latin1'));
}

function isTooLong({ vr, value }: Element, remark: Remark): boolean {
  const limit = maxTextBytes(vr);
  if (value.length <= limit) return false;
  remark(`${vr} longer than ${limit} bytes is not read`);
  return true;
}

/** A data set with what was tolerated while reading it; text is read when it is asked for, so the list may grow. */
export interface OpenedDataset {
  readonly dataset: Dataset;
  readonly tolerated: ReadonlySet<string>;
}

/** Wraps the outermost elements of a file or message. */
export function openDataset(elements: Elements, tolerated: readonly string[]): OpenedDataset {
  const remarks = new Set(tolerated);
  const remark = (what: string) => void remarks.add(what);
  const surroundings = { text: characterSet([], remark), signedPixels: false, remark };
  return { dataset: new Dataset(elements, surroundings), tolerated: remarks };
}

/**
 * Reads a data set (without file meta information) as it was sent under `transferSyntaxUID`.
 * With `maxBytes` only a head is looked at, and an element that is cut by its end is left out.
 *
 * @throws {AppError} DATASET_UNREADABLE naming what was wrong and at which offset.
 */
export function readDataset(
  bytes: Uint8Array,
  transferSyntaxUID: string,
  options: { readonly stopBefore?: number; readonly maxBytes?: number } = {},
): Dataset {
  const deflated = isDeflated(transferSyntaxUID);
  const isHead = options.maxBytes !== undefined && options.maxBytes < bytes.length;
  const head = isHead ? bytes.subarray(0, options.maxBytes) : bytes;
  const inflateIt = isHead ? inflateHead : inflate;
  const plain = deflated ? inflateIt(head) : head;
  const totalBytes = deflated ? (isHead ? Number.POSITIVE_INFINITY : plain.length) : bytes.length;
  const { elements, tolerated } = readElements(plain, encodingOf(transferSyntaxUID), {
    stopBefore: options.stopBefore,
    totalBytes,
  });
  if (elements.size === 0) throw new AppError('DATASET_UNREADABLE', 'no element at offset 0', { offset: 0 });
  return openDataset(elements, tolerated).dataset;
}
