import { inflateRawSync } from 'node:zlib';
import { damaged } from './damaged.ts';
import { frameBytes, type PixelInfo } from './pixel-info.ts';

/**
 * Inflates a frame (RFC 1951; PS3.5 §8.2.16), never to more than its pixels and a byte of padding.
 *
 * @throws {AppError} DATASET_UNREADABLE when the stream is cut or damaged, or holds more.
 */
export function inflateFrame(frame: Uint8Array, info: PixelInfo): Uint8Array {
  try {
    return inflateRawSync(frame, { maxOutputLength: Math.ceil(frameBytes(info)) + 1 });
  } catch (error) {
    throw damaged(`deflated frame: ${error instanceof Error ? error.message : 'damaged'}`);
  }
}
