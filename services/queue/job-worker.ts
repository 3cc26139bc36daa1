import { type Job, UnrecoverableError, Worker } from 'bullmq';
import type { Context } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';
import { WaitingJob } from '../domain/job.ts';
import type { QueueName } from './job-queue.ts';
import type { QueueBackend } from './queue-backend.ts';

/** What `main/` needs from a running worker; nothing of BullMQ shows. */
export interface RunningWorker {
  /** Takes no more jobs and resolves when those in hand have ended. */
  close(): Promise<void>;
}

type Step = (context: Context, id: string) => Promise<unknown>;

/**
 * A worker that was killed gives its job back after `lockDuration` and one look for stalled jobs. The steps hold no
 * event loop (analysis runs in a child), so the lock may be short.
 */
const LOCK_MS = 15_000;
const STALLED_CHECK_MS = 8_000;
/** BullMQ's default of 1 would turn two crashes of the worker into a lost study; our own crash count decides. */
const MAX_STALLED = 50;

/** Runs `step` for each job, `concurrency` at a time. */
export function startWorker<Connection>(
  context: Context,
  { factory, connection }: QueueBackend<Connection>,
  name: QueueName,
  concurrency: number,
  step: Step,
): RunningWorker {
  const options = {
    connection,
    concurrency,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_CHECK_MS,
    maxStalledCount: MAX_STALLED,
  };
  const worker = new Worker(name, processor(context, step), options, factory);
  // Without a listener a lost connection would be an uncaught exception; BullMQ reconnects by itself.
  worker.on('error', (error) => context.log.error('queue.error', error, { queue: name }));
  worker.on('stalled', (job) => context.log.warn('job.stalled', { queue: name, job }));
  // A lock that cannot be renewed belongs to somebody else soon: stop the work on it.
  worker.on('lockRenewalFailed', (jobs: string[]) => {
    for (const job of jobs) void worker.cancelJob(job);
  });
  return { close: () => worker.close() };
}

/** One job: parsed on the way in, projected to retry or no retry on the way out. */
function processor(context: Context, step: Step) {
  return async (job: Pick<Job<unknown>, 'id' | 'data' | 'attemptsMade'>, _token?: string, signal?: AbortSignal) => {
    const { id } = WaitingJob.parse(job.data);
    const log = context.log.child({ job: job.id ?? '', attempt: job.attemptsMade + 1 });
    const both = signal === undefined ? context.signal : AbortSignal.any([context.signal, signal]);
    try {
      await step({ ...context, log, signal: both }, id);
    } catch (error) {
      log.error('job.failed', error);
      if (error instanceof AppError && !error.retryable)
        throw new UnrecoverableError(`${error.code}: ${error.message}`);
      throw error;
    }
  };
}
