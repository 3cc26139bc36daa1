import type { PixelAttributes } from '../series/image-series.ts';
import type { CharLs } from './charls.ts';
import { decodeRle } from './decode-rle.ts';
import { decodeJpegLs } from './jpeg-ls.ts';

/** Values as they are shown: rescaled (HU for CT), in the range of 16 bits. */
export interface DecodedFrame {
  readonly values: Int16Array<ArrayBuffer>;
  readonly min: number;
  readonly max: number;
}

const NATIVE_LITTLE_ENDIAN = new Set(['1.2.840.10008.1.2', '1.2.840.10008.1.2.1', '1.2.840.10008.1.2.1.99']);
const BIG_ENDIAN = '1.2.840.10008.1.2.2';
const JPEG_LS = new Set(['1.2.840.10008.1.2.4.80', '1.2.840.10008.1.2.4.81']);
const RLE = '1.2.840.10008.1.2.5';

/**
 * One stored frame to the values on screen. Nothing is kept between frames: a frame that cannot be decoded is an
 * error, never the pixels of another.
 * @throws {Error} with a reason that names the syntax or the damage.
 */
export async function decodeFrame(
  bytes: Uint8Array,
  transferSyntaxUID: string,
  pixels: PixelAttributes,
  loadCharLs: () => Promise<CharLs>,
): Promise<DecodedFrame> {
  if (pixels.SamplesPerPixel !== 1) throw new Error('colour images are not shown by this version');
  if (pixels.BitsAllocated !== 8 && pixels.BitsAllocated !== 16)
    throw new Error(`${pixels.BitsAllocated} bits per sample`);
  if (NATIVE_LITTLE_ENDIAN.has(transferSyntaxUID)) return rescale(native(bytes, pixels), pixels);
  if (transferSyntaxUID === BIG_ENDIAN) return rescale(swapped(native(bytes, pixels), pixels), pixels);
  if (transferSyntaxUID === RLE) return rescale(decodeRle(bytes, pixels), pixels);
  if (JPEG_LS.has(transferSyntaxUID)) return rescale(decodeJpegLs(await loadCharLs(), bytes, pixels), pixels);
  throw new Error(`transfer syntax ${transferSyntaxUID}`);
}

/** Exactly the bytes of a frame; one byte of padding may follow (PS3.5 §8.1.1). */
function native(bytes: Uint8Array, { Rows, Columns, BitsAllocated }: PixelAttributes): Uint8Array {
  const expected = (Rows * Columns * BitsAllocated) / 8;
  if (bytes.length < expected || bytes.length > expected + 1) {
    throw new Error(`${bytes.length} bytes instead of ${expected}`);
  }
  return bytes.subarray(0, expected);
}

function swapped(bytes: Uint8Array, { BitsAllocated }: PixelAttributes): Uint8Array {
  if (BitsAllocated === 8) return bytes;
  const little = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at += 2) {
    little[at] = bytes[at + 1] ?? 0;
    little[at + 1] = bytes[at] ?? 0;
  }
  return little;
}

/** Little-endian samples through bits stored, sign and Modality LUT (PS3.3 §C.11.1), held inside 16 bits. */
export function rescale(samples: Uint8Array, pixels: PixelAttributes): DecodedFrame {
  const size = pixels.Rows * pixels.Columns;
  const wide = samples.length === size * 2;
  if (!wide && samples.length !== size) throw new Error(`${samples.length} bytes for ${size} pixels`);
  const view = new DataView(samples.buffer, samples.byteOffset, samples.byteLength);
  const unused = 32 - Math.min(pixels.BitsStored, wide ? 16 : 8);
  const { RescaleSlope: slope, RescaleIntercept: intercept, signed } = pixels;
  const values = new Int16Array(size);
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < size; at += 1) {
    const high = (wide ? view.getUint16(at * 2, true) : view.getUint8(at)) << unused;
    const stored = signed ? high >> unused : high >>> unused;
    const value = Math.min(32767, Math.max(-32768, Math.round(stored * slope + intercept)));
    values[at] = value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { values, min, max };
}
