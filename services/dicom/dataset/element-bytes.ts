import { LONG_VRS } from './element.ts';

/** One element in Explicit VR Little Endian (PS3.5 §7.1.2); the value must have even length. */
export function elementBytes(tag: number, vr: string, value: Uint8Array): Uint8Array {
  const isLong = LONG_VRS.has(vr);
  if (value.length & 1) throw new RangeError(`value of odd length for ${vr}`);
  if (!isLong && value.length > 0xfffe) throw new RangeError(`${value.length} bytes do not fit VR ${vr}`);
  const start = isLong ? 12 : 8;
  const bytes = new Uint8Array(start + value.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, tag >>> 16, true);
  view.setUint16(2, tag & 0xffff, true);
  bytes[4] = vr.charCodeAt(0);
  bytes[5] = vr.charCodeAt(1);
  if (isLong) view.setUint32(8, value.length, true);
  else view.setUint16(6, value.length, true);
  bytes.set(value, start);
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
