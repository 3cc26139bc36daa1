import charlsUrl from '@cornerstonejs/codec-charls/decodewasm?url';
import charlsFactory from '@cornerstonejs/codec-charls/decodewasmjs';
import type { PixelAttributes } from '../series/image-series.ts';
import type { CharLs } from './charls.ts';
import { type DecodedFrame, decodeFrame } from './decode-frame.ts';

/** One frame for the worker; it answers every order exactly once. */
export interface DecodeOrder {
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly transferSyntaxUID: string;
  readonly pixels: PixelAttributes;
}

export type DecodeReply =
  | { readonly id: number; readonly frame: DecodedFrame }
  | { readonly id: number; readonly error: string };

/** Compiled once; decoders are made per frame. */
const codec: { charls: Promise<CharLs> | undefined } = { charls: undefined };
const loadCharLs = (): Promise<CharLs> => {
  const charls = codec.charls ?? charlsFactory({ locateFile: () => charlsUrl });
  codec.charls = charls;
  return charls;
};

addEventListener('message', async ({ data }: MessageEvent<DecodeOrder>) => {
  const { id, bytes, transferSyntaxUID, pixels } = data;
  try {
    const frame = await decodeFrame(bytes, transferSyntaxUID, pixels, loadCharLs);
    postMessage({ id, frame } satisfies DecodeReply, { transfer: [frame.values.buffer] });
  } catch (error) {
    postMessage({ id, error: error instanceof Error ? error.message : String(error) } satisfies DecodeReply);
  }
});
