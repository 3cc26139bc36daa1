import { AppError } from '../../domain/errors.ts';
import type { PixelInfo } from './pixel-info.ts';

const HEADER_BYTES = 64;
const MAX_SEGMENTS = 15;
/** Two bytes stand for 128 at most. */
const MAX_RATIO = 64;

/**
 * Decodes a frame of RLE Lossless (PS3.5 Annex G) to little endian samples in the frame's own planar configuration.
 *
 * One segment per byte of a sample, the most significant first. Their count is known beforehand and never taken from the
 * frame: a corrupt one once cost 3.8 GB.
 *
 * @throws {AppError} DATASET_UNREADABLE when segments lie outside the frame, or hold more or fewer bytes than pixels.
 */
export function decodeRle(frame: Uint8Array, info: PixelInfo): Uint8Array {
  const { rows, columns, samplesPerPixel, planar } = info;
  const sampleBytes = info.bitsAllocated / 8;
  const pixels = rows * columns;
  const offsets = segmentOffsets(frame, samplesPerPixel * sampleBytes);
  if (pixels > frame.length * MAX_RATIO) throw damaged(`${frame.length} bytes cannot hold ${pixels} pixels`);
  const out = new Uint8Array(pixels * samplesPerPixel * sampleBytes);
  const stride = planar ? sampleBytes : sampleBytes * samplesPerPixel;
  const sampleStride = planar ? pixels * sampleBytes : sampleBytes;
  for (let segment = 0; segment < samplesPerPixel * sampleBytes; segment++) {
    const sample = Math.floor(segment / sampleBytes);
    const byte = sampleBytes - 1 - (segment % sampleBytes);
    const bytes = frame.subarray(offsets[segment], offsets[segment + 1]);
    const written = unpack(bytes, out, sample * sampleStride + byte, stride, pixels);
    if (written !== pixels) throw damaged(`RLE segment ${segment + 1} holds ${written} bytes, ${pixels} pixels`);
  }
  return out;
}

/** Where each segment begins, and where the last one ends. */
function segmentOffsets(frame: Uint8Array, expected: number): readonly number[] {
  if (frame.length < HEADER_BYTES) throw damaged(`an RLE header has ${HEADER_BYTES} bytes, the frame ${frame.length}`);
  const view = new DataView(frame.buffer, frame.byteOffset, HEADER_BYTES);
  const count = view.getUint32(0, true);
  if (count !== expected || count > MAX_SEGMENTS) throw damaged(`${count} RLE segments, ${expected} are needed`);
  const offsets = Array.from({ length: count }, (_, index) => view.getUint32(4 + 4 * index, true));
  const bounds = [...offsets, frame.length];
  const rises = bounds.every((offset, index) => offset > (index === 0 ? HEADER_BYTES - 1 : (bounds[index - 1] ?? 0)));
  if (!rises) throw damaged('RLE segments do not lie one behind the other');
  return bounds;
}

/** PackBits (§G.3.1): writes at most `pixels` bytes, `stride` apart; answers how many there were. */
function unpack(bytes: Uint8Array, out: Uint8Array, first: number, stride: number, pixels: number): number {
  const last = bytes.length;
  const end = first + pixels * stride;
  let to = first;
  let at = 0;
  while (at < last && to < end) {
    const control = bytes[at++] as number;
    if (control === 128) continue;
    const packed = control > 128 ? 1 : control + 1;
    const run = control > 128 ? 257 - control : packed;
    const runEnd = to + run * stride;
    if (at + packed > last) break;
    if (runEnd > end) return (runEnd - first) / stride;
    const step = Number(run === packed);
    for (let from = at; to < runEnd; to += stride, from += step) out[to] = bytes[from] as number;
    at += packed;
  }
  return (to - first) / stride;
}

function damaged(what: string): AppError {
  return new AppError('DATASET_UNREADABLE', what);
}
