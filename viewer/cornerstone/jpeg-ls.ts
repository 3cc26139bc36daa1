import type { PixelAttributes } from '../series/image-series.ts';
import type { CharLs, JpegLsDecoder } from './charls.ts';

const SOI = 0xd8;
const EOI = 0xd9;
const SOF55 = 0xf7;
const SOS = 0xda;

/**
 * Checks a JPEG-LS codestream (ISO/IEC 14495-1 Annex C) before a decoder sees it: a cut one keeps the decoder busy
 * for seconds, and one of other dimensions is not this image.
 * @throws {Error} naming what does not fit.
 */
function checkJpegLs(bytes: Uint8Array, pixels: PixelAttributes): void {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) throw new Error('JPEG-LS: no start marker');
  if (!endsWithMarker(bytes)) throw new Error('JPEG-LS: no end marker, the frame was cut short');
  const at = findFrameHeader(bytes);
  if (at === undefined) throw new Error('JPEG-LS: no frame header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [bits, rows, columns, components] = [
    view.getUint8(at + 4),
    view.getUint16(at + 5),
    view.getUint16(at + 7),
    view.getUint8(at + 9),
  ];
  if (rows !== pixels.Rows || columns !== pixels.Columns) {
    throw new Error(`JPEG-LS: frame is ${columns} x ${rows}, the header says ${pixels.Columns} x ${pixels.Rows}`);
  }
  if (components !== pixels.SamplesPerPixel || bits > pixels.BitsAllocated) {
    throw new Error(`JPEG-LS: ${components} components of ${bits} bits do not fit the header`);
  }
}

/** EOI, zero padding aside (PS3.5 §A.4). */
function endsWithMarker(bytes: Uint8Array): boolean {
  let end = bytes.length;
  while (end > 2 && bytes[end - 1] === 0) end -= 1;
  return bytes[end - 2] === 0xff && bytes[end - 1] === EOI;
}

function findFrameHeader(bytes: Uint8Array): number | undefined {
  let at = 2;
  while (at + 10 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1];
    if (marker === SOF55) return at;
    if (marker === SOS) return undefined;
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    if (length < 2) return undefined;
    at += 2 + length;
  }
  return undefined;
}

/**
 * Decodes one frame with a decoder of its own: a reused one has answered with the image before it when a frame was
 * damaged. The answer is a copy.
 */
export function decodeJpegLs(charls: CharLs, bytes: Uint8Array, pixels: PixelAttributes): Uint8Array<ArrayBuffer> {
  checkJpegLs(bytes, pixels);
  const decoder = new charls.JpegLSDecoder();
  try {
    decoder.getEncodedBuffer(bytes.length).set(bytes);
    runDecoder(charls, decoder);
    const decoded = decoder.getDecodedBuffer();
    const { bitsPerSample } = decoder.getFrameInfo();
    const bytesPerSample = bitsPerSample > 8 ? 2 : 1;
    const expected = pixels.Rows * pixels.Columns * pixels.SamplesPerPixel * bytesPerSample;
    if (decoded.length !== expected) throw new Error(`JPEG-LS: ${decoded.length} bytes instead of ${expected}`);
    return decoded.slice() as Uint8Array<ArrayBuffer>;
  } finally {
    decoder.delete();
  }
}

function runDecoder(charls: CharLs, decoder: JpegLsDecoder): void {
  try {
    decoder.decode();
  } catch (error) {
    throw new Error(`JPEG-LS: ${typeof error === 'number' ? charls.getExceptionMessage(error) : String(error)}`);
  }
}
