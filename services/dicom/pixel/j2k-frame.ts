import { damaged } from './damaged.ts';

/** What a JPEG 2000 codestream says of itself: its SIZ marker (ISO/IEC 15444-1 §A.5.1). */
export interface J2kHeader {
  readonly rows: number;
  readonly columns: number;
  readonly components: number;
  readonly bits: number;
  readonly signed: boolean;
  /** High-throughput block coding: a CAP marker (ISO/IEC 15444-15). */
  readonly isHighThroughput: boolean;
  /** The decoder turns YBR_RCT or YBR_ICT back to RGB: the multiple component transformation of COD is on. */
  readonly hasColourTransform: boolean;
}

const SOC = 0xff4f;
const SIZ = 0xff51;
const CAP = 0xff50;
const COD = 0xff52;
const SOT = 0xff90;
const EOC = 0xffd9;
const SIZ_BYTES = 38;
const SOT_BYTES = 10;
const MAX_TILES = 65_535;
/** "jp2c", the box of a JP2 file that holds the codestream; the standard wants it without, some writers leave it in. */
const CODESTREAM_BOX = 0x6a703263;

/**
 * Walks the main header and all tile-parts before a codestream is decoded: OpenJPEG and OpenJPH answer a cut frame with
 * a whole image, part of it zeros, or with the image before.
 *
 * @throws {AppError} DATASET_UNREADABLE when a marker is missing, out of place or runs over the end.
 */
export function openJ2k(frame: Uint8Array): { readonly header: J2kHeader; readonly codestream: Uint8Array } {
  const stream = withoutBoxes(frame);
  const view = new DataView(stream.buffer, stream.byteOffset, stream.length);
  if (stream.length < 4 || view.getUint16(0) !== SOC) throw damaged('no JPEG 2000 start marker');
  if (view.getUint16(2) !== SIZ) throw damaged('no JPEG 2000 size marker');
  const { header, end } = mainHeader(view);
  return { header, codestream: stream.subarray(0, tilePartsEnd(view, end)) };
}

/** Boxes of a JP2 file (§I.4): length, type, content. */
function withoutBoxes(frame: Uint8Array): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  if (frame.length < 12 || view.getUint32(0) !== 12 || view.getUint32(4) !== 0x6a502020) return frame;
  for (let at = 0; at + 8 <= frame.length; ) {
    const length = view.getUint32(at);
    const end = length === 0 ? frame.length : at + length;
    if (view.getUint32(at + 4) === CODESTREAM_BOX) return frame.subarray(at + 8, Math.min(end, frame.length));
    if (end <= at + 8) break;
    at = end;
  }
  throw damaged('no codestream in the JP2 boxes');
}

function mainHeader(view: DataView): { readonly header: J2kHeader; readonly end: number } {
  let header = sizeOf(view);
  let at = 2;
  for (;;) {
    if (at + 4 > view.byteLength) throw damaged('the JPEG 2000 header is cut');
    const marker = view.getUint16(at);
    if (marker === SOT) return { header, end: at };
    const length = view.getUint16(at + 2);
    if (marker < 0xff50 || length < 2 || at + 2 + length > view.byteLength)
      throw damaged(`no JPEG 2000 marker at ${at}`);
    if (marker === CAP) header = { ...header, isHighThroughput: true };
    if (marker === COD && length >= 8) header = { ...header, hasColourTransform: view.getUint8(at + 8) !== 0 };
    at += 2 + length;
  }
}

/** All components must be alike: no image of DICOM has others. */
function sizeOf(view: DataView): J2kHeader {
  if (view.byteLength < 4 + SIZ_BYTES) throw damaged('the JPEG 2000 size marker is cut');
  const [width, height, left, top] = [8, 12, 16, 20].map((at) => view.getUint32(at));
  const components = view.getUint16(40);
  if (42 + components * 3 > view.byteLength || components === 0) throw damaged('the JPEG 2000 size marker is cut');
  const kinds = new Set(
    Array.from({ length: components }, (_, at) => (view.getUint32(42 + at * 3 - 1) & 0xffffff).toString(16)),
  );
  const precision = view.getUint8(42);
  if (kinds.size !== 1 || view.getUint16(43) !== 0x0101) throw damaged('JPEG 2000 components of different kinds');
  return {
    rows: (height ?? 0) - (top ?? 0),
    columns: (width ?? 0) - (left ?? 0),
    components,
    bits: (precision & 0x7f) + 1,
    signed: precision > 0x7f,
    isHighThroughput: false,
    hasColourTransform: false,
  };
}

/** Tile-parts lie one behind the other, each with its length (§A.4.2); behind the last stands EOC. Zeros may follow. */
function tilePartsEnd(view: DataView, start: number): number {
  let at = start;
  for (let parts = 0; parts <= MAX_TILES * 4; parts++) {
    if (at + 2 > view.byteLength) throw damaged('no JPEG 2000 end marker: the frame is cut short');
    const marker = view.getUint16(at);
    if (marker === EOC) return at + 2;
    if (marker !== SOT || at + SOT_BYTES > view.byteLength) throw damaged(`no JPEG 2000 tile-part at byte ${at}`);
    const length = view.getUint32(at + 6);
    if (length === 0) return lastPartEnd(view, at);
    if (length < SOT_BYTES + 4) throw damaged(`a JPEG 2000 tile-part of ${length} bytes`);
    at += length;
  }
  throw damaged('too many JPEG 2000 tile-parts');
}

/** A last tile-part without length reaches to EOC, with which the frame ends. */
function lastPartEnd(view: DataView, start: number): number {
  let end = view.byteLength;
  while (end > start && [0, 0xff].includes(view.getUint8(end - 1))) end--;
  if (end - 2 <= start || view.getUint16(end - 2) !== EOC) throw damaged('no JPEG 2000 end marker');
  return end;
}
