import type { JobQueue, JobState, WaitingJob } from '../../services/domain/job.ts';

/** A queue in memory: what was added, and the states a test gives its jobs. */
export function fakeQueue(
  states: Readonly<Record<string, JobState>> = {},
): JobQueue & { readonly added: WaitingJob[]; readonly moved: [id: string, priority: number][] } {
  const added: WaitingJob[] = [];
  const moved: [string, number][] = [];
  return {
    added,
    moved,
    move: async ({ id }, priority) => void moved.push([id, priority]),
    enqueue: async (job) => void added.push(job),
    stateOf: async ({ id, generation }) => states[`${id}-${generation}`] ?? 'absent',
  };
}
