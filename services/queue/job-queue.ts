import { Queue } from 'bullmq';
import type { Log } from '../domain/context.ts';
import type { JobQueue, JobState, WaitingJob } from '../domain/job.ts';
import type { QueueBackend } from './queue-backend.ts';

/** The work that waits: studies to analyse, results to send. */
export type QueueName = 'analysis' | 'delivery';

/** Routine work; urgent work gets a smaller number. */
const ROUTINE = 50;
/** States in which a job has a place: BullMQ names those with a priority apart on one backend. */
const WAITS: ReadonlySet<string> = new Set(['waiting', 'prioritized', 'delayed']);
const DAY_SECONDS = 86_400;

/** The generation is part of the id: a kept, ended job with the same id would swallow the add without a word. */
const jobId = ({ id, generation }: WaitingJob): string => `${id}-${generation}`;

export interface ClosableQueue extends JobQueue {
  close(): Promise<void>;
}

/** One named queue on a backend. Adding is idempotent by id. */
export function jobQueue<Connection>(
  { factory, connection }: QueueBackend<Connection>,
  name: QueueName,
  log: Log,
): ClosableQueue {
  const defaultJobOptions = {
    attempts: 8,
    backoff: { type: 'exponential', delay: 1000, jitter: 0.5 },
    removeOnComplete: { age: DAY_SECONDS, count: 5000 },
    removeOnFail: { age: 30 * DAY_SECONDS },
    sizeLimit: 4096,
  };
  const queue = new Queue(name, { connection, defaultJobOptions }, factory);
  queue.on('error', (error) => log.error('queue.error', error, { queue: name }));
  return {
    async enqueue(job, priority = ROUTINE) {
      await queue.add(name, job, { jobId: jobId(job), priority });
    },
    async stateOf(job): Promise<JobState> {
      const state = await queue.getJobState(jobId(job));
      if (state === 'unknown') return 'absent';
      return state === 'completed' || state === 'failed' ? 'ended' : 'live';
    },
    async move(job, priority) {
      const found = await queue.getJob(jobId(job));
      if (found === undefined || found.priority === priority) return;
      // It may have been taken, or have gone, meanwhile: then its place is of no interest any more.
      const waits = async () => WAITS.has(await found.getState());
      if (!(await waits())) return;
      await found.changePriority({ priority }).catch(async (error: unknown) => {
        if (await waits()) throw error;
      });
    },
    close: () => queue.close(),
  };
}
