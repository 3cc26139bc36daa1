import { AppError } from '../../domain/errors.ts';
import { isEncapsulated, TRANSFER_SYNTAX, transferSyntaxName } from '../dataset/transfer-syntax.ts';
import type { CodecHost } from './codec-host.ts';
import { arrangedAs, toRgb } from './colour.ts';
import type { FrameCodec } from './decoded-frame.ts';
import { inflateFrame } from './deflated-frame.ts';
import { jpegCodec } from './jpeg.ts';
import { jpeg2000Codec } from './jpeg-2000.ts';
import { jpegLsCodec } from './jpeg-ls.ts';
import { jpegXlCodec } from './jpeg-xl.ts';
import { sampleMeaning } from './photometric.ts';
import { type PixelArray, pixelArray } from './pixel-array.ts';
import { frameBytes, MAX_FRAME_BYTES, type PixelInfo } from './pixel-info.ts';
import { decodeRle } from './rle.ts';

/** Samples as they are stored: no codestream changes their layout. */
const stored =
  (decode: (frame: Uint8Array, info: PixelInfo) => Uint8Array | Promise<Uint8Array>): FrameCodec =>
  async (frame, info) => ({ bytes: await decode(frame, info), layout: info });

/** The codecs, each with its libraries on a host. */
const CODECS = {
  stored: () => stored(copied),
  swapped: () => stored(swapped),
  rle: () => stored(decodeRle),
  deflated: () => stored(inflateFrame),
  jpeg: jpegCodec,
  jpegLs: jpegLsCodec,
  jpeg2000: jpeg2000Codec,
  jpegXl: jpegXlCodec,
} as const satisfies Readonly<Record<string, (host: CodecHost) => FrameCodec>>;

type CodecName = keyof typeof CODECS;

/** Codecs of codestreams hold whole numbers: floating point samples come as they are. */
const OF_FLOATS: readonly CodecName[] = ['stored', 'swapped', 'deflated'];

/** A frame of one grey may be any number of times smaller than its pixels; but nobody makes large ones. */
const LARGE_BYTES = 32 * 2 ** 20;
const MAX_RATIO = 10_000;

/** The codec of each transfer syntax; what is not here is not decoded by this version. */
const CODEC_OF: ReadonlyMap<string, CodecName> = new Map<string, CodecName>([
  [TRANSFER_SYNTAX.implicitLittle, 'stored'],
  [TRANSFER_SYNTAX.explicitLittle, 'stored'],
  [TRANSFER_SYNTAX.deflatedLittle, 'stored'],
  [TRANSFER_SYNTAX.encapsulatedUncompressed, 'stored'],
  [TRANSFER_SYNTAX.explicitBig, 'swapped'],
  [TRANSFER_SYNTAX.rle, 'rle'],
  [TRANSFER_SYNTAX.deflatedFrame, 'deflated'],
  [TRANSFER_SYNTAX.jpegBaseline, 'jpeg'],
  [TRANSFER_SYNTAX.jpegExtended, 'jpeg'],
  [TRANSFER_SYNTAX.jpegSpectral, 'jpeg'],
  [TRANSFER_SYNTAX.jpegProgressive, 'jpeg'],
  [TRANSFER_SYNTAX.jpegLossless, 'jpeg'],
  [TRANSFER_SYNTAX.jpegLosslessFirstOrder, 'jpeg'],
  [TRANSFER_SYNTAX.jpegLsLossless, 'jpegLs'],
  [TRANSFER_SYNTAX.jpegLsNearLossless, 'jpegLs'],
  [TRANSFER_SYNTAX.jpeg2000Lossless, 'jpeg2000'],
  [TRANSFER_SYNTAX.jpeg2000, 'jpeg2000'],
  [TRANSFER_SYNTAX.jpeg2000MultiLossless, 'jpeg2000'],
  [TRANSFER_SYNTAX.jpeg2000Multi, 'jpeg2000'],
  [TRANSFER_SYNTAX.htj2kLossless, 'jpeg2000'],
  [TRANSFER_SYNTAX.htj2kLosslessRpcl, 'jpeg2000'],
  [TRANSFER_SYNTAX.htj2k, 'jpeg2000'],
  [TRANSFER_SYNTAX.jpegXlLossless, 'jpegXl'],
  [TRANSFER_SYNTAX.jpegXlRecompression, 'jpegXl'],
  [TRANSFER_SYNTAX.jpegXl, 'jpegXl'],
]);

/** Has the transfer syntax a decoder? */
export function isDecodable(uid: string): boolean {
  return CODEC_OF.has(uid);
}

/** Decodes one frame. */
type FrameDecoder = (frame: Uint8Array, info: PixelInfo) => Promise<PixelArray>;

/**
 * Makes the decoder of frames as `readFrame` answers them. Its answer has exactly rows x columns x samples values, arranged
 * as Planar Configuration says, colours of YBR_* as RGB: a frame that has not is an error, never filled up and never
 * another image's pixels. Each library is loaded when the first frame needs it.
 *
 * The decoder throws {AppError} NOT_ANALYSABLE with `uid` for a transfer syntax without a decoder, for whole numbers
 * of 64 bits and for a Photometric Interpretation that is not decoded; DATASET_UNREADABLE when the frame is damaged; DATASET_TOO_LARGE.
 */
export function frameDecoder(host: CodecHost): FrameDecoder {
  const made = new Map<CodecName, FrameCodec>();
  const codecOf = (name: CodecName): FrameCodec => {
    const codec = made.get(name) ?? CODECS[name](host);
    made.set(name, codec);
    return codec;
  };
  return async (frame, info) => {
    const uid = info.transferSyntaxUID;
    const name = CODEC_OF.get(uid);
    if (!name || !holds(name, info)) {
      const what = name ? samplesOf(info) : `transfer syntax ${transferSyntaxName(uid)}`;
      throw new AppError('NOT_ANALYSABLE', `${what} (${uid}) is not decoded by this version`, { uid });
    }
    sampleMeaning(info.photometric, info.samplesPerPixel);
    const needed = Math.ceil(frameBytes(info));
    if (needed > MAX_FRAME_BYTES) throw new AppError('DATASET_TOO_LARGE', `a frame of ${needed} bytes`);
    if (needed > LARGE_BYTES && needed > frame.length * MAX_RATIO) {
      throw new AppError('DATASET_UNREADABLE', `${frame.length} bytes cannot hold a frame of ${needed}`);
    }
    const { bytes, layout } = await codecOf(name)(frame, info);
    const decoded = toRgb({ bytes: exactly(Math.ceil(frameBytes(layout)), bytes, isEncapsulated(uid)), layout });
    return pixelArray(arrangedAs(info, decoded), decoded.layout);
  };
}

function holds(name: CodecName, { bitsAllocated, sampleFormat }: PixelInfo): boolean {
  return sampleFormat ? OF_FLOATS.includes(name) : bitsAllocated <= 32;
}

const samplesOf = ({ bitsAllocated, sampleFormat }: PixelInfo): string =>
  sampleFormat ? `floating point in a codestream` : `samples of ${bitsAllocated} bits`;

/** The bytes a frame needs, no fewer and no more; a fragment may have one of padding behind them. */
function exactly(needed: number, bytes: Uint8Array, mayBePadded: boolean): Uint8Array {
  const padding = mayBePadded && bytes.length === needed + 1 ? 1 : 0;
  if (bytes.length === needed + padding) return bytes.subarray(0, needed);
  throw new AppError('DATASET_UNREADABLE', `the frame holds ${bytes.length} bytes, ${needed} are needed`);
}

/** A copy, for the samples are changed in place. */
function copied(frame: Uint8Array): Uint8Array {
  return new Uint8Array(frame);
}

/** Big endian samples to little endian (PS3.5 §A.3); a rest that fills no sample is left as it is. */
function swapped(frame: Uint8Array, { bitsAllocated }: PixelInfo): Uint8Array {
  const size = Math.max(1, bitsAllocated / 8);
  const whole = frame.length - (frame.length % size);
  const out = new Uint8Array(frame);
  for (let first = 0; first < whole; first += size) {
    for (let byte = 0; byte < size; byte++) out[first + byte] = frame[first + size - 1 - byte] as number;
  }
  return out;
}
