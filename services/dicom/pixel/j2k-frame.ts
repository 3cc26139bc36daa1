import { AppError } from '../../domain/errors.ts';
import { damaged } from './damaged.ts';
import { checkClaims, type J2kGrid, precinctsOf } from './j2k-limits.ts';

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
const COC = 0xff53;
const SOT = 0xff90;
const SOD = 0xff93;
const EOC = 0xffd9;
const SIZ_BYTES = 38;
const SOT_BYTES = 12;
const MAX_PARTS = 65_535 * 4;
/** "jp2c", the box of a JP2 file that holds the codestream; the standard wants it without, some writers leave it in. */
const CODESTREAM_BOX = 0x6a703263;
/** Marker segments of Part 2 (ISO/IEC 15444-2 §A.3), from variable offsets to transformation kernels. */
const PART_2_MARKERS: readonly [first: number, last: number] = [0xff70, 0xff79];

/** What is met on the way through the headers. */
interface Walk {
  readonly view: DataView;
  readonly grid: J2kGrid;
  layers: number;
  precincts: number;
  hasColourTransform: boolean;
  isHighThroughput: boolean;
}

/**
 * Walks the main header and all tile-parts before a codestream is decoded: OpenJPEG and OpenJPH answer a cut frame with
 * a whole image, part of it zeros, or with the image before, and believe any number they are told.
 *
 * @throws {AppError} DATASET_UNREADABLE when a marker is missing, out of place or runs over the end, or claims more than
 *   the codestream can hold; NOT_ANALYSABLE when it needs extensions of Part 2.
 */
export function openJ2k(frame: Uint8Array): { readonly header: J2kHeader; readonly codestream: Uint8Array } {
  const stream = withoutBoxes(frame);
  const view = new DataView(stream.buffer, stream.byteOffset, stream.length);
  if (stream.length < 4 || view.getUint16(0) !== SOC) throw damaged('no JPEG 2000 start marker');
  if (view.getUint16(2) !== SIZ) throw damaged('no JPEG 2000 size marker');
  const size = sizeOf(view);
  const walk: Walk = { view, grid: size.grid, ...NOTHING };
  const start = walkMarkers(walk, 2, SOT, view.byteLength);
  const { end, parts } = tileParts(walk, start);
  checkClaims(size.grid, walk, { bytes: end, tileParts: parts });
  const { isHighThroughput, hasColourTransform } = walk;
  return { header: { ...size.header, isHighThroughput, hasColourTransform }, codestream: stream.subarray(0, end) };
}

const NOTHING = { layers: 0, precincts: 0, hasColourTransform: false, isHighThroughput: false };

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

/** Walks marker segments from `start` to the marker `until`, which must stand before `limit`; answers where it stands. */
function walkMarkers(walk: Walk, start: number, until: number, limit: number): number {
  const { view } = walk;
  for (let at = start; ; ) {
    if (at + 2 > limit) throw damaged('the JPEG 2000 header is cut');
    const marker = view.getUint16(at);
    if (marker === until) return at;
    const length = at + 4 > limit ? 0 : view.getUint16(at + 2);
    if (marker < 0xff50 || length < 2 || at + 2 + length > limit) throw damaged(`no JPEG 2000 marker at ${at}`);
    note(walk, marker, at + 4, at + 2 + length);
    at += 2 + length;
  }
}

/** What lies from `at` to `end` is the content of a marker segment. */
function note(walk: Walk, marker: number, at: number, end: number): void {
  const { view, grid } = walk;
  const [first, last] = PART_2_MARKERS;
  if (marker >= first && marker <= last) throw needsPart2();
  if (marker === CAP) walk.isHighThroughput = true;
  if (marker === COD && at + 5 <= end) {
    const transform = view.getUint8(at + 4);
    // 1 is the colour transformation of Part 1; the other bits are those of Part 2 (15444-2 Table A.11).
    if (transform > 1) throw needsPart2();
    walk.hasColourTransform ||= transform === 1;
    walk.layers = Math.max(walk.layers, view.getUint16(at + 2));
  }
  if (marker !== COD && marker !== COC) return;
  // What stands before the levels: style, progression, layers and transformation; or a component and style.
  const levels = at + (marker === COD ? 5 : grid.components < 257 ? 2 : 3);
  if (levels > end) throw damaged('a JPEG 2000 coding style is cut');
  const styles = view.getUint8(marker === COD ? at : levels - 1);
  walk.precincts = Math.max(walk.precincts, precinctsOf(grid, view, levels, end, (styles & 1) === 1));
}

function needsPart2(): AppError {
  const what = 'JPEG 2000 with the multiple component transformation of its Part 2';
  return new AppError('NOT_ANALYSABLE', `${what} is not decoded by this version`);
}

/** All components must be alike: no image of DICOM has others. */
function sizeOf(view: DataView) {
  if (view.byteLength < 4 + SIZ_BYTES) throw damaged('the JPEG 2000 size marker is cut');
  const [width = 0, height = 0, left = 0, top = 0] = [8, 12, 16, 20].map((at) => view.getUint32(at));
  const [tileWidth = 0, tileHeight = 0, tileLeft = 0, tileTop = 0] = [24, 28, 32, 36].map((at) => view.getUint32(at));
  const components = view.getUint16(40);
  if (42 + components * 3 > view.byteLength || components === 0) throw damaged('the JPEG 2000 size marker is cut');
  if (tileWidth === 0 || tileHeight === 0) throw damaged('the JPEG 2000 size marker has tiles of no size');
  const kinds = new Set(
    Array.from({ length: components }, (_, at) => (view.getUint32(42 + at * 3 - 1) & 0xffffff).toString(16)),
  );
  const precision = view.getUint8(42);
  if (kinds.size !== 1 || view.getUint16(43) !== 0x0101) throw damaged('JPEG 2000 components of different kinds');
  const bits = (precision & 0x7f) + 1;
  const grid: J2kGrid = { width: width - tileLeft, height: height - tileTop, tileWidth, tileHeight, components };
  return { grid, header: { rows: height - top, columns: width - left, components, bits, signed: precision > 0x7f } };
}

/**
 * Tile-parts lie one behind the other, each with its length (§A.4.2) and a header of its own; behind the last stands EOC.
 * Zeros may follow.
 */
function tileParts(walk: Walk, start: number): { readonly end: number; readonly parts: number } {
  const { view } = walk;
  let at = start;
  for (let parts = 0; parts <= MAX_PARTS; parts++) {
    if (at + 2 > view.byteLength) throw damaged('no JPEG 2000 end marker: the frame is cut short');
    const marker = view.getUint16(at);
    if (marker === EOC) return { end: at + 2, parts };
    if (marker !== SOT || at + SOT_BYTES > view.byteLength) throw damaged(`no JPEG 2000 tile-part at byte ${at}`);
    const length = view.getUint32(at + 6);
    if (length !== 0 && length < SOT_BYTES + 2) throw damaged(`a JPEG 2000 tile-part of ${length} bytes`);
    const end = length === 0 ? lastPartEnd(view, at) : at + length;
    walkMarkers(walk, at + SOT_BYTES, SOD, Math.min(end, view.byteLength));
    if (length === 0) return { end, parts: parts + 1 };
    at = end;
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
