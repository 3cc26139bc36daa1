import { frameDecoder } from '../../services/dicom/pixel/frame-decoder.ts';
import type { FrameMeaning } from '../../services/dicom/pixel/picture.ts';
import type { PixelInfo } from '../../services/dicom/pixel/pixel-info.ts';
import type { ValueSpread } from '../series/value-scale.ts';
import type { FailureKind } from '../slice.ts';
import { browserHost, CodecUnreachable } from './browser-host.ts';
import { type DrawnFrame, drawnFrame } from './drawn-frame.ts';
import { failureKind } from './failure-kind.ts';

/** One frame for the worker; it answers every order exactly once. */
export interface DecodeOrder {
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly info: PixelInfo;
  readonly meaning: FrameMeaning;
  readonly spread: ValueSpread | undefined;
}

/** Loading a worker or a codec is not decoding: the pool waits longer for it. */
export type DecodeReply =
  | { readonly id: number; readonly isLoading: boolean }
  | { readonly id: number; readonly frame: DrawnFrame }
  | { readonly id: number; readonly failure: { readonly kind: FailureKind; readonly detail: string } };

const reply = (message: DecodeReply, transfer: Transferable[] = []) => postMessage(message, { transfer });
const current = { id: 0, loads: 0 };
const decode = frameDecoder(
  browserHost((isLoading) => {
    current.loads += isLoading ? 1 : -1;
    reply({ id: current.id, isLoading: current.loads > 0 });
  }),
);

addEventListener('message', async ({ data }: MessageEvent<DecodeOrder>) => {
  const { id, bytes, info, meaning, spread } = data;
  current.id = id;
  reply({ id, isLoading: false });
  try {
    const frame = drawnFrame(await decode(bytes, info), info, meaning, spread);
    reply({ id, frame }, [frame.values.buffer]);
  } catch (error) {
    const kind = failureKind(error, error instanceof CodecUnreachable ? 'unreachable' : 'damaged');
    reply({ id, failure: { kind, detail: error instanceof Error ? error.message : String(error) } });
  }
});
