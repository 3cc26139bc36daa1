import { Uid } from '../../domain/uid.ts';
import { registeredKeyword } from './dictionary.ts';
import { concatBytes, elementBytes, implicitElementBytes, itemHeader, textBytes } from './element-bytes.ts';

/**
 * A data set of our own as a plain object: PS3.6 keywords as keys. A text or number stands for one value, an array for
 * several, `''` or `[]` for an attribute that is present and empty (type 2). `undefined` leaves the attribute out.
 */
export interface PlainDataset {
  readonly [keyword: string]: PlainValue | undefined;
}

type PlainValue = string | number | readonly string[] | readonly number[] | readonly PlainDataset[] | Uint8Array;

/** VRs written from bytes. */
const BYTE_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'UN']);
/** One value, whatever it holds: backslash is a letter there. */
const SINGLE_TEXT_VRS = new Set(['LT', 'ST', 'UR', 'UT']);

interface BinaryVr {
  readonly size: number;
  readonly write: (view: DataView, at: number, value: number) => void;
  readonly fits: (value: number) => boolean;
}

const whole = (low: number, high: number) => (value: number) =>
  Number.isInteger(value) && value >= low && value <= high;

// biome-ignore format: a table
const BINARY: Readonly<Record<string, BinaryVr>> = {
  US: { size: 2, fits: whole(0, 0xffff),              write: (view, at, value) => view.setUint16(at, value, true) },
  SS: { size: 2, fits: whole(-0x8000, 0x7fff),        write: (view, at, value) => view.setInt16(at, value, true) },
  UL: { size: 4, fits: whole(0, 0xffffffff),          write: (view, at, value) => view.setUint32(at, value, true) },
  SL: { size: 4, fits: whole(-(2 ** 31), 2 ** 31 - 1), write: (view, at, value) => view.setInt32(at, value, true) },
  FL: { size: 4, fits: (value) => Number.isFinite(Math.fround(value)), write: (view, at, value) => view.setFloat32(at, value, true) },
  FD: { size: 8, fits: Number.isFinite,               write: (view, at, value) => view.setFloat64(at, value, true) },
  AT: { size: 4, fits: whole(0, 0xffffffff),          write: (view, at, value) => {
    view.setUint16(at, value >>> 16, true);
    view.setUint16(at + 2, value & 0xffff, true);
  } },
};

/** Lays out one element; `value` has even length. */
type ElementWriter = (tag: number, vr: string, value: Uint8Array) => Uint8Array;

const IMPLICIT: ElementWriter = (tag, _vr, value) => implicitElementBytes(tag, value);

/**
 * Writes a data set of ours: Explicit VR Little Endian, tags in order, sequences and items with their lengths, text in
 * UTF-8 (the caller declares `SpecificCharacterSet: 'ISO_IR 192'`). The same object gives the same bytes.
 *
 * Text is not held against the length limits of its VR: a report repeats what the study says of its patient, letter by
 * letter. Anything that would change the meaning is a bug of ours and throws.
 *
 * @throws {TypeError} naming the keyword: unknown, of the wrong type, out of range, no UID, or a backslash in a value.
 */
export function writeDataset(dataset: PlainDataset): Uint8Array {
  return written(dataset, elementBytes);
}

/** The same as Implicit VR Little Endian: what a message carries where no other transfer syntax was agreed on. */
export function writeImplicitDataset(dataset: PlainDataset): Uint8Array {
  return written(dataset, IMPLICIT);
}

function written(dataset: PlainDataset, writer: ElementWriter): Uint8Array {
  const elements = Object.entries(dataset).flatMap(([keyword, value]) => {
    if (value === undefined) return [];
    const entry = registeredKeyword(keyword);
    if (!entry) throw new TypeError(`${keyword} is not in the dictionary`);
    const bytes = writer(entry.tag, entry.vr, valueBytes(keyword, entry.vr, value, writer));
    return [{ tag: entry.tag, bytes }];
  });
  elements.sort((a, b) => a.tag - b.tag);
  return concatBytes(elements.map(({ bytes }) => bytes));
}

function valueBytes(keyword: string, vr: string, value: PlainValue, writer: ElementWriter): Uint8Array {
  if (vr === 'XS') throw new TypeError(`${keyword} is "US or SS" and is not written`);
  if (vr === 'SQ') return sequenceBytes(keyword, value, writer);
  if (BYTE_VRS.has(vr)) {
    if (!(value instanceof Uint8Array)) throw new TypeError(`${keyword} takes bytes`);
    return value.length & 1 ? concatBytes([value, new Uint8Array(1)]) : value;
  }
  const values = listOf(keyword, value);
  const binary = BINARY[vr];
  return binary ? binaryBytes(keyword, binary, values) : textValueBytes(keyword, vr, values);
}

function sequenceBytes(keyword: string, value: PlainValue, writer: ElementWriter): Uint8Array {
  if (!Array.isArray(value) || value.some((item) => typeof item !== 'object')) {
    throw new TypeError(`${keyword} takes a list of data sets`);
  }
  const items: readonly PlainDataset[] = value;
  return concatBytes(items.map((item) => written(item, writer)).flatMap((item) => [itemHeader(item.length), item]));
}

function listOf(keyword: string, value: PlainValue): readonly (string | number)[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : value === '' ? [] : [value];
  return values.map((each) => {
    if (typeof each === 'string' || typeof each === 'number') return each;
    throw new TypeError(`${keyword} takes text or numbers`);
  });
}

function binaryBytes(keyword: string, vr: BinaryVr, values: readonly (string | number)[]): Uint8Array {
  const bytes = new Uint8Array(vr.size * values.length);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) {
    if (typeof value !== 'number' || !vr.fits(value)) throw new TypeError(`${keyword} has a value out of range`);
    vr.write(view, index * vr.size, value);
  }
  return bytes;
}

function textValueBytes(keyword: string, vr: string, values: readonly (string | number)[]): Uint8Array {
  if (values.length > 1 && SINGLE_TEXT_VRS.has(vr)) throw new TypeError(`${keyword} takes one value`);
  const texts = values.map((value) => {
    const text = typeof value === 'number' ? numberText(keyword, vr, value) : value;
    if (vr === 'UI' && !Uid.safeParse(text).success) throw new TypeError(`${keyword} is not a UID`);
    if (text.includes('\\') && !SINGLE_TEXT_VRS.has(vr)) throw new TypeError(`${keyword} has a backslash in a value`);
    return text;
  });
  return textBytes(vr, texts.join('\\'));
}

/** DS has room for 16 characters (PS3.5 Table 6.2-1): the most digits that fit. */
function numberText(keyword: string, vr: string, value: number): string {
  if (vr === 'IS' && whole(-(2 ** 31), 2 ** 31 - 1)(value)) return String(value);
  if (vr !== 'DS' || !Number.isFinite(value)) throw new TypeError(`${keyword} has a number that VR ${vr} cannot hold`);
  const shorter = Array.from({ length: 16 }, (_, cut) => (cut === 0 ? String(value) : value.toPrecision(17 - cut)));
  const text = shorter.find((candidate) => candidate.length <= 16);
  if (text === undefined) throw new TypeError(`${keyword} has a number that does not fit DS`);
  return text;
}
