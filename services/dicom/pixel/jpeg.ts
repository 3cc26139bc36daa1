import { AppError } from '../../domain/errors.ts';
import type { CodecHost } from './codec-host.ts';
import { damaged } from './damaged.ts';
import type { FrameCodec } from './decoded-frame.ts';
import { jpeg8Decoder } from './jpeg-8-bit.ts';
import { type JpegHeader, openJpeg } from './jpeg-frame.ts';
import { nativeJpegDecoder } from './jpeg-native.ts';
import type { PixelInfo } from './pixel-info.ts';
import { checkHeader, widened } from './samples.ts';

const LOSSLESS = 3;

/**
 * Decodes JPEG frames (ITU-T T.81, PS3.5 §8.2.1) of any process with Huffman codes: what the codestream says of itself
 * chooses the decoder, for writers mislabel them.
 * Throws {AppError} DATASET_UNREADABLE when the frame is cut, damaged or another image than the attributes describe.
 */
export function jpegCodec(host: CodecHost): FrameCodec {
  const [turbo, native] = [jpeg8Decoder(host), nativeJpegDecoder(host)];
  return async (frame, info) => {
    const { header, codestream } = openJpeg(frame);
    checkHeader('JPEG', header, info);
    // A signed sample must have its sign bit.
    if (info.signed && header.bits < info.bitsStored) {
      throw damaged(`JPEG frame of ${header.bits} bits, the attributes say ${info.bitsStored} with sign`);
    }
    checkPrecision(header, info);
    const isTurbo = header.process !== LOSSLESS && header.bits === 8;
    const samples = isTurbo ? await turbo(codestream, header, info) : await native(codestream, header);
    const isRgb = isTurbo && header.components === 3;
    const bits = Math.min(info.bitsStored, header.bits);
    const photometric = isRgb ? 'RGB' : info.photometric;
    return {
      bytes: widened(samples, header.bits, info.bitsAllocated),
      layout: { ...info, bitsStored: bits, highBit: bits - 1, planar: false, photometric },
    };
  };
}

/** The DCT is done in 8 bits or in 12; without loss in any. */
function checkPrecision({ process, bits }: JpegHeader, { transferSyntaxUID: uid }: PixelInfo): void {
  if (process === LOSSLESS || bits === 8 || bits === 12) return;
  throw new AppError('NOT_ANALYSABLE', `JPEG of ${bits} bits is not decoded by this version`, { uid });
}
