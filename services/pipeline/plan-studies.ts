import { createHash } from 'node:crypto';
import type { Context } from '../domain/context.ts';
import type { JobQueue, WaitingJob } from '../domain/job.ts';
import type { PlannedRun, PlanStore, StudyToPlan } from '../domain/ports.ts';
import type { Reason } from '../domain/reason.ts';

/** A model as planning sees it: which series of a study it wants, or why none. */
export interface PlanningModel {
  readonly id: string;
  readonly version: string;
  readonly hash: string;
  readonly threshold: number;
  suitableSeries(series: StudyToPlan['series']): { readonly series: readonly string[]; readonly reason?: Reason };
}

export interface PlanPorts extends PlanStore {
  readonly models: readonly PlanningModel[];
  readonly queue: JobQueue;
}

/**
 * Turns every quiet study with unseen images into runs, one per model.
 *
 * Safe to run twice and in several processes: a run is unique by study, series set, model and input digest, so an
 * identical re-send makes nothing, and a late image makes a new run that supersedes the old one.
 */
export async function planStudies({ log }: Context, ports: PlanPorts): Promise<void> {
  for (const study of await ports.dueStudies()) {
    const runs = ports.models.map((model) => planRun(study, model));
    const waiting = await ports.savePlan(study, runs);
    log.info('study.planned', { StudyInstanceUID: study.StudyInstanceUID, runs: waiting.length });
    await enqueueAll(ports.queue, waiting);
  }
}

function planRun(study: StudyToPlan, model: PlanningModel): PlannedRun {
  const { series: suitable, reason } = model.suitableSeries(study.series);
  const chosen = reason === undefined ? suitable : study.series.map(({ SeriesInstanceUID }) => SeriesInstanceUID);
  const seriesSet = chosen.toSorted();
  const instances = study.series
    .filter(({ SeriesInstanceUID }) => seriesSet.includes(SeriesInstanceUID))
    .flatMap(({ instances }) => instances);
  return {
    modelId: model.id,
    modelVersion: model.version,
    modelHash: model.hash,
    threshold: model.threshold,
    seriesSet,
    inputDigest: inputDigest(instances),
    outOfScope: reason,
  };
}

/** SHA-256 over the sorted (SOPInstanceUID, SHA-256 of bytes) pairs: equal input, equal digest, in any order of arrival. */
export function inputDigest(instances: readonly { SOPInstanceUID: string; sha256: string }[]): string {
  const hash = createHash('sha256');
  for (const line of instances.map(({ SOPInstanceUID, sha256 }) => `${SOPInstanceUID} ${sha256}\n`).toSorted())
    hash.update(line);
  return hash.digest('hex');
}

/** A job that cannot be queued now is no loss: the reconciler finds its run waiting. */
export async function enqueueAll(queue: JobQueue, jobs: readonly WaitingJob[]): Promise<void> {
  for (const job of jobs) await queue.enqueue(job);
}
