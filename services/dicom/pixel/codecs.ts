import { AppError } from '../../domain/errors.ts';
import { isEncapsulated, TRANSFER_SYNTAX, transferSyntaxName } from '../dataset/transfer-syntax.ts';
import { arrangedAs, toRgb } from './colour.ts';
import type { DecodedFrame } from './decoded-frame.ts';
import { inflateFrame } from './deflated-frame.ts';
import { decodeJpeg } from './jpeg.ts';
import { decodeJpeg2000 } from './jpeg-2000.ts';
import { decodeJpegLs } from './jpeg-ls.ts';
import { decodeJpegXl } from './jpeg-xl.ts';
import { type PixelArray, pixelArray } from './pixel-array.ts';
import { frameBytes, MAX_FRAME_BYTES, type PixelInfo } from './pixel-info.ts';
import { decodeRle } from './rle.ts';

export type { PixelArray } from './pixel-array.ts';
export type { PixelInfo } from './pixel-info.ts';

/** Turns the bytes of a frame into little endian samples, bits above High Bit included. */
type Codec = (frame: Uint8Array, info: PixelInfo) => DecodedFrame | Promise<DecodedFrame>;

/** Samples as they are stored: no codestream changes their layout. */
const stored =
  (decode: (frame: Uint8Array, info: PixelInfo) => Uint8Array): Codec =>
  (frame, info) => ({ bytes: decode(frame, info), layout: info });

/** Codestreams have no High Bit: what they hold is right-aligned. */
const jpegLs: Codec = async (frame, info) => ({
  bytes: await decodeJpegLs(frame, info),
  layout: { ...info, highBit: info.bitsStored - 1 },
});

/** One function per transfer syntax; what is not here is not decoded by this version. */
const CODECS: ReadonlyMap<string, Codec> = new Map<string, Codec>([
  [TRANSFER_SYNTAX.implicitLittle, stored(copied)],
  [TRANSFER_SYNTAX.explicitLittle, stored(copied)],
  [TRANSFER_SYNTAX.deflatedLittle, stored(copied)],
  [TRANSFER_SYNTAX.encapsulatedUncompressed, stored(copied)],
  [TRANSFER_SYNTAX.explicitBig, stored(swapped)],
  [TRANSFER_SYNTAX.rle, stored(decodeRle)],
  [TRANSFER_SYNTAX.deflatedFrame, stored(inflateFrame)],
  [TRANSFER_SYNTAX.jpegBaseline, decodeJpeg],
  [TRANSFER_SYNTAX.jpegExtended, decodeJpeg],
  [TRANSFER_SYNTAX.jpegSpectral, decodeJpeg],
  [TRANSFER_SYNTAX.jpegProgressive, decodeJpeg],
  [TRANSFER_SYNTAX.jpegLossless, decodeJpeg],
  [TRANSFER_SYNTAX.jpegLosslessFirstOrder, decodeJpeg],
  [TRANSFER_SYNTAX.jpegLsLossless, jpegLs],
  [TRANSFER_SYNTAX.jpegLsNearLossless, jpegLs],
  [TRANSFER_SYNTAX.jpeg2000Lossless, decodeJpeg2000],
  [TRANSFER_SYNTAX.jpeg2000, decodeJpeg2000],
  [TRANSFER_SYNTAX.htj2kLossless, decodeJpeg2000],
  [TRANSFER_SYNTAX.htj2kLosslessRpcl, decodeJpeg2000],
  [TRANSFER_SYNTAX.htj2k, decodeJpeg2000],
  [TRANSFER_SYNTAX.jpegXlLossless, decodeJpegXl],
  [TRANSFER_SYNTAX.jpegXlRecompression, decodeJpegXl],
  [TRANSFER_SYNTAX.jpegXl, decodeJpegXl],
]);

export function isDecodable(uid: string): boolean {
  return CODECS.has(uid);
}

/**
 * Decodes one frame as `readFrame` answers it. The answer has exactly rows x columns x samples values, arranged as Planar
 * Configuration says, colours of YBR_* as RGB: a frame that has not is an error, never filled up and never another
 * image's pixels.
 *
 * @throws {AppError} NOT_ANALYSABLE with `uid` for a transfer syntax without a decoder, and for samples of 64 bits;
 *   DATASET_UNREADABLE when the frame is damaged; DATASET_TOO_LARGE.
 */
export async function decodeFrame(frame: Uint8Array, info: PixelInfo): Promise<PixelArray> {
  const decoded = toRgb(await decodeSamples(frame, info));
  return pixelArray(arrangedAs(info, decoded), decoded.layout);
}

/** The same with the colours that the codestream holds, in its own arrangement: what `layout` says. */
export async function decodeSamples(frame: Uint8Array, info: PixelInfo): Promise<DecodedFrame> {
  const uid = info.transferSyntaxUID;
  const codec = CODECS.get(uid);
  if (!codec || info.bitsAllocated > 32) {
    const what = codec ? `samples of ${info.bitsAllocated} bits` : `transfer syntax ${transferSyntaxName(uid)}`;
    throw new AppError('NOT_ANALYSABLE', `${what} (${uid}) is not decoded by this version`, { uid });
  }
  const needed = Math.ceil(frameBytes(info));
  if (needed > MAX_FRAME_BYTES) throw new AppError('DATASET_TOO_LARGE', `a frame of ${needed} bytes`);
  const { bytes, layout } = await codec(frame, info);
  const padding = isEncapsulated(uid) && bytes.length === needed + 1 ? 1 : 0;
  if (bytes.length !== needed + padding) {
    throw new AppError('DATASET_UNREADABLE', `the frame holds ${bytes.length} bytes, ${needed} are needed`);
  }
  return { bytes: bytes.subarray(0, needed), layout };
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
