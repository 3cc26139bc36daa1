import { ITEM, LONG_VRS, SEQUENCE_DELIMITER, UNDEFINED_LENGTH } from './element.ts';
import { TAG } from './tags.ts';

/** One element in Explicit VR Little Endian (PS3.5 §7.1.2); the value must have even length. */
export function elementBytes(tag: number, vr: string, value: Uint8Array): Uint8Array {
  return concatBytes([elementHeader(tag, vr, value.length), value]);
}

/** One element in Implicit VR Little Endian (PS3.5 §7.1.3); the value must have even length. */
export function implicitElementBytes(tag: number, value: Uint8Array): Uint8Array {
  return concatBytes([implicitElementHeader(tag, value.length), value]);
}

/** Tag and length of an element whose value follows. */
export function implicitElementHeader(tag: number, length: number): Uint8Array {
  if (length & 1) throw new RangeError('value of odd length');
  return tagAndLength(tag, length);
}

/** Tag, VR and length of an element whose value follows. */
export function elementHeader(tag: number, vr: string, length: number): Uint8Array {
  const isLong = LONG_VRS.has(vr);
  if (length & 1 && length !== UNDEFINED_LENGTH) throw new RangeError(`value of odd length for ${vr}`);
  if (!isLong && length > 0xfffe) throw new RangeError(`${length} bytes do not fit VR ${vr}`);
  const bytes = new Uint8Array(isLong ? 12 : 8);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, tag >>> 16, true);
  view.setUint16(2, tag & 0xffff, true);
  bytes[4] = vr.charCodeAt(0);
  bytes[5] = vr.charCodeAt(1);
  if (isLong) view.setUint32(8, length, true);
  else view.setUint16(6, length, true);
  return bytes;
}

/** Header of an item, or of a fragment (PS3.5 §7.5, §A.4). */
export const itemHeader = (length: number): Uint8Array => tagAndLength(ITEM, length);

/** What ends a sequence, or a run of fragments, of undefined length. */
export const SEQUENCE_END: Uint8Array = tagAndLength(SEQUENCE_DELIMITER, 0);

/** Compressed Pixel Data up to its first fragment: no length, and an offset table without entries (PS3.5 §A.4). */
export const encapsulatedHeader = (): Uint8Array =>
  concatBytes([elementHeader(TAG.PixelData, 'OB', UNDEFINED_LENGTH), itemHeader(0)]);

function tagAndLength(tag: number, length: number): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, tag >>> 16, true);
  view.setUint16(2, tag & 0xffff, true);
  view.setUint32(4, length, true);
  return bytes;
}

/** UTF-8 padded to even length with a space, NUL for a UID (PS3.5 §6.2). */
export function textBytes(vr: string, text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  if ((bytes.length & 1) === 0) return bytes;
  const padded = new Uint8Array(bytes.length + 1).fill(vr === 'UI' ? 0 : 0x20);
  padded.set(bytes);
  return padded;
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
