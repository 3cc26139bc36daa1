import { AppError } from '../../domain/errors.ts';
import { isEncapsulated, TRANSFER_SYNTAX, transferSyntaxName } from '../dataset/transfer-syntax.ts';
import { decodeJpegLs } from './jpeg-ls.ts';
import { type PixelArray, pixelArray } from './pixel-array.ts';
import { frameBytes, MAX_FRAME_BYTES, type PixelInfo } from './pixel-info.ts';
import { decodeRle } from './rle.ts';

export type { PixelArray } from './pixel-array.ts';
export type { PixelInfo } from './pixel-info.ts';

/** Turns the bytes of a frame into little endian samples as they are stored, bits above High Bit included. */
type Codec = (frame: Uint8Array, info: PixelInfo) => Uint8Array | Promise<Uint8Array>;

const JPEG_LS: Codec = (frame, info) => decodeJpegLs(frame, info);

/** One function per transfer syntax; what is not here is not decoded by this version. */
const CODECS: ReadonlyMap<string, Codec> = new Map<string, Codec>([
  [TRANSFER_SYNTAX.implicitLittle, copied],
  [TRANSFER_SYNTAX.explicitLittle, copied],
  [TRANSFER_SYNTAX.deflatedLittle, copied],
  [TRANSFER_SYNTAX.encapsulatedUncompressed, copied],
  [TRANSFER_SYNTAX.explicitBig, swapped],
  [TRANSFER_SYNTAX.jpegLsLossless, JPEG_LS],
  [TRANSFER_SYNTAX.jpegLsNearLossless, JPEG_LS],
  [TRANSFER_SYNTAX.rle, decodeRle],
]);

export function isDecodable(uid: string): boolean {
  return CODECS.has(uid);
}

/**
 * Decodes one frame as `readFrame` answers it. The answer has exactly rows x columns x samples values: a frame that does
 * not is an error, never filled up and never another image's pixels.
 *
 * @throws {AppError} NOT_ANALYSABLE with `uid` for a transfer syntax without a decoder, and for samples of 64 bits;
 *   DATASET_UNREADABLE when the frame is damaged; DATASET_TOO_LARGE.
 */
export async function decodeFrame(frame: Uint8Array, info: PixelInfo): Promise<PixelArray> {
  const uid = info.transferSyntaxUID;
  const codec = CODECS.get(uid);
  if (!codec || info.bitsAllocated > 32) {
    const what = codec ? `samples of ${info.bitsAllocated} bits` : `transfer syntax ${transferSyntaxName(uid)}`;
    throw new AppError('NOT_ANALYSABLE', `${what} (${uid}) is not decoded by this version`, { uid });
  }
  const needed = Math.ceil(frameBytes(info));
  if (needed > MAX_FRAME_BYTES) throw new AppError('DATASET_TOO_LARGE', `a frame of ${needed} bytes`);
  const bytes = await codec(frame, info);
  const padding = isEncapsulated(uid) && bytes.length === needed + 1 ? 1 : 0;
  if (bytes.length !== needed + padding) {
    throw new AppError('DATASET_UNREADABLE', `the frame holds ${bytes.length} bytes, ${needed} are needed`);
  }
  return pixelArray(bytes.subarray(0, needed), storedBits(info));
}

/** Codestreams have no High Bit: what they hold is right-aligned. RLE is no codestream but stored bytes, packed. */
function storedBits(info: PixelInfo): PixelInfo {
  const { transferSyntaxUID: uid, bitsStored } = info;
  const isCodestream = uid === TRANSFER_SYNTAX.jpegLsLossless || uid === TRANSFER_SYNTAX.jpegLsNearLossless;
  return isCodestream ? { ...info, highBit: bitsStored - 1 } : info;
}

/** A copy, for the samples are changed in place. */
function copied(frame: Uint8Array): Uint8Array {
  return new Uint8Array(frame);
}

/** Big endian samples to little endian (PS3.5 §A.3). */
function swapped(frame: Uint8Array, { bitsAllocated }: PixelInfo): Uint8Array {
  const out = Buffer.from(frame);
  if (bitsAllocated === 32) return out.swap32();
  if (bitsAllocated === 16) return out.swap16();
  return out;
}
