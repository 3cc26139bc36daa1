import { AppError } from '../../domain/errors.ts';
import { damaged } from './damaged.ts';
import { frameBytes, type PixelInfo } from './pixel-info.ts';

/**
 * Inflates a frame (RFC 1951; PS3.5 §8.2.16), never to more than its pixels and a byte of padding. A fragment of odd
 * length has a zero behind it (§A.4).
 *
 * @throws {AppError} DATASET_UNREADABLE when the stream is cut or damaged, or holds more.
 */
export async function inflateFrame(frame: Uint8Array, info: PixelInfo): Promise<Uint8Array> {
  const most = Math.ceil(frameBytes(info)) + 1;
  const inflated = await inflate(frame, most);
  if (inflated) return inflated;
  const unpadded = frame.at(-1) === 0 ? await inflate(frame.subarray(0, -1), most) : undefined;
  if (!unpadded) throw damaged('the deflated frame is cut or damaged');
  return unpadded;
}

/** `undefined` when `bytes` are anything but one whole deflate stream. */
async function inflate(bytes: Uint8Array, most: number): Promise<Uint8Array | undefined> {
  const stream = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const reader = stream.getReader();
  const out = new Uint8Array(most);
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return out.subarray(0, length);
      if (length + value.length > most) throw damaged(`the deflated frame holds more than ${most} bytes`);
      out.set(value, length);
      length += value.length;
    }
  } catch (error) {
    await reader.cancel().catch(() => undefined);
    if (error instanceof AppError) throw error;
    return undefined;
  }
}
