import { createHash } from 'node:crypto';
import type { Context } from '../domain/context.ts';
import type { JobQueue, WaitingJob } from '../domain/job.ts';
import type { PartlyDueStudy, PlannedRun, PlanStore, StudyToPlan } from '../domain/ports.ts';
import type { Reason } from '../domain/reason.ts';

/** A model as planning sees it: which series of a study it wants, or why none. */
export interface PlanningModel {
  readonly id: string;
  readonly version: string;
  readonly hash: string;
  readonly threshold: number;
  suitableSeries(series: StudyToPlan['series']): { readonly series: readonly string[]; readonly reason?: Reason };
  /** May a series of this modality be one that it reads? `''`: unknown. */
  mayRead(Modality: string): boolean;
}

export interface PlanPorts extends PlanStore {
  readonly models: readonly PlanningModel[];
  readonly queue: JobQueue;
}

/**
 * Turns every complete study with unseen images into runs, one per model; and of a study that still grows what a model needs
 * of it, once that is complete: a model waits for the series that it can read, and for no others.
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
  for (const partly of await ports.partlyDueStudies()) {
    if (!ports.models.some((model) => hasWhatItNeeds(partly, model))) continue;
    const study = await ports.studyToPlan(partly.StudyInstanceUID);
    if (study === undefined) continue;
    const whole = { ...study, awaited: partly.awaited };
    const ready = ports.models.filter((model) => hasWhatItNeeds(whole, model));
    if (ready.length === 0) continue;
    const waiting = await ports.savePlan(
      study,
      ready.map((model) => planRun(study, model)),
    );
    log.info('study.planned-in-part', { StudyInstanceUID: study.StudyInstanceUID, runs: waiting.length });
    await enqueueAll(ports.queue, waiting);
  }
}

/** What lies outside its scope is known only when nothing more comes. */
function hasWhatItNeeds({ series, awaited }: PartlyDueStudy, model: PlanningModel): boolean {
  const { series: suitable, reason } = model.suitableSeries(series);
  if (reason !== undefined || awaited.some(({ Modality }) => model.mayRead(Modality))) return false;
  const growing = new Set(series.filter((one) => one.growing).map(({ SeriesInstanceUID }) => SeriesInstanceUID));
  return suitable.every((uid) => !growing.has(uid));
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
