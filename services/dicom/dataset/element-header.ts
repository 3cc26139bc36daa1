import { registeredVr } from './dictionary.ts';
import { type ElementHeader, LONG_VRS, SHORT_VRS, UNDEFINED_LENGTH } from './element.ts';
import type { Encoding } from './transfer-syntax.ts';

/** What `headerAt` says when it cannot answer: how many bytes the header has, or that it has no VR. */
export type NoHeader = { readonly needs: number } | { readonly noVr: number };

/** Tag at `at`: group, then element (PS3.5 §7.1). */
export function tagAt(view: DataView, at: number, littleEndian: boolean): number {
  return view.getUint16(at, littleEndian) * 0x10000 + view.getUint16(at + 2, littleEndian);
}

/** Reads the element header at `at` (PS3.5 §7.1.2, §7.1.3) if it lies before `end`. Items and delimiters have no VR. */
export function headerAt(view: DataView, at: number, end: number, encoding: Encoding): ElementHeader | NoHeader {
  const { explicit, littleEndian } = encoding;
  if (at + 8 > end) return { needs: 8 };
  const tag = tagAt(view, at, littleEndian);
  if (!explicit || tag >>> 16 === 0xfffe) {
    return header(tag, registeredVr(tag) ?? 'UN', at, at + 8, view.getUint32(at + 4, littleEndian));
  }
  const vr = vrAt(view, at + 4);
  if (SHORT_VRS.has(vr)) return header(tag, vr, at, at + 8, view.getUint16(at + 6, littleEndian));
  if (!looksLikeVr(vr)) return { noVr: tag };
  if (at + 12 > end) return { needs: 12 };
  return header(tag, LONG_VRS.has(vr) ? vr : 'UN', at, at + 12, view.getUint32(at + 8, littleEndian));
}

/**
 * Senders exist whose data set is implicit though it was announced as explicit, or the other way round, and whose UN
 * sequences hold explicit items. The first element at `at` tells; `end` is where its data set ends at the latest.
 */
export function settledEncoding(view: DataView, at: number, end: number, encoding: Encoding): Encoding {
  if (at + 8 > view.byteLength || view.getUint16(at, true) === 0xfffe || view.getUint16(at, false) === 0xfffe) {
    return encoding;
  }
  const vr = vrAt(view, at + 4);
  const { explicit, littleEndian } = encoding;
  if (explicit) return looksLikeVr(vr) ? encoding : { explicit: false, littleEndian };
  const length = view.getUint32(at + 4, littleEndian);
  const isVr = SHORT_VRS.has(vr) || LONG_VRS.has(vr);
  return isVr && (length > 0xffff || length > end - at - 8) ? { explicit: true, littleEndian } : encoding;
}

function header(tag: number, vr: string, start: number, offset: number, length: number): ElementHeader {
  return { tag, vr, start, offset, length: length === UNDEFINED_LENGTH ? undefined : length };
}

function vrAt(view: DataView, at: number): string {
  return String.fromCharCode(view.getUint8(at), view.getUint8(at + 1));
}

function looksLikeVr(vr: string): boolean {
  return /^[A-Z]{2}$/.test(vr);
}
