import { AppError } from '../../domain/errors.ts';
import { tagName } from '../dataset/element.ts';
import type { ImageFile, PixelDataPlace } from '../dataset/read-file.ts';
import { TAG } from '../dataset/tags.ts';
import { TRANSFER_SYNTAX } from '../dataset/transfer-syntax.ts';
import { type Fragment, framesOf } from './fragments.ts';
import { frameBytes, frameCount, MAX_FRAME_BYTES, type PixelInfo, pixelInfo } from './pixel-info.ts';

/** Where the frames of an open file lie: walking the fragments of a long one is done once. */
const FRAMES = new WeakMap<ImageFile, Promise<readonly (readonly Fragment[])[]>>();

/**
 * The bytes of one frame (0-based) as they were sent: samples of an uncompressed object, or the joined fragments of an
 * encapsulated one. Only this frame is read.
 *
 * @throws {AppError} FRAME_NOT_FOUND; DATASET_UNREADABLE when Pixel Data does not hold what the attributes say.
 */
export async function readFrame(file: ImageFile, frame: number): Promise<Uint8Array> {
  const { pixelData, dataset } = file;
  const frames = pixelData ? frameCount(dataset) : 0;
  if (!pixelData || !Number.isInteger(frame) || frame < 0 || frame >= frames) {
    throw new AppError('FRAME_NOT_FOUND', `frame ${frame + 1} of ${frames}`, { frame: frame + 1, frames });
  }
  const { length } = pixelData;
  return length === undefined
    ? joined(file, (await indexed(file, pixelData, frames))[frame] ?? [])
    : native(file, { ...pixelData, length }, frame, frames);
}

function indexed(file: ImageFile, place: PixelDataPlace, frames: number) {
  const known = FRAMES.get(file);
  if (known) return known;
  const found = framesOf(file, place, frames);
  FRAMES.set(file, found);
  return found;
}

async function joined(file: ImageFile, fragments: readonly Fragment[]): Promise<Uint8Array> {
  const bytes = fragments.reduce((sum, { length }) => sum + length, 0);
  if (bytes === 0) throw new AppError('DATASET_UNREADABLE', 'the frame is empty');
  if (bytes > MAX_FRAME_BYTES) throw new AppError('DATASET_TOO_LARGE', `a compressed frame of ${bytes} bytes`);
  const [first] = fragments;
  if (first && fragments.length === 1) return file.read(first.offset, first.length);
  const frame = new Uint8Array(bytes);
  let at = 0;
  for (const { offset, length } of fragments) {
    frame.set(await file.read(offset, length), at);
    at += length;
  }
  return frame;
}

/** Reads bytes of Pixel Data, counted from its first, in the order of a little endian object. */
type Reader = (start: number, length: number) => Promise<Uint8Array>;

/**
 * Pixel Data must be as long as its frames together, but for one byte of padding (PS3.5 §8.1.1). `pixelInfo` lets no more
 * than 4 GiB pass, so that all places are exact numbers, down to an eighth of a byte.
 */
async function native(
  file: ImageFile,
  place: PixelDataPlace & { readonly length: number },
  frame: number,
  frames: number,
): Promise<Uint8Array> {
  const info = pixelInfo(file.dataset, file.meta.TransferSyntaxUID);
  checkFormat(place, info);
  const bytes = frameBytes(info);
  const needed = Math.ceil(bytes * frames);
  if (place.length < needed || place.length > needed + 1) {
    throw new AppError('DATASET_UNREADABLE', `Pixel Data holds ${place.length} bytes, its frames are ${needed}`);
  }
  const isPaired =
    place.vr === 'OW' && info.bitsAllocated <= 8 && info.transferSyntaxUID === TRANSFER_SYNTAX.explicitBig;
  const read: Reader = isPaired ? unpaired(file, place) : (start, length) => file.read(place.offset + start, length);
  const start = frame * bytes;
  if (!Number.isInteger(start) || !Number.isInteger(bytes)) return bitsFrom(read, start * 8, bytes * 8);
  return read(start, bytes);
}

/** Floating point samples have their own elements (PS3.3 §C.7.6.24), and no whole number stands in them. */
function checkFormat({ tag }: PixelDataPlace, { sampleFormat }: PixelInfo): void {
  const expected = { integer: TAG.PixelData, float32: TAG.FloatPixelData, float64: TAG.DoubleFloatPixelData };
  if (tag !== expected[sampleFormat ?? 'integer']) {
    throw new AppError('DATASET_UNREADABLE', `BitsStored does not fit the pixels of ${tagName(tag)}`, {
      attribute: 'BitsStored',
    });
  }
}

/** Frames of single bits follow each other without padding (PS3.5 §8.1.1): moved to begin at a byte, zeros behind. */
async function bitsFrom(read: Reader, start: number, count: number): Promise<Uint8Array> {
  const [from, to] = [Math.floor(start / 8), Math.ceil((start + count) / 8)];
  const packed = await read(from, to - from);
  const shift = start % 8;
  const frame = new Uint8Array(Math.ceil(count / 8));
  for (let at = 0, bytes = frame.length; at < bytes; at++) {
    frame[at] = ((packed[at] ?? 0) + (packed[at + 1] ?? 0) * 256) >> shift;
  }
  const last = frame.length - 1;
  if (count % 8 > 0) frame[last] = (frame[last] ?? 0) & (2 ** (count % 8) - 1);
  return frame;
}

/** Samples of a byte or a bit travel as pairs of bytes in big endian words (PS3.5 §8.1.1): put back in order. */
function unpaired(file: ImageFile, place: PixelDataPlace & { readonly length: number }): Reader {
  return async (start, length) => {
    const from = start - (start % 2);
    const wanted = start + length + ((start + length) % 2);
    const words = await file.read(place.offset + from, Math.min(wanted, place.length - (place.length % 2)) - from);
    const out = new Uint8Array(length);
    for (let at = 0; at < length; at++) out[at] = words[(start - from + at) ^ 1] ?? 0;
    return out;
  };
}
