import type { PixelInfo } from './pixel-info.ts';

/** Samples of one frame, each a number as the image means it. */
export type PixelArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/**
 * Turns little endian sample bytes into numbers: cuts out Bits Stored below High Bit, and extends the sign (PS3.5 §8.1.1).
 * Old overlays, or rubbish, may sit in the other bits. `bytes` is used in place when it is aligned.
 */
export function pixelArray(bytes: Uint8Array, info: PixelInfo): PixelArray {
  const { bitsAllocated, bitsStored } = info;
  if (info.sampleFormat) return floats(bytes, info.sampleFormat);
  if (bitsAllocated === 1) return unpackedBits(bytes, info.rows * info.columns * info.samplesPerPixel);
  const isCut = bitsStored < bitsAllocated;
  const span = aligned(bytes, isCut ? 4 : bitsAllocated / 8);
  if (isCut) cutOut(span, info);
  return numbersIn(span, info);
}

/** Where samples lie in memory. */
interface Span {
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  readonly bytes: number;
}

/** A copy, if need be, so that numbers of this size can be read in place. */
function aligned(bytes: Uint8Array, size: number): Span {
  const { buffer, byteOffset } = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  return { buffer, byteOffset, bytes: bytes.length };
}

function numbersIn({ buffer, byteOffset, bytes }: Span, { bitsAllocated, signed }: PixelInfo): PixelArray {
  if (bitsAllocated === 8) {
    return signed ? new Int8Array(buffer, byteOffset, bytes) : new Uint8Array(buffer, byteOffset, bytes);
  }
  if (bitsAllocated === 16) {
    return signed ? new Int16Array(buffer, byteOffset, bytes / 2) : new Uint16Array(buffer, byteOffset, bytes / 2);
  }
  return signed ? new Int32Array(buffer, byteOffset, bytes / 4) : new Uint32Array(buffer, byteOffset, bytes / 4);
}

/**
 * In place: words of 32 bits with two or four cells at a time, which takes half the time, and the rest one by one. These
 * loops, like all over pixels, read the length of their array once: after memory of WebAssembly has grown anywhere, one
 * that reads it in each round takes three times as long (measured with Node 24).
 */
function cutOut(span: Span, info: PixelInfo): void {
  const { buffer, byteOffset, bytes } = span;
  const { bitsAllocated, bitsStored, highBit, signed } = info;
  const isGrouped = bitsAllocated === 16 || (bitsAllocated === 8 && !signed);
  const words = new Int32Array(buffer, byteOffset, isGrouped ? Math.floor(bytes / 4) : 0);
  if (signed) extendPairs(words, 31 - highBit, 32 - bitsStored);
  else maskCells(words, highBit + 1 - bitsStored, (2 ** bitsStored - 1) * (bitsAllocated === 16 ? 0x10001 : 0x1010101));
  const rest = { buffer, byteOffset: byteOffset + words.byteLength, bytes: bytes - words.byteLength };
  const cells = numbersIn(rest, info);
  const [up, down] = [31 - highBit, 32 - bitsStored];
  for (let at = 0, count = cells.length; at < count; at++) {
    const top = (cells[at] as number) << up;
    cells[at] = signed ? top >> down : top >>> down;
  }
}

function maskCells(words: Int32Array, down: number, mask: number): void {
  for (let at = 0, count = words.length; at < count; at++) words[at] = ((words[at] as number) >>> down) & mask;
}

function extendPairs(pairs: Int32Array, up: number, down: number): void {
  for (let at = 0, count = pairs.length; at < count; at++) {
    const pair = pairs[at] as number;
    pairs[at] = (((pair << up) >> down) & 0xffff) | (((pair << (up - 16)) >> down) << 16);
  }
}

function floats(bytes: Uint8Array, format: 'float32' | 'float64'): PixelArray {
  const { buffer, byteOffset } = aligned(bytes, format === 'float32' ? 4 : 8);
  return format === 'float32'
    ? new Float32Array(buffer, byteOffset, bytes.length / 4)
    : new Float64Array(buffer, byteOffset, bytes.length / 8);
}

/** Single bits: the first pixel is the lowest bit (PS3.5 §8.1.1). */
function unpackedBits(bytes: Uint8Array, count: number): Uint8Array {
  const samples = new Uint8Array(count);
  for (let at = 0; at < count; at++) samples[at] = ((bytes[at >> 3] ?? 0) >> (at & 7)) & 1;
  return samples;
}
