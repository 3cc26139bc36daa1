import type { Element } from './element.ts';
import { MAX_LONG_TEXT_BYTES, MAX_NUMBERS, MAX_SHORT_TEXT_BYTES } from './limits.ts';

/** VRs whose text is in the declared character set (PS3.5 §6.1.2.3); all other text is ASCII. */
const CHARACTER_SET_VRS = new Set(['LO', 'LT', 'PN', 'SH', 'ST', 'UC', 'UT']);
/** One value, whatever it holds: backslash is a letter there (PS3.5 Table 6.2-1). */
const SINGLE_TEXT_VRS = new Set(['LT', 'ST', 'UR', 'UT']);
const LONG_TEXT_VRS = new Set(['LT', 'ST', 'UC', 'UR', 'UT']);
const TEXT_VRS = new Set([...CHARACTER_SET_VRS, ...'AE AS CS DA DS DT IS TM UI UR'.split(' ')]);

/** No part of it may match what another could: a run of digits that is no number must be found out in one pass. */
const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

/** Reads one number at `at`. */
type NumberReader = (view: DataView, at: number, littleEndian: boolean) => number;

// biome-ignore format: a table
const BINARY: Readonly<Record<string, { readonly size: number; readonly read: NumberReader }>> = {
  US: { size: 2, read: (view, at, little) => view.getUint16(at, little) },
  SS: { size: 2, read: (view, at, little) => view.getInt16(at, little) },
  UL: { size: 4, read: (view, at, little) => view.getUint32(at, little) },
  SL: { size: 4, read: (view, at, little) => view.getInt32(at, little) },
  FL: { size: 4, read: (view, at, little) => view.getFloat32(at, little) },
  FD: { size: 8, read: (view, at, little) => view.getFloat64(at, little) },
  UV: { size: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) },
  SV: { size: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  OV: { size: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) },
  AT: { size: 4, read: (view, at, little) => view.getUint16(at, little) * 0x10000 + view.getUint16(at + 2, little) },
};

export function isText(vr: string): boolean {
  return TEXT_VRS.has(vr);
}

export function usesCharacterSet(vr: string): boolean {
  return CHARACTER_SET_VRS.has(vr);
}

/** Bytes of a text value that are decoded at most. */
export function maxTextBytes(vr: string): number {
  return LONG_TEXT_VRS.has(vr) ? MAX_LONG_TEXT_BYTES : MAX_SHORT_TEXT_BYTES;
}

/** The values of decoded text, without the padding that is not significant (PS3.5 §6.2). */
export function splitText(vr: string, text: string): readonly string[] {
  if (SINGLE_TEXT_VRS.has(vr)) {
    const value = trimmed(vr, text);
    return value === '' ? [] : [value];
  }
  const values = text.split('\\').map((value) => trimmed(vr, value));
  return values.length === 1 && values[0] === '' ? [] : values;
}

/**
 * Numbers of a binary or decimal text value; `undefined` where it is neither, where one of them is not a number, and where
 * there are more than {@link MAX_NUMBERS}.
 */
export function numbersOf(vr: string, element: Element, text: () => readonly string[]): readonly number[] | undefined {
  const binary = BINARY[vr];
  if (!binary) return vr === 'DS' || vr === 'IS' ? decimals(text()) : undefined;
  const { value, littleEndian } = element;
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const count = Math.floor(value.length / binary.size);
  if (count > MAX_NUMBERS) return undefined;
  return Array.from({ length: count }, (_, index) => binary.read(view, index * binary.size, littleEndian));
}

/** The first number of a binary value, without reading the others; `undefined` for other VRs. */
export function firstBinary(vr: string, { value, littleEndian }: Element): number | undefined {
  const binary = BINARY[vr];
  if (!binary || value.length < binary.size) return undefined;
  return binary.read(new DataView(value.buffer, value.byteOffset, binary.size), 0, littleEndian);
}

/** IS with a fraction is taken too: devices write `1.0`. */
function decimals(values: readonly string[]): readonly number[] | undefined {
  if (!values.every((value) => DECIMAL.test(value))) return undefined;
  const numbers = values.map(Number);
  return numbers.every(Number.isFinite) ? numbers : undefined;
}

/**
 * Spaces and NULs around a value are padding; before a long text they belong to it. Walks by hand, for `/ +$/` is
 * quadratic on hostile megabytes of spaces.
 */
function trimmed(vr: string, value: string): string {
  const isPadding = (at: number) => value[at] === ' ' || value[at] === '\0';
  let end = value.length;
  while (end > 0 && isPadding(end - 1)) end--;
  let start = 0;
  while (vr !== 'UC' && !SINGLE_TEXT_VRS.has(vr) && start < end && isPadding(start)) start++;
  return value.slice(start, end);
}
