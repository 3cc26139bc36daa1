import { AppError } from '../../domain/errors.ts';

/** What a JPEG-LS codestream says of itself (ITU-T T.87 §C.2.2). */
export interface JpegLsHeader {
  readonly rows: number;
  readonly columns: number;
  readonly bits: number;
  readonly components: number;
}

const SOI = 0xffd8;
const EOI = 0xffd9;
const SOS = 0xffda;
const SOF55 = 0xfff7;

/**
 * Walks the markers of a codestream before it is decoded: CharLS may spin for seconds on a frame that was cut. Answers
 * with the header and the codestream without padding.
 *
 * @throws {AppError} DATASET_UNREADABLE when a marker is missing, out of place or runs over the end.
 */
export function openJpegLs(frame: Uint8Array): { readonly header: JpegLsHeader; readonly codestream: Uint8Array } {
  const codestream = withoutPadding(frame);
  const view = new DataView(codestream.buffer, codestream.byteOffset, codestream.length);
  if (codestream.length < 4 || view.getUint16(0) !== SOI) throw damaged('no JPEG-LS start marker');
  if (view.getUint16(codestream.length - 2) !== EOI) throw damaged('no JPEG-LS end marker: the frame is cut short');
  const { header, scan } = readMarkers(view);
  checkScan(codestream, scan);
  return { header, codestream };
}

/** Fragments have even length; a zero is added behind an odd codestream. Some writers add more. */
function withoutPadding(frame: Uint8Array): Uint8Array {
  let end = frame.length;
  while (end > 0 && frame[end - 1] === 0) end--;
  return frame.subarray(0, end);
}

/** Marker segments up to the first scan. */
function readMarkers(view: DataView): { header: JpegLsHeader; scan: number } {
  let header: JpegLsHeader | undefined;
  let at = 2;
  for (;;) {
    if (at + 4 > view.byteLength) throw damaged('no JPEG-LS scan');
    const marker = view.getUint16(at);
    const length = view.getUint16(at + 2);
    if (marker < 0xffc0 || length < 2 || at + 2 + length > view.byteLength) throw damaged(`no marker at byte ${at}`);
    if (marker === SOF55) header = frameHeader(view, at + 4, length);
    at += 2 + length;
    if (marker === SOS) break;
  }
  if (!header) throw damaged('no JPEG-LS frame header');
  return { header, scan: at };
}

function frameHeader(view: DataView, at: number, length: number): JpegLsHeader {
  if (length < 8) throw damaged('JPEG-LS frame header is cut');
  return {
    bits: view.getUint8(at),
    rows: view.getUint16(at + 1),
    columns: view.getUint16(at + 3),
    components: view.getUint8(at + 5),
  };
}

/** In a scan FF is followed by a stuffed zero bit; anything else is a marker, and only a few may stand there. */
function checkScan(codestream: Uint8Array, scan: number): void {
  const last = codestream.length - 2;
  for (let at = codestream.indexOf(0xff, scan); at >= 0 && at < last; at = codestream.indexOf(0xff, at + 1)) {
    const next = codestream[at + 1] ?? 0;
    const isRestart = next >= 0xd0 && next <= 0xd7;
    const isAllowed = next < 0x80 || isRestart || next === 0xda || next === 0xf8 || next === 0xff;
    if (!isAllowed) throw damaged(`marker ff${next.toString(16)} inside the JPEG-LS scan`);
  }
}

function damaged(what: string): AppError {
  return new AppError('DATASET_UNREADABLE', what);
}
