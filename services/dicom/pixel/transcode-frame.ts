import { AppError } from '../../domain/errors.ts';
import { isEncapsulated, TRANSFER_SYNTAX, transferSyntaxName } from '../dataset/transfer-syntax.ts';
import { decodeSamples } from './codecs.ts';
import { arrangedAs, toRgb } from './colour.ts';
import type { DecodedFrame } from './decoded-frame.ts';
import { encodeHtj2k } from './encode-htj2k.ts';
import { encodeJpeg8 } from './encode-jpeg-8-bit.ts';
import { encodeJpegLs } from './encode-jpeg-ls.ts';
import { type PixelArray, pixelArray } from './pixel-array.ts';
import type { PixelInfo } from './pixel-info.ts';
import type { Picture } from './wasm-encoder.ts';

interface Encoder {
  readonly encode: (picture: Picture) => Promise<Uint8Array>;
  /** Does the codestream know a sign? Where not, samples go as bit patterns. */
  readonly hasSign: boolean;
  readonly isLossy: boolean;
  /** Of colour; the library garbles three components of two bytes. */
  readonly maxColourBits: number;
}

const HTJ2K: Encoder = { encode: encodeHtj2k, hasSign: true, isLossy: false, maxColourBits: 8 };
const ENCODERS: ReadonlyMap<string, Encoder> = new Map<string, Encoder>([
  [TRANSFER_SYNTAX.htj2kLossless, HTJ2K],
  [TRANSFER_SYNTAX.htj2kLosslessRpcl, HTJ2K],
  [TRANSFER_SYNTAX.jpegLsLossless, { encode: encodeJpegLs, hasSign: false, isLossy: false, maxColourBits: 16 }],
  [TRANSFER_SYNTAX.jpegBaseline, { encode: encodeJpeg8, hasSign: false, isLossy: true, maxColourBits: 8 }],
]);

/** Transfer syntaxes that a frame can be brought into. */
export const FRAME_TARGETS: readonly string[] = [TRANSFER_SYNTAX.explicitLittle, ...ENCODERS.keys()];
/** The same for a whole instance: a lossy copy would be another object (PS3.3 §C.7.6.1.1.5). */
export const INSTANCE_TARGETS: readonly string[] = FRAME_TARGETS.filter((uid) => !ENCODERS.get(uid)?.isLossy);

/**
 * Brings a frame, as `readFrame` answers it, from its transfer syntax into `target`, one of {@link FRAME_TARGETS}. All but
 * JPEG baseline keep every sample, which is proven by decoding what was encoded; colours stay what they are unless the stored codestream itself hid them (JPEG, JPEG
 * 2000): then they are RGB. `layout` is what the attributes must say of the result.
 *
 * @throws {AppError} NOT_ACCEPTABLE when the syntax cannot hold this image or the stored one is not decoded;
 *   DATASET_UNREADABLE when the frame is damaged; DATASET_TOO_LARGE.
 */
export async function transcodeFrame(frame: Uint8Array, info: PixelInfo, target: string): Promise<DecodedFrame> {
  const decoded = await decodeSamples(frame, info).catch(notDecoded);
  const encoder = ENCODERS.get(target);
  if (encoder !== undefined) return encoded(decoded, info, target, encoder);
  if (target !== TRANSFER_SYNTAX.explicitLittle)
    throw notAcceptable(`there is no way to ${transferSyntaxName(target)}`);
  // Samples that no codestream held are not touched, not even the bits that belong to none.
  return decoded.layout === info ? decoded : native(decoded, info);
}

function native(decoded: DecodedFrame, info: PixelInfo): DecodedFrame {
  const { photometric } = decoded.layout;
  const samples = inBounds(pixelArray(arrangedAs(info, decoded), decoded.layout), info);
  return { bytes: bytesOf(samples), layout: { ...info, photometric, highBit: info.bitsStored - 1 } };
}

async function encoded(
  decoded: DecodedFrame,
  info: PixelInfo,
  target: string,
  encoder: Encoder,
): Promise<DecodedFrame> {
  checkEncodable(info, encoder);
  if (decoded.layout === info) checkUnusedBits(decoded, info);
  const shown = encoder.isLossy ? toRgb(decoded) : decoded;
  const layout = { ...info, photometric: shown.layout.photometric, planar: false, highBit: info.bitsStored - 1 };
  const samples = inBounds(pixelArray(arrangedAs(layout, shown), shown.layout), info);
  const bits = codestreamBits(info);
  const signed = info.signed && encoder.hasSign;
  const bytes = await encoder.encode({
    samples: bytesOf(info.signed && !signed ? withoutSign(samples, bits) : samples),
    columns: info.columns,
    rows: info.rows,
    components: info.samplesPerPixel,
    bits,
    signed,
  });
  if (!encoder.isLossy) await checkKept(bytes, { ...layout, transferSyntaxUID: target }, samples);
  return { bytes, layout };
}

/** @throws {AppError} NOT_ACCEPTABLE when the codestream holds other samples: codecs have bugs, and these are patients. */
async function checkKept(codestream: Uint8Array, layout: PixelInfo, samples: PixelArray): Promise<void> {
  const decoded = await decodeSamples(codestream, layout);
  const kept = pixelArray(arrangedAs(layout, decoded), decoded.layout);
  if (Buffer.compare(bytesOf(kept), bytesOf(samples)) !== 0)
    throw notAcceptable('the encoder does not keep this image');
}

/** The bounds of the encoders. */
function checkEncodable(info: PixelInfo, { isLossy, maxColourBits }: Encoder): void {
  const { bitsAllocated, samplesPerPixel, photometric, transferSyntaxUID } = info;
  if (bitsAllocated !== 8 && bitsAllocated !== 16)
    throw notAcceptable(`samples of ${bitsAllocated} bits are not encoded`);
  if (info.bitsStored < 2) throw notAcceptable('samples of a single bit are not encoded');
  if (samplesPerPixel !== 1 && samplesPerPixel !== 3) throw notAcceptable(`${samplesPerPixel} samples are not encoded`);
  if (samplesPerPixel === 3 && bitsAllocated > maxColourBits)
    throw notAcceptable('colours of 16 bits are not encoded so');
  if (photometric === 'YBR_FULL_422' && !isEncapsulated(transferSyntaxUID)) {
    throw notAcceptable('pairs of pixels with one colour (YBR_FULL_422) are not encoded');
  }
  if (!isLossy) return;
  if (bitsAllocated !== 8 || info.signed) throw notAcceptable('JPEG baseline has 8 bits without a sign');
  if (photometric === 'PALETTE COLOR') throw notAcceptable('the indices of a palette bear no loss');
}

/** Old overlays live in the bits above or below a sample: a codestream has no place for them. */
function checkUnusedBits({ bytes }: DecodedFrame, info: PixelInfo): void {
  const { bitsAllocated, bitsStored, highBit, signed } = info;
  if (highBit !== bitsStored - 1) throw notAcceptable(`samples below High Bit ${highBit} are not encoded`);
  if (bitsAllocated === bitsStored) return;
  const raw = pixelArray(Uint8Array.from(bytes), {
    ...info,
    bitsStored: bitsAllocated,
    highBit: bitsAllocated - 1,
    signed: false,
  });
  const top = 2 ** bitsAllocated - 2 ** bitsStored;
  const sign = 2 ** (bitsStored - 1);
  const isIdle = (sample: number) =>
    (sample & top) === 0 || (signed && (sample & sign) !== 0 && (sample & top) === top);
  if (!raw.every(isIdle)) throw notAcceptable('the bits above High Bit are in use');
}

/** One byte or two as allocated: a codestream of up to 8 bits has one. */
function codestreamBits({ bitsAllocated, bitsStored }: PixelInfo): number {
  return bitsStored > 8 === bitsAllocated > 8 ? bitsStored : bitsAllocated;
}

function inBounds(samples: PixelArray, { bitsStored, signed }: PixelInfo): PixelArray {
  const [low, high] = signed ? [-(2 ** (bitsStored - 1)), 2 ** (bitsStored - 1) - 1] : [0, 2 ** bitsStored - 1];
  for (const sample of samples) {
    if (sample < low || sample > high) throw notAcceptable('samples do not fit into Bits Stored');
  }
  return samples;
}

function withoutSign(samples: PixelArray, bits: number): PixelArray {
  const mask = 2 ** bits - 1;
  return samples instanceof Int8Array
    ? Uint8Array.from(samples, (sample) => sample & mask)
    : Uint16Array.from(samples, (sample) => sample & mask);
}

const bytesOf = (samples: PixelArray): Uint8Array =>
  new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);

const notAcceptable = (why: string): AppError => new AppError('NOT_ACCEPTABLE', why);

function notDecoded(error: unknown): never {
  if (error instanceof AppError && error.code === 'NOT_ANALYSABLE') throw notAcceptable(error.message);
  throw error;
}
