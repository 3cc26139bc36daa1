import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { AppError } from '../domain/errors.ts';
import { refusal } from './refusal.ts';
import type { SliceReply, SliceWork } from './slice-work.ts';

/** More threads than this wait for memory rather than work. */
const MAX_THREADS = 8;
/** A frame takes milliseconds. This is for decoders that never end: a damaged JPEG-LS frame has kept one busy for 20 s. */
const PATIENCE_MS = 30_000;
const HEAP_MB = 512;

interface Job {
  readonly work: SliceWork;
  /** How often a thread has fallen silent over it. */
  silences: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Seat {
  thread: Worker | undefined;
  job: Job | undefined;
  watchdog: NodeJS.Timeout | undefined;
}

/**
 * Threads that decode slices, each with codecs of its own; they start with the first work and stay. Files and pixels are a
 * stranger's, so this belongs into a process that may be killed, as all decoding does; a thread that falls silent is ended
 * and its frame tried once more, for a machine that was asleep looks the same.
 */
export class SliceThreads {
  readonly #seats: readonly Seat[];
  readonly #waiting: Job[] = [];
  readonly #patienceMs: number;

  constructor(size = Math.min(MAX_THREADS, availableParallelism()), patienceMs = PATIENCE_MS) {
    this.#seats = Array.from({ length: size }, () => ({ thread: undefined, job: undefined, watchdog: undefined }));
    this.#patienceMs = patienceMs;
  }

  get size(): number {
    return this.#seats.length;
  }

  /** @throws {AppError} that of the work; NOT_ANALYSABLE with the reason DAMAGED_IMAGE when its decoder does not end. */
  run(work: SliceWork): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ work, silences: 0, resolve, reject });
      this.#assign();
    });
  }

  async close(): Promise<void> {
    const gone = this.#seats.map(({ thread }) => thread?.terminate());
    for (const seat of this.#seats) clearTimeout(seat.watchdog);
    await Promise.all(gone);
  }

  #assign(): void {
    for (const seat of this.#seats) {
      if (seat.job) continue;
      const job = this.#waiting.shift();
      if (!job) return;
      seat.job = job;
      seat.watchdog = setTimeout(() => this.#silent(seat), this.#patienceMs);
      seat.thread ??= this.#start(seat);
      seat.thread.postMessage(job.work);
    }
  }

  #start(seat: Seat): Worker {
    const thread = new Worker(new URL('./slice-thread.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
    thread.on('message', (reply: SliceReply) => {
      if (seat.thread !== thread) return;
      if ('alive' in reply) seat.watchdog?.refresh();
      else this.#free(seat, (job) => settle(job, reply));
    });
    // It ran out of memory, or a codec took it down.
    thread.on('error', (error) => {
      if (seat.thread === thread) this.#lose(seat, (job) => job.reject(damaged(job.work, error.name)));
    });
    thread.unref();
    return thread;
  }

  #silent(seat: Seat): void {
    this.#lose(seat, (job) => {
      job.silences += 1;
      if (job.silences < 2) this.#waiting.unshift(job);
      else job.reject(damaged(job.work, `its decoder gave no answer for ${this.#patienceMs / 1000} s`));
    });
  }

  /** Its memory is not to be trusted any more: the next work gets a new thread. */
  #lose(seat: Seat, settleJob: (job: Job) => void): void {
    void seat.thread?.terminate();
    seat.thread = undefined;
    this.#free(seat, settleJob);
  }

  #free(seat: Seat, settleJob: (job: Job) => void): void {
    const { job } = seat;
    clearTimeout(seat.watchdog);
    seat.job = undefined;
    if (job) settleJob(job);
    this.#assign();
  }
}

function settle(job: Job, reply: Exclude<SliceReply, { alive: true }>): void {
  if ('done' in reply) job.resolve();
  else if ('refused' in reply)
    job.reject(new AppError(reply.refused.code, reply.refused.message, reply.refused.detail));
  else job.reject(new Error(`a slice thread failed: ${reply.broken}`));
}

function damaged(work: SliceWork, detail: string): AppError {
  const slice = work.kind === 'slice' ? work.task.name : work.input.SOPInstanceUID;
  return refusal('DAMAGED_IMAGE', { slice, detail });
}
