import type { ImageFailure } from '../slice.ts';
import type { DecodeOrder, DecodeReply } from './decode-worker.ts';
import type { DrawnFrame } from './drawn-frame.ts';

export interface DecoderPool {
  /** The bytes are handed over. @throws {FrameFailure} */
  decode(order: Omit<DecodeOrder, 'id'>): Promise<DrawnFrame>;
}

/** Why a frame has no picture. */
export class FrameFailure extends Error {
  readonly failure: ImageFailure;
  constructor(failure: ImageFailure) {
    super(failure.detail);
    this.failure = failure;
  }
}

interface Job {
  readonly order: Omit<DecodeOrder, 'id'>;
  readonly resolve: (frame: DrawnFrame) => void;
  readonly reject: (error: FrameFailure) => void;
}

interface Work {
  readonly id: number;
  readonly job: Job;
  watchdog: ReturnType<typeof setTimeout>;
}

/** A worker and what it is doing; replaced when it falls silent. */
interface Seat {
  worker: Worker | undefined;
  busy: Work | undefined;
}

/** Compiling a codec on a busy machine takes a second or two; a damaged frame can spin for twenty. */
const SILENCE_MS = 8000;
/** As long as a frame may take over the network: the largest codec has 4 MB. */
const LOADING_MS = 60_000;

const startWorker = () => new Worker(new URL('./decode-worker.ts', import.meta.url), { type: 'module' });

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

  const replace = (seat: Seat, failure: ImageFailure) => {
    seat.worker?.terminate();
    seat.worker = undefined;
    finish(seat, (job) => job.reject(new FrameFailure(failure)));
  };

  const watch = (seat: Seat, isLoading: boolean) =>
    setTimeout(
      () =>
        replace(
          seat,
          isLoading
            ? { kind: 'unreachable', detail: `the decoder did not come within ${LOADING_MS / 1000} s` }
            : { kind: 'silent', detail: `the decoder did not answer for ${SILENCE_MS / 1000} s` },
        ),
      isLoading ? LOADING_MS : SILENCE_MS,
    );

  const heard = (seat: Seat, data: DecodeReply) => {
    const { busy } = seat;
    if (!busy || data.id !== busy.id) return;
    if ('isLoading' in data) {
      clearTimeout(busy.watchdog);
      busy.watchdog = watch(seat, data.isLoading);
      return;
    }
    finish(seat, (job) => ('frame' in data ? job.resolve(data.frame) : job.reject(new FrameFailure(data.failure))));
  };

  const start = (seat: Seat): Worker => {
    const worker = startWorker();
    worker.onmessage = ({ data }: MessageEvent<DecodeReply>) => heard(seat, data);
    worker.onerror = ({ message }) =>
      replace(seat, {
        // A script that could not be fetched has no message.
        kind: message ? 'damaged' : 'unreachable',
        detail: `the decoder failed: ${message ?? 'it could not be loaded'}`,
      });
    seat.worker = worker;
    return worker;
  };

  const assign = () => {
    for (const seat of seats) {
      if (seat.busy) continue;
      const job = waiting.shift();
      if (!job) return;
      const id = counter.next++;
      // A new worker is loaded first, from the server of the page.
      seat.busy = { id, job, watchdog: watch(seat, !seat.worker) };
      (seat.worker ?? start(seat)).postMessage({ id, ...job.order } satisfies DecodeOrder, [
        job.order.bytes.buffer as ArrayBuffer,
      ]);
    }
  };

  return {
    decode: (order) =>
      new Promise((resolve, reject) => {
        waiting.push({ order, resolve, reject });
        assign();
      }),
  };
}
