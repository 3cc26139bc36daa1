import { AppError } from '../../domain/errors.ts';
import {
  elementHeader,
  encapsulatedHeader,
  implicitElementHeader,
  itemHeader,
  SEQUENCE_END,
} from '../dataset/element-bytes.ts';
import { swapped } from '../dataset/explicit-elements.ts';
import type { ImageFile, PixelDataPlace } from '../dataset/read-file.ts';
import { TAG } from '../dataset/tags.ts';
import { isEncapsulated, TRANSFER_SYNTAX } from '../dataset/transfer-syntax.ts';
import { pixelDataEnd } from './fragments.ts';
import { readFrame } from './frames.ts';
import { frameBytes, frameCount, type PixelInfo, pixelInfo } from './pixel-info.ts';
import { transcodeFrame } from './transcode-frame.ts';
import { transcodedHead, transcodedTail } from './transcoded-dataset.ts';

/** Some bytes of a Part 10 file in another transfer syntax. */
export interface InstancePiece {
  readonly bytes: readonly Uint8Array[];
  /** Where the next piece begins: a frame, or a byte of native pixels. `undefined` when this was the last. */
  readonly next: number | undefined;
  /** Of the whole file; `undefined` while it is not known, which it is not of compressed frames. */
  readonly totalBytes: number | undefined;
  /** What the file is in: the one asked for, or Explicit VR Little Endian of an object without pixels. */
  readonly TransferSyntaxUID: string;
  /** Photometric Interpretation of its frames, which must be the same in every piece. */
  readonly photometric: string;
}

/** A piece is as many frames, or native bytes, as make up this; at least one frame. */
const PIECE_BYTES = 4 * 2 ** 20;
const MAX_NATIVE_BYTES = 0xfffffffe;

/**
 * A stored instance as a Part 10 file in `target` (Implicit VR Little Endian or one of INSTANCE_TARGETS), a piece at a time, from `from` (0 at first).
 * Pixel Data is replaced, and of the data set only what speaks of its coding; every other element keeps its value. Where
 * the data set came as Explicit VR Little Endian, it keeps its bytes.
 *
 * @throws {AppError} NOT_ACCEPTABLE when that syntax cannot hold this object whole; DATASET_UNREADABLE; DATASET_TOO_LARGE.
 */
export async function transcodedPiece(file: ImageFile, target: string, from: number): Promise<InstancePiece> {
  const { pixelData } = file;
  if (pixelData === undefined) return withoutPixels(file, target);
  if (!isEncapsulated(target) && pixelData.length !== undefined)
    return nativePiece(file, { ...pixelData, length: pixelData.length }, target, from);
  if (pixelData.tag !== TAG.PixelData) throw new AppError('NOT_ACCEPTABLE', 'floating point pixels are not encoded');
  return framesPiece(file, pixelData, target, from);
}

/** A report, a presentation state: there is nothing to be compressed. */
function withoutPixels(file: ImageFile, target: string): Promise<InstancePiece> {
  const isImplicit = target === TRANSFER_SYNTAX.implicitLittle;
  const TransferSyntaxUID = isImplicit ? target : TRANSFER_SYNTAX.explicitLittle;
  return piece([], {
    from: 0,
    next: undefined,
    before: async () => [await transcodedHead(file, TransferSyntaxUID)],
    after: async () => [await transcodedTail(file, file.head.end, TransferSyntaxUID)],
    middleBytes: 0,
    TransferSyntaxUID,
    photometric: '',
  });
}

/** From native to native: the bytes of Pixel Data stay what they are but for their order. */
async function nativePiece(
  file: ImageFile,
  { tag, vr, offset, length }: PixelDataPlace & { readonly length: number },
  TransferSyntaxUID: string,
  from: number,
): Promise<InstancePiece> {
  const count = Math.max(0, Math.min(PIECE_BYTES, length - from));
  const bytes = await file.read(offset + from, count);
  const middle = file.head.encoding.littleEndian ? bytes : swapped(bytes, pixelWidth(file, tag, vr));
  const padding = new Uint8Array(length % 2);
  return piece([middle], {
    from,
    next: from + count < length ? from + count : undefined,
    before: async () => [
      await transcodedHead(file, TransferSyntaxUID),
      nativeHeader(TransferSyntaxUID, tag, vr, length + padding.length),
    ],
    after: async () => [padding, await transcodedTail(file, offset + length, TransferSyntaxUID)],
    middleBytes: length,
    TransferSyntaxUID,
    photometric: file.dataset.string(TAG.PhotometricInterpretation),
  });
}

function nativeHeader(TransferSyntaxUID: string, tag: number, vr: string, length: number): Uint8Array {
  return TransferSyntaxUID === TRANSFER_SYNTAX.implicitLittle
    ? implicitElementHeader(tag, length)
    : elementHeader(tag, vr, length);
}

/** PS3.5 §7.3, §8.1.1: words of OW, and samples of four bytes as one. */
function pixelWidth({ dataset }: ImageFile, tag: number, vr: string): number {
  if (tag === TAG.DoubleFloatPixelData) return 8;
  if (tag === TAG.FloatPixelData || dataset.number(TAG.BitsAllocated) === 32) return 4;
  return vr === 'OB' ? 1 : 2;
}

async function framesPiece(
  file: ImageFile,
  place: PixelDataPlace,
  target: string,
  from: number,
): Promise<InstancePiece> {
  const info = pixelInfo(file.dataset, file.meta.TransferSyntaxUID);
  const frames = frameCount(file.dataset);
  const isNative = !isEncapsulated(target);
  const frameLength = Math.ceil(frameBytes(info));
  const nativeBytes = isNative ? nativeLength(info, frames) : 0;
  const { transcoded, layout, next } = await transcodedFrames(file, info, target, from, frames);
  return piece(isNative ? transcoded : transcoded.flatMap(fragment), {
    from,
    next,
    before: async () => [
      await transcodedHead(file, target, layout),
      isNative ? nativeHeader(target, TAG.PixelData, nativeVr(info), nativeBytes) : encapsulatedHeader(),
    ],
    after: async () => [
      isNative ? new Uint8Array(nativeBytes - frameLength * frames) : SEQUENCE_END,
      await transcodedTail(file, await pixelDataEnd(file, place), target),
    ],
    middleBytes: isNative ? frameLength * frames : undefined,
    TransferSyntaxUID: target,
    photometric: layout.photometric,
  });
}

/** Frames from `from` on, as many as make up a piece. */
async function transcodedFrames(file: ImageFile, info: PixelInfo, target: string, from: number, frames: number) {
  // The samples of all native syntaxes are the same but for their order.
  const coding = isEncapsulated(target) ? target : TRANSFER_SYNTAX.explicitLittle;
  const { bytes: first, layout } = await transcodeFrame(await readFrame(file, from), info, coding);
  const transcoded = [first];
  let [next, bytes] = [from + 1, first.length];
  for (; next < frames && bytes < PIECE_BYTES; next++) {
    const frame = await transcodeFrame(await readFrame(file, next), info, coding);
    if (frame.layout.photometric !== layout.photometric) {
      throw new AppError('NOT_ACCEPTABLE', 'its frames hold colours of different kinds');
    }
    transcoded.push(frame.bytes);
    bytes += frame.bytes.length;
  }
  return { transcoded, layout, next: next < frames ? next : undefined };
}

/** Padded to an even length. @throws {AppError} NOT_ACCEPTABLE when it is more than the element's length can say. */
function nativeLength(info: PixelInfo, frames: number): number {
  const bytes = frameBytes(info);
  // Frames of single bits would have to be joined bit by bit.
  if (!Number.isInteger(bytes) && frames > 1) throw new AppError('NOT_ACCEPTABLE', 'frames end within a byte');
  const length = Math.ceil(bytes) * frames;
  if (length > MAX_NATIVE_BYTES) throw new AppError('NOT_ACCEPTABLE', `${length} bytes are too much uncompressed`);
  return length + (length % 2);
}

const nativeVr = ({ bitsAllocated }: PixelInfo): string => (bitsAllocated > 8 ? 'OW' : 'OB');

function fragment(codestream: Uint8Array): readonly Uint8Array[] {
  const padding = new Uint8Array(codestream.length % 2);
  return [itemHeader(codestream.length + padding.length), codestream, padding];
}

interface Surroundings extends Omit<InstancePiece, 'bytes' | 'totalBytes'> {
  readonly from: number;
  /** What stands before the first piece and behind the last. */
  readonly before: () => Promise<readonly Uint8Array[]>;
  readonly after: () => Promise<readonly Uint8Array[]>;
  /** Of all pieces between, where that is known. */
  readonly middleBytes: number | undefined;
}

async function piece(middle: readonly Uint8Array[], around: Surroundings): Promise<InstancePiece> {
  const { from, next, before, after, middleBytes, TransferSyntaxUID, photometric } = around;
  const isTold = from === 0 && middleBytes !== undefined;
  const head = from === 0 ? await before() : [];
  const tail = next === undefined || isTold ? await after() : [];
  const totalBytes = isTold ? bytesIn(head) + middleBytes + bytesIn(tail) : undefined;
  return {
    bytes: [...head, ...middle, ...(next === undefined ? tail : [])],
    next,
    totalBytes,
    TransferSyntaxUID,
    photometric,
  };
}

const bytesIn = (parts: readonly Uint8Array[]): number => parts.reduce((sum, { length }) => sum + length, 0);
