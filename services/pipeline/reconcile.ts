import type { Context } from '../domain/context.ts';
import type { JobQueue, WaitingJob } from '../domain/job.ts';
import type { DeliveryStore, RunStore } from '../domain/ports.ts';

export interface ReconcilePorts
  extends Pick<RunStore, 'unfinishedRuns' | 'renewRun'>,
    Pick<DeliveryStore, 'dueDeliveries' | 'renewDelivery'> {
  readonly analyses: JobQueue;
  readonly deliveries: JobQueue;
}

/**
 * Makes the queue agree with the tables: every run that has not ended and every delivery that is due has a live job.
 * Wiping the queue therefore loses nothing. Safe to run at any time and in several processes.
 */
export async function reconcile({ log }: Context, ports: ReconcilePorts): Promise<void> {
  for (const run of await ports.unfinishedRuns())
    if (await revive(ports.analyses, run, () => ports.renewRun(run.id))) log.warn('run.requeued', { runId: run.id });
  for (const delivery of await ports.dueDeliveries())
    await revive(ports.deliveries, delivery, () => ports.renewDelivery(delivery.id));
}

/** An absent job is added under its own id; an ended one blocks that id, so the next generation is taken. */
async function revive(
  queue: JobQueue,
  job: WaitingJob,
  renew: () => Promise<WaitingJob | undefined>,
): Promise<boolean> {
  const state = await queue.stateOf(job);
  if (state === 'live') return false;
  const next = state === 'ended' ? await renew() : job;
  if (next === undefined) return false;
  await queue.enqueue({ id: next.id, generation: next.generation });
  return true;
}
