import { z } from 'zod';

/**
 * What a queue job carries: our key and the generation it was queued under, nothing of the patient. The queue is
 * disposable: what the job means is read from the tables when it runs.
 */
export const WaitingJob = z.strictObject({ id: z.uuid(), generation: z.number().int().min(0) });
export type WaitingJob = z.infer<typeof WaitingJob>;

/** `live`: will run or runs; `ended`: kept after its end, so its id cannot be used again; `absent`: unknown. */
export type JobState = 'live' | 'ended' | 'absent';

/** What a step asks of a queue. */
export interface JobQueue {
  /** Adds the job unless one with its id is known. `priority` 1 (first) to 100; never 0, which would pass all others. */
  enqueue(job: WaitingJob, priority?: number): Promise<void>;
  stateOf(job: WaitingJob): Promise<JobState>;
  /** Moves a job that waits to another place; one that runs, has ended or is unknown is left alone. */
  move(job: WaitingJob, priority: number): Promise<void>;
}
