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
  if (info.sampleFormat) return floats(bytes, info.sampleFormat);
  const samples = samplesOf(bytes, info);
  const { bitsAllocated, bitsStored, highBit } = info;
  if (bitsStored === bitsAllocated || bitsAllocated === 1) return samples;
  const up = 31 - highBit;
  const down = 32 - bitsStored;
  if (info.signed) for (let at = 0; at < samples.length; at++) samples[at] = ((samples[at] ?? 0) << up) >> down;
  else for (let at = 0; at < samples.length; at++) samples[at] = ((samples[at] ?? 0) << up) >>> down;
  return samples;
}

function floats(bytes: Uint8Array, format: 'float32' | 'float64'): PixelArray {
  const { buffer, byteOffset, length } = byteAligned(bytes, format === 'float32' ? 4 : 8);
  return format === 'float32'
    ? new Float32Array(buffer, byteOffset, length / 4)
    : new Float64Array(buffer, byteOffset, length / 8);
}

function samplesOf(bytes: Uint8Array, info: PixelInfo): PixelArray {
  const { rows, columns, samplesPerPixel, bitsAllocated, signed } = info;
  if (bitsAllocated === 1) return unpackedBits(bytes, rows * columns * samplesPerPixel);
  const { buffer, byteOffset } = byteAligned(bytes, bitsAllocated / 8);
  const count = (bytes.length * 8) / bitsAllocated;
  if (bitsAllocated === 8)
    return signed ? new Int8Array(buffer, byteOffset, count) : new Uint8Array(buffer, byteOffset, count);
  if (bitsAllocated === 16)
    return signed ? new Int16Array(buffer, byteOffset, count) : new Uint16Array(buffer, byteOffset, count);
  return signed ? new Int32Array(buffer, byteOffset, count) : new Uint32Array(buffer, byteOffset, count);
}

function byteAligned(bytes: Uint8Array, sampleBytes: number): Uint8Array {
  return sampleBytes > 1 && bytes.byteOffset % sampleBytes !== 0 ? new Uint8Array(bytes) : bytes;
}

/** Single bits: the first pixel is the lowest bit (PS3.5 §8.1.1). */
function unpackedBits(bytes: Uint8Array, count: number): Uint8Array {
  const samples = new Uint8Array(count);
  for (let at = 0; at < count; at++) samples[at] = ((bytes[at >> 3] ?? 0) >> (at & 7)) & 1;
  return samples;
}
