import { AppError } from '../../domain/errors.ts';
import type { ImageFile, PixelDataPlace } from '../dataset/read-file.ts';
import { isDeflated, TRANSFER_SYNTAX } from '../dataset/transfer-syntax.ts';
import { type Fragment, framesOf } from './fragments.ts';
import { frameBytes, frameCount, MAX_FRAME_BYTES, pixelInfo } from './pixel-info.ts';

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
  if (!pixelData || !Number.isInteger(frame) || frame < 0 || frame >= frames) throw notFound(frame, frames);
  const { length } = pixelData;
  return length === undefined
    ? joined(file, (await indexed(file, pixelData, frames))[frame] ?? [])
    : native(file, { ...pixelData, length }, frame, frames);
}

/** Where each frame lies in the file itself. */
export interface FramePlaces {
  /** How much memory this takes, in fragments. */
  readonly size: number;
  /** The fragments of a frame. @throws {AppError} FRAME_NOT_FOUND, DATASET_UNREADABLE, DATASET_TOO_LARGE */
  of(frame: number): readonly Fragment[];
}

/**
 * Where `readFrame` would read; `undefined` when the bytes of a frame do not lie there as they are: in a deflated file, as
 * bytes in big endian words, between two bytes, and where there are no pixels.
 *
 * @throws {AppError} DATASET_UNREADABLE when Pixel Data does not hold what the attributes say.
 */
export async function framePlaces(file: ImageFile): Promise<FramePlaces | undefined> {
  const { pixelData, dataset, meta } = file;
  if (!pixelData || isDeflated(meta.TransferSyntaxUID)) return undefined;
  const frames = frameCount(dataset);
  const { length, offset } = pixelData;
  if (length === undefined) {
    const fragments = await indexed(file, pixelData, frames);
    const size = fragments.reduce((sum, each) => sum + each.length, 0);
    return { size, of: (frame) => checked(fragments[frame] ?? [], frame, frames) };
  }
  const { bytes, isPlain } = nativeLayout(file, { ...pixelData, length }, frames);
  const placed = (frame: number) => (frame < frames ? [{ offset: offset + frame * bytes, length: bytes }] : []);
  return isPlain ? { size: 1, of: (frame) => checked(placed(frame), frame, frames) } : undefined;
}

const notFound = (frame: number, frames: number): AppError =>
  new AppError('FRAME_NOT_FOUND', `frame ${frame + 1} of ${frames}`, { frame: frame + 1, frames });

function indexed(file: ImageFile, place: PixelDataPlace, frames: number) {
  const known = FRAMES.get(file);
  if (known) return known;
  const found = framesOf(file, place, frames);
  FRAMES.set(file, found);
  return found;
}

function checked(fragments: readonly Fragment[], frame: number, frames: number): readonly Fragment[] {
  if (!(frame >= 0 && frame < frames)) throw notFound(frame, frames);
  const bytes = fragments.reduce((sum, { length }) => sum + length, 0);
  if (bytes === 0) throw new AppError('DATASET_UNREADABLE', 'the frame is empty');
  if (bytes > MAX_FRAME_BYTES) throw new AppError('DATASET_TOO_LARGE', `a compressed frame of ${bytes} bytes`);
  return fragments;
}

async function joined(file: ImageFile, fragments: readonly Fragment[]): Promise<Uint8Array> {
  const bytes = checked(fragments, 0, 1).reduce((sum, { length }) => sum + length, 0);
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

type NativePlace = PixelDataPlace & { readonly length: number };

/** Pixel Data must be as long as its frames together, but for one byte of padding (PS3.5 §8.1.1). */
function nativeLayout(file: ImageFile, place: NativePlace, frames: number) {
  const info = pixelInfo(file.dataset, file.meta.TransferSyntaxUID);
  const bytes = frameBytes(info);
  const needed = Math.ceil(bytes * frames);
  if (place.length < needed || place.length > needed + 1) {
    throw new AppError('DATASET_UNREADABLE', `Pixel Data holds ${place.length} bytes, its frames are ${needed}`);
  }
  const { bitsAllocated, transferSyntaxUID } = info;
  const isWords = place.vr === 'OW' && bitsAllocated === 8 && transferSyntaxUID === TRANSFER_SYNTAX.explicitBig;
  return { bytes, isWords, isPlain: !isWords && Number.isInteger(bytes) };
}

async function native(file: ImageFile, place: NativePlace, frame: number, frames: number): Promise<Uint8Array> {
  const { bytes, isWords, isPlain } = nativeLayout(file, place, frames);
  const start = frame * bytes;
  if (isPlain) return file.read(place.offset + start, bytes);
  return isWords ? singleBytes(file, place, start, bytes) : bitsFrom(file, place, start * 8, bytes * 8);
}

/** Frames of single bits follow each other without padding (PS3.5 §8.1.1): moved to begin at a byte, zeros behind. */
async function bitsFrom(file: ImageFile, place: PixelDataPlace, start: number, count: number): Promise<Uint8Array> {
  const [from, to] = [Math.floor(start / 8), Math.ceil((start + count) / 8)];
  const packed = await file.read(place.offset + from, to - from);
  const shift = start % 8;
  const frame = Uint8Array.from({ length: Math.ceil(count / 8) }, (_, at) => {
    const word = (packed[at] ?? 0) + (packed[at + 1] ?? 0) * 256;
    return (word >> shift) & 0xff;
  });
  const last = frame.length - 1;
  if (count % 8 > 0) frame[last] = (frame[last] ?? 0) & (2 ** (count % 8) - 1);
  return frame;
}

/** Samples of one byte travel as pairs in big endian words (PS3.5 §8.1.1): put back in order. */
async function singleBytes(file: ImageFile, place: NativePlace, start: number, bytes: number): Promise<Uint8Array> {
  const [from, to] = [start & ~1, Math.min((start + bytes + 1) & ~1, place.length & ~1)];
  const words = Buffer.from(await file.read(place.offset + from, to - from));
  return words.swap16().subarray(start - from, start - from + bytes);
}
