import type { Context } from '../domain/context.ts';
import type { JobQueue, WaitingJob } from '../domain/job.ts';
import type { DeliveryStore, RunStore } from '../domain/ports.ts';
import { QUEUE_PLACE } from '../domain/priority.ts';

export interface ReconcilePorts
  extends Pick<RunStore, 'unfinishedRuns' | 'renewRun'>,
    Pick<DeliveryStore, 'dueDeliveries' | 'renewDelivery'> {
  readonly analyses: JobQueue;
  readonly deliveries: JobQueue;
}

/**
 * Makes the queue agree with the tables: every run that has not ended and every delivery that is due has a live job.
 * Wiping the queue therefore loses nothing. A run whose study has become more or less urgent moves to its new place.
 * Safe to run at any time and in several processes. `places`: what the same process found before, so that a queue with much
 * work is not asked about the place of each job every time.
 */
export async function reconcile({ log }: Context, ports: ReconcilePorts, places: Places = new Map()): Promise<void> {
  const runs = await ports.unfinishedRuns();
  for (const run of runs) {
    const place = QUEUE_PLACE[run.priority];
    if (await revive(ports.analyses, run, () => ports.renewRun(run.id), place))
      log.warn('run.requeued', { runId: run.id });
    else if (run.state === 'WAITING' && places.get(run.id) !== place) await ports.analyses.move(run, place);
    // A job that runs keeps its old place, and comes back to it when it is tried again.
    if (run.state === 'WAITING') places.set(run.id, place);
    else places.delete(run.id);
  }
  const unfinished = new Set(runs.map(({ id }) => id));
  for (const id of places.keys()) if (!unfinished.has(id)) places.delete(id);
  for (const delivery of await ports.dueDeliveries())
    await revive(ports.deliveries, delivery, () => ports.renewDelivery(delivery.id));
}

/** Place in the queue, by run. */
export type Places = Map<string, number>;

/** An absent job is added under its own id; an ended one blocks that id, so the next generation is taken. */
async function revive(
  queue: JobQueue,
  job: WaitingJob,
  renew: () => Promise<WaitingJob | undefined>,
  place?: number,
): Promise<boolean> {
  const state = await queue.stateOf(job);
  if (state === 'live') return false;
  const next = state === 'ended' ? await renew() : job;
  if (next === undefined) return false;
  await queue.enqueue({ id: next.id, generation: next.generation }, place);
  return true;
}
