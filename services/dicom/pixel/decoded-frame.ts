import type { PixelInfo } from './pixel-info.ts';

/** The little endian samples of a frame, and what describes them now that the codec is undone. */
export interface DecodedFrame {
  readonly bytes: Uint8Array;
  readonly layout: PixelInfo;
}

/** Turns the bytes of a frame into little endian samples, bits above High Bit included. */
export type FrameCodec = (frame: Uint8Array, info: PixelInfo) => Promise<DecodedFrame>;
