import type { PixelAttributes } from '../series/image-series.ts';

const HEADER_BYTES = 64;

/**
 * RLE Lossless (PS3.5 Annex G) to little-endian samples. Bounded: the segment count must be the one that samples and
 * bits ask for, offsets must rise inside the frame, and a segment writes no more than its plane.
 * @throws {Error} naming what does not fit.
 */
export function decodeRle(bytes: Uint8Array, pixels: PixelAttributes): Uint8Array<ArrayBuffer> {
  const bytesPerSample = pixels.BitsAllocated / 8;
  const planes = pixels.SamplesPerPixel * bytesPerSample;
  const size = pixels.Rows * pixels.Columns;
  const offsets = segmentOffsets(bytes, planes);
  const decoded = new Uint8Array(size * planes);
  for (const [segment, offset] of offsets.entries()) {
    const end = offsets[segment + 1] ?? bytes.length;
    const sample = Math.floor(segment / bytesPerSample);
    // Segments go from the most significant byte to the least (PS3.5 §G.2).
    const byteOfSample = bytesPerSample - 1 - (segment % bytesPerSample);
    unpack(bytes.subarray(offset, end), decoded, sample * bytesPerSample + byteOfSample, planes, size);
  }
  return decoded;
}

function segmentOffsets(bytes: Uint8Array, planes: number): readonly number[] {
  if (bytes.length < HEADER_BYTES) throw new Error('RLE: header cut short');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(0, true);
  if (count !== planes) throw new Error(`RLE: ${count} segments instead of ${planes}`);
  const offsets = Array.from({ length: count }, (_none, segment) => view.getUint32(4 + 4 * segment, true));
  const rising = offsets.every(
    (offset, segment) => offset >= (offsets[segment - 1] ?? HEADER_BYTES - 1) + (segment ? 1 : 0),
  );
  if (!rising || (offsets.at(-1) ?? 0) >= bytes.length || (offsets[0] ?? 0) < HEADER_BYTES) {
    throw new Error('RLE: segment offsets out of order');
  }
  return offsets;
}

/** PackBits (PS3.5 §G.3.2) of one byte plane into every `stride`-th byte. */
function unpack(segment: Uint8Array, target: Uint8Array, first: number, stride: number, size: number): void {
  let read = 0;
  let written = 0;
  while (written < size) {
    const control = byteAt(segment, read);
    read += 1;
    if (control === 128) continue;
    // The last run may be longer than what is left of the plane (padding).
    const literal = control < 128;
    const run = literal ? control + 1 : 257 - control;
    const end = Math.min(size, written + run);
    for (; written < end; written += 1) {
      target[first + written * stride] = byteAt(segment, read);
      if (literal) read += 1;
    }
    if (!literal) read += 1;
  }
}

function byteAt(segment: Uint8Array, at: number): number {
  const byte = segment[at];
  if (byte === undefined) throw new Error('RLE: segment cut short');
  return byte;
}
