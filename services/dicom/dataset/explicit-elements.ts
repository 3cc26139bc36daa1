import { AppError } from '../../domain/errors.ts';
import { type Element, type Elements, ITEM, LONG_VRS, tagName } from './element.ts';
import { concatBytes, elementBytes, implicitElementBytes, itemHeader } from './element-bytes.ts';
import { TAG } from './tags.ts';

/** A value in place of the one that was received, or none at all. */
export interface Correction {
  readonly tag: number;
  readonly vr: string;
  readonly value: Uint8Array | undefined;
}

/** Bytes that change places between little and big endian (PS3.5 §7.3). Those of VRs not here have no order. */
// biome-ignore format: a table
const WIDTHS: Readonly<Record<string, number>> = {
  AT: 2, OW: 2, SS: 2, US: 2, XS: 2,
  FL: 4, OF: 4, OL: 4, SL: 4, UL: 4,
  FD: 8, OD: 8, OV: 8, SV: 8, UV: 8,
};

/**
 * Writes a received data set anew as Explicit VR Little Endian (PS3.5 §A.2): every value as it was sent, its VR by the
 * registry where it was not said and UN where nobody knows it, group lengths left out (they are retired, and would be
 * wrong). What would not come through whole is refused, never repaired.
 *
 * @throws {AppError} NOT_ACCEPTABLE naming the element.
 */
export function explicitElements(elements: Elements, corrections: readonly Correction[] = []): Uint8Array {
  return concatBytes(written(corrected(elements, corrections), false, explicitElement));
}

/** The same as Implicit VR Little Endian (PS3.5 §A.1). */
export function implicitElements(elements: Elements, corrections: readonly Correction[] = []): Uint8Array {
  return concatBytes(written(corrected(elements, corrections), false, IMPLICIT_ELEMENT));
}

type ElementWriter = (tag: number, vr: string, value: Uint8Array) => Uint8Array;

const IMPLICIT_ELEMENT: ElementWriter = (tag, _vr, value) => implicitElementBytes(tag, value);

/** A long value of a VR with a short length goes as UN (PS3.5 §6.2.2, PS3.18 §8.7.3.4). */
function explicitElement(tag: number, vr: string, value: Uint8Array): Uint8Array {
  return elementBytes(tag, !LONG_VRS.has(vr) && value.length > 0xfffe ? 'UN' : vr, value);
}

function corrected(elements: Elements, corrections: readonly Correction[]): Elements {
  const changed = new Map(elements);
  for (const { tag, vr, value } of corrections) {
    if (value === undefined) changed.delete(tag);
    else changed.set(tag, { tag, vr, littleEndian: true, start: 0, offset: 0, value, items: undefined });
  }
  return changed;
}

function written(elements: Elements, outerSigned: boolean, writer: ElementWriter): readonly Uint8Array[] {
  const representation = elements.get(TAG.PixelRepresentation);
  const signed = representation === undefined ? outerSigned : isOne(representation);
  return [...elements.values()]
    .sort((a, b) => a.tag - b.tag)
    .filter(({ tag }) => (tag & 0xffff) !== 0)
    .flatMap((element) => elementOf(element, signed, writer));
}

const isOne = ({ value, littleEndian }: Element): boolean => value[littleEndian ? 0 : 1] === 1;

function elementOf(element: Element, signed: boolean, writer: ElementWriter): readonly Uint8Array[] {
  const { tag, items } = element;
  const vr = element.vr === 'XS' ? (signed ? 'SS' : 'US') : element.vr;
  if (items !== undefined) {
    const value = concatBytes(items.flatMap((item) => itemOf(written(item, signed, writer))));
    return [writer(tag, 'SQ', value)];
  }
  checkKept(element);
  const value = element.littleEndian ? element.value : swapped(element.value, WIDTHS[vr] ?? 1);
  return [writer(tag, vr, value)];
}

function checkKept({ tag, value }: Element): void {
  const refuse = (why: string) => new AppError('NOT_ACCEPTABLE', `${tagName(tag)} cannot be written anew: ${why}`);
  if (value.length & 1) throw refuse('its length is odd');
  if (isEncapsulated(tag, value)) throw refuse('compressed pixels in a sequence');
}

/** A run of fragments begins with an item; one that lies in a sequence keeps the coding of the whole (PS3.5 §A.4). */
export function isEncapsulated(tag: number, value: Uint8Array): boolean {
  if (tag !== TAG.PixelData || value.length < 8) return false;
  return new DataView(value.buffer, value.byteOffset, 4).getUint32(0, true) === ITEM_AS_READ;
}

/** Group, then element, each little endian. */
const ITEM_AS_READ = ((ITEM & 0xffff) * 0x10000 + (ITEM >>> 16)) >>> 0;

function itemOf(content: readonly Uint8Array[]): readonly Uint8Array[] {
  return [itemHeader(content.reduce((sum, { length }) => sum + length, 0)), ...content];
}

/** A copy in the other byte order. @throws {AppError} NOT_ACCEPTABLE when the value is no whole number of such units. */
export function swapped(value: Uint8Array, width: number): Uint8Array {
  if (width === 1) return value;
  if (value.length % width !== 0)
    throw new AppError('NOT_ACCEPTABLE', `${value.length} bytes are no values of ${width}`);
  const copy = Buffer.from(value);
  if (width === 2) return copy.swap16();
  return width === 4 ? copy.swap32() : copy.swap64();
}
