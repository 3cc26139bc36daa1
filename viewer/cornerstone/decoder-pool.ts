import type { PixelAttributes } from '../series/image-series.ts';
import type { DecodedFrame } from './decode-frame.ts';
import type { DecodeOrder, DecodeReply } from './decode-worker.ts';

export interface DecoderPool {
  decode(bytes: Uint8Array<ArrayBuffer>, transferSyntaxUID: string, pixels: PixelAttributes): Promise<DecodedFrame>;
}

interface Job {
  readonly order: Omit<DecodeOrder, 'id'>;
  readonly resolve: (frame: DecodedFrame) => void;
  readonly reject: (error: Error) => void;
}

/** A worker and what it is doing; replaced when it falls silent. */
interface Seat {
  worker: Worker | undefined;
  busy: { id: number; job: Job; watchdog: ReturnType<typeof setTimeout> } | undefined;
}

/** Loading and compiling a codec on a busy machine takes a second or two; a damaged frame can spin for twenty. */
const SILENCE_MS = 8000;

/** Decodes frames off the main thread; a worker that does not answer is ended and its frame fails. */
export function decoderPool(size: number): DecoderPool {
  const waiting: Job[] = [];
  const seats: Seat[] = Array.from({ length: size }, () => ({ worker: undefined, busy: undefined }));
  const counter = { next: 1 };

  const finish = (seat: Seat, settle: (job: Job) => void) => {
    const { busy } = seat;
    if (!busy) return;
    clearTimeout(busy.watchdog);
    seat.busy = undefined;
    settle(busy.job);
    assign();
  };

  const replace = (seat: Seat, reason: string) => {
    seat.worker?.terminate();
    seat.worker = undefined;
    finish(seat, (job) => job.reject(new Error(reason)));
  };

  const start = (seat: Seat): Worker => {
    const worker = new Worker(new URL('./decode-worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<DecodeReply>) => {
      if (data.id !== seat.busy?.id) return;
      finish(seat, (job) => ('frame' in data ? job.resolve(data.frame) : job.reject(new Error(data.error))));
    };
    worker.onerror = ({ message }) => replace(seat, `decoder failed: ${message}`);
    seat.worker = worker;
    return worker;
  };

  const assign = () => {
    for (const seat of seats) {
      if (seat.busy) continue;
      const job = waiting.shift();
      if (!job) return;
      const id = counter.next++;
      const watchdog = setTimeout(() => replace(seat, `decoder did not answer for ${SILENCE_MS / 1000} s`), SILENCE_MS);
      seat.busy = { id, job, watchdog };
      (seat.worker ?? start(seat)).postMessage({ id, ...job.order } satisfies DecodeOrder, [
        job.order.bytes.buffer as ArrayBuffer,
      ]);
    }
  };

  return {
    decode: (bytes, transferSyntaxUID, pixels) =>
      new Promise((resolve, reject) => {
        waiting.push({ order: { bytes, transferSyntaxUID, pixels }, resolve, reject });
        assign();
      }),
  };
}
