import { AppError } from '../../domain/errors.ts';
import type { CodecHost } from './codec-host.ts';
import type { FrameCodec } from './decoded-frame.ts';
import { jpeg8Decoder } from './jpeg-8-bit.ts';
import { type JpegHeader, openJpeg } from './jpeg-frame.ts';
import { nativeJpegDecoder } from './jpeg-native.ts';
import type { PixelInfo } from './pixel-info.ts';
import { checkHeader, codestreamLayout, widened } from './samples.ts';

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
    checkPrecision(header, info);
    const isTurbo = header.process !== LOSSLESS && header.bits === 8;
    const samples = isTurbo ? await turbo(codestream, header, info) : await native(codestream, header);
    const isRgb = isTurbo && header.components === 3;
    const layout = codestreamLayout('JPEG', header.bits, info);
    return {
      bytes: widened(samples, header.bits, info.bitsAllocated),
      layout: { ...layout, photometric: isRgb ? 'RGB' : info.photometric },
    };
  };
}

/** The DCT is done in 8 bits or in 12; without loss in any. */
function checkPrecision({ process, bits }: JpegHeader, { transferSyntaxUID: uid }: PixelInfo): void {
  if (process === LOSSLESS || bits === 8 || bits === 12) return;
  throw new AppError('NOT_ANALYSABLE', `JPEG of ${bits} bits is not decoded by this version`, { uid });
}
