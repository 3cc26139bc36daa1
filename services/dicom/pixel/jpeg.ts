import { AppError } from '../../domain/errors.ts';
import { damaged } from './damaged.ts';
import type { DecodedFrame } from './decoded-frame.ts';
import { decodeJpeg8 } from './jpeg-8-bit.ts';
import { type JpegHeader, openJpeg } from './jpeg-frame.ts';
import { decodeJpegNative } from './jpeg-native.ts';
import type { PixelInfo } from './pixel-info.ts';
import { checkHeader, widened } from './samples.ts';

const LOSSLESS = 3;

/**
 * Decodes a JPEG frame (ITU-T T.81, PS3.5 §8.2.1) of any process with Huffman codes: what the codestream says of itself
 * chooses the decoder, for writers mislabel them.
 *
 * @throws {AppError} DATASET_UNREADABLE when the frame is cut, damaged or another image than the attributes describe.
 */
export async function decodeJpeg(frame: Uint8Array, info: PixelInfo): Promise<DecodedFrame> {
  const { header, codestream } = openJpeg(frame);
  checkHeader('JPEG', header, info);
  // A signed sample must have its sign bit.
  if (info.signed && header.bits < info.bitsStored) {
    throw damaged(`JPEG frame of ${header.bits} bits, the attributes say ${info.bitsStored} with sign`);
  }
  const isTurbo = header.process !== LOSSLESS && header.bits === 8;
  const samples = isTurbo ? await decodeJpeg8(codestream, header, info) : await decodeWide(codestream, header, info);
  const isRgb = isTurbo && header.components === 3;
  const bits = Math.min(info.bitsStored, header.bits);
  return {
    bytes: widened(samples, header.bits, info.bitsAllocated),
    layout: {
      ...info,
      bitsStored: bits,
      highBit: bits - 1,
      planar: false,
      photometric: isRgb ? 'RGB' : info.photometric,
    },
  };
}

async function decodeWide(codestream: Uint8Array, header: JpegHeader, info: PixelInfo): Promise<Uint8Array> {
  if (header.process !== LOSSLESS && header.bits !== 12) {
    throw new AppError('NOT_ANALYSABLE', `JPEG of ${header.bits} bits is not decoded by this version`, {
      uid: info.transferSyntaxUID,
    });
  }
  return decodeJpegNative(codestream, header);
}
