import { damaged } from './damaged.ts';

/** What a JPEG codestream says of itself (ITU-T T.81 §B.2.2). */
export interface JpegHeader {
  /** The coding process: n of its SOFn marker. 0 baseline, 1 extended, 2 progressive, 3 lossless. */
  readonly process: number;
  readonly rows: number;
  readonly columns: number;
  readonly bits: number;
  readonly components: number;
  /** Do markers of JFIF or Adobe say whether colours are YCbCr? */
  readonly namesColours: boolean;
}

const SOI = 0xffd8;
const EOI = 0xffd9;
const SOS = 0xffda;
const APP0 = 0xffe0;
const APP14 = 0xffee;
const MAX_SEGMENTS = 4096;
const MAX_SCANS = 100;
const MAX_SCANNED_BLOCKS = 64 * 2 ** 20;
/** Markers of frame headers with Huffman codes, and without differences between frames. */
const FRAME_HEADERS: readonly number[] = [0xffc0, 0xffc1, 0xffc2, 0xffc3];
/** Frame and scan headers, tables, lines, restart interval, comments, applications. */
const SEGMENTS: readonly number[] = [...FRAME_HEADERS, SOS, 0xffc4, 0xffdb, 0xffdc, 0xffdd, 0xfffe];
const isSegment = (marker: number) => SEGMENTS.includes(marker) || (marker >= APP0 && marker <= 0xffef);

/**
 * Walks all markers of a codestream before it is decoded, to its end: what is cut or interrupted never reaches a decoder,
 * which would fill up the rest with grey.
 *
 * @throws {AppError} DATASET_UNREADABLE when a marker is missing, out of place or runs over the end.
 */
export function openJpeg(frame: Uint8Array): { readonly header: JpegHeader; readonly codestream: Uint8Array } {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  if (frame.length < 4 || view.getUint16(0) !== SOI) throw damaged('no JPEG start marker');
  const found = segments(view, frame);
  const headers = found.filter(({ marker }) => FRAME_HEADERS.includes(marker));
  const [first, second] = headers;
  if (!first) throw damaged('no JPEG frame header');
  if (second) throw damaged('two JPEG frame headers');
  const scans = found.filter(({ marker, at }) => marker === SOS && at > first.at).length;
  if (scans === 0) throw damaged('no JPEG scan');
  const end = (found.at(-1)?.at ?? 0) + 2;
  checkTail(frame, end);
  const namesColours = found.some(({ marker, at }) => isColourMarker(frame, at, marker));
  const header = { ...frameHeader(view, first.at, first.length), namesColours };
  checkScans(scans, header);
  return { header, codestream: frame.subarray(0, end) };
}

/**
 * A scan of progressive JPEG may be a few bytes and goes over all blocks: ten are usual, and each costs its time.
 *
 * @throws {AppError} DATASET_UNREADABLE when there are more than a large image could take some seconds for.
 */
function checkScans(scans: number, { rows, columns, components }: JpegHeader): void {
  const blocks = Math.ceil(rows / 8) * Math.ceil(columns / 8) * components;
  if (scans > MAX_SCANS || scans * blocks > MAX_SCANNED_BLOCKS) {
    throw damaged(`${scans} JPEG scans over ${blocks} blocks`);
  }
}

interface Segment {
  readonly marker: number;
  readonly at: number;
  readonly length: number;
}

/** All segments behind the start marker, the end marker last. */
function segments(view: DataView, frame: Uint8Array): readonly Segment[] {
  const found: Segment[] = [];
  for (let at = 2; found.length < MAX_SEGMENTS; ) {
    at = pastFill(frame, at);
    if (at + 2 > frame.length) throw damaged('no JPEG end marker: the frame is cut short');
    const marker = view.getUint16(at);
    const length = marker === EOI || at + 4 > frame.length ? 0 : view.getUint16(at + 2);
    found.push({ marker, at, length });
    if (marker === EOI) return found;
    if (!isSegment(marker)) throw damaged(`no JPEG marker at byte ${at}`);
    if (length < 2 || at + 2 + length > frame.length) throw damaged(`the JPEG segment at byte ${at} is cut`);
    at += 2 + length;
    if (marker === SOS) at = scanEnd(frame, at);
  }
  throw damaged(`more than ${MAX_SEGMENTS} JPEG segments`);
}

/** Any marker may be preceded by fill bytes FF (§B.1.1.2). */
function pastFill(frame: Uint8Array, at: number): number {
  let to = at;
  while (frame[to] === 0xff && frame[to + 1] === 0xff) to++;
  return to;
}

function frameHeader(view: DataView, at: number, length: number): JpegHeader {
  if (length < 8) throw damaged('the JPEG frame header is cut');
  return {
    process: view.getUint16(at) - 0xffc0,
    bits: view.getUint8(at + 4),
    rows: view.getUint16(at + 5),
    columns: view.getUint16(at + 7),
    components: view.getUint8(at + 9),
    namesColours: false,
  };
}

function isColourMarker(frame: Uint8Array, at: number, marker: number): boolean {
  const name = String.fromCharCode(...frame.subarray(at + 4, at + 9));
  return (marker === APP0 && name.startsWith('JFIF')) || (marker === APP14 && name === 'Adobe');
}

/** In a scan FF is followed by a stuffed zero or a restart; the next marker ends it (§B.1.1.5). */
function scanEnd(frame: Uint8Array, start: number): number {
  for (let at = frame.indexOf(0xff, start); at >= 0; at = frame.indexOf(0xff, at + 1)) {
    const next = frame[at + 1] ?? 0;
    const isData = next === 0 || next === 0xff || (next >= 0xd0 && next <= 0xd7);
    if (!isData) return at;
  }
  return frame.length;
}

/** Fragments have even length, and some writers add more: zeros, blanks or FF, but never the rest of an image. */
function checkTail(frame: Uint8Array, end: number): void {
  const isPadding = frame.subarray(end).every((byte) => byte === 0 || byte === 0x20 || byte === 0xff);
  if (!isPadding && frame.length - end > 2)
    throw damaged(`${frame.length - end} bytes behind the end of the JPEG frame`);
}
