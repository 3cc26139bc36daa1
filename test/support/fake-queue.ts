import type { JobQueue, JobState, WaitingJob } from '../../services/domain/job.ts';

/** A queue in memory: what was added, and the states a test gives its jobs. */
export function fakeQueue(
  states: Readonly<Record<string, JobState>> = {},
): JobQueue & { readonly added: WaitingJob[] } {
  const added: WaitingJob[] = [];
  return {
    added,
    enqueue: async (job) => void added.push(job),
    stateOf: async ({ id, generation }) => states[`${id}-${generation}`] ?? 'absent',
  };
}
