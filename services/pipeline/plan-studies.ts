import { createHash } from 'node:crypto';
import type { Context } from '../domain/context.ts';
import type { JobQueue, WaitingJob } from '../domain/job.ts';
import type { PartlyDueStudy, PlannedRun, PlanStore, StudyToPlan } from '../domain/ports.ts';
import { QUEUE_PLACE } from '../domain/priority.ts';
import type { Reason } from '../domain/reason.ts';
import type { RouteDecision } from '../domain/routing/route-study.ts';

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
  /** What the rules of the site say of a study; absent: there are none, and every model reads it. */
  routeOf?(StudyInstanceUID: string): Promise<StudyRoute>;
}

export interface StudyRoute {
  /** `undefined`: there are no rules. Destinations are as deliveries keep them. */
  readonly decision: RouteDecision | undefined;
  /** It was fetched to be seen beside another, and no model reads it. */
  readonly asPrior: boolean;
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
    const route = await ports.routeOf?.(study.StudyInstanceUID);
    const runs = ports.models.map((model) => planRouted(study, model, route));
    const waiting = await ports.savePlan(study, runs);
    log.info('study.planned', { StudyInstanceUID: study.StudyInstanceUID, runs: waiting.length });
    await enqueueAll(ports.queue, waiting, QUEUE_PLACE[await ports.priorityOf(study.StudyInstanceUID)]);
  }
  for (const partly of await ports.partlyDueStudies()) {
    if (!ports.models.some((model) => hasWhatItNeeds(partly, model))) continue;
    const study = await ports.studyToPlan(partly.StudyInstanceUID);
    if (study === undefined) continue;
    const whole = { ...study, awaited: partly.awaited };
    const needed = ports.models.filter((model) => hasWhatItNeeds(whole, model));
    const route = needed.length > 0 ? await ports.routeOf?.(study.StudyInstanceUID) : undefined;
    const ready = needed.filter((model) => isRoutedTo(model, route));
    if (ready.length === 0) continue;
    const waiting = await ports.savePlan(
      study,
      ready.map((model) => planRouted(study, model, route)),
    );
    log.info('study.planned-in-part', { StudyInstanceUID: study.StudyInstanceUID, runs: waiting.length });
    await enqueueAll(ports.queue, waiting, QUEUE_PLACE[await ports.priorityOf(study.StudyInstanceUID)]);
  }
}

/** What the rules keep from a model they may still give it when the study is whole. */
function isRoutedTo(model: PlanningModel, route: StudyRoute | undefined): boolean {
  if (route?.decision === undefined) return route?.asPrior !== true;
  return route.decision.models.some(({ modelId }) => modelId === model.id);
}

/** What lies outside its scope is known only when nothing more comes. */
function hasWhatItNeeds({ series, awaited }: PartlyDueStudy, model: PlanningModel): boolean {
  const { series: suitable, reason } = model.suitableSeries(series);
  if (reason !== undefined || awaited.some(({ Modality }) => model.mayRead(Modality))) return false;
  const growing = new Set(series.filter((one) => one.growing).map(({ SeriesInstanceUID }) => SeriesInstanceUID));
  return suitable.every((uid) => !growing.has(uid));
}

/** A model that the rules do not give the study ends with their reason, as it does with one of its own. */
function planRouted(study: StudyToPlan, model: PlanningModel, route: StudyRoute | undefined): PlannedRun {
  if (route?.asPrior) return notRouted(study, model, { code: 'FETCHED_AS_PRIOR', params: {} });
  if (route?.decision === undefined) return planRun(study, model);
  const { rules, models } = route.decision;
  const routed = models.find(({ modelId }) => modelId === model.id);
  if (routed !== undefined) {
    const { rule: routeRule, series, destinations } = routed;
    const read = series === undefined ? study : onlySeries(study, new Set(series));
    return { ...planRun(read, model), routeRule, destinations };
  }
  const [rule] = rules;
  if (rule === undefined) return notRouted(study, model, { code: 'NO_ROUTE', params: {} });
  const elsewhere = notRouted(study, model, { code: 'ROUTED_ELSEWHERE', params: { rule } });
  return { ...elsewhere, routeRule: rule };
}

/** A series that came since the rules were asked is left to the next plan. */
const onlySeries = (study: StudyToPlan, series: ReadonlySet<string>): StudyToPlan => ({
  ...study,
  series: study.series.filter(({ SeriesInstanceUID }) => series.has(SeriesInstanceUID)),
});

/** Its digest is that of no analysis: when the rules change, a study that is ordered again is a new run. */
function notRouted(study: StudyToPlan, model: PlanningModel, outOfScope: Reason): PlannedRun {
  const plan = planRun(study, { ...model, suitableSeries: () => ({ series: [], reason: outOfScope }) });
  const { code, params } = outOfScope;
  return { ...plan, inputDigest: sha256(`${code} ${params.rule ?? ''} ${plan.inputDigest}`) };
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

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A job that cannot be queued now is no loss: the reconciler finds its run waiting. */
export async function enqueueAll(queue: JobQueue, jobs: readonly WaitingJob[], priority?: number): Promise<void> {
  for (const job of jobs) await queue.enqueue(job, priority);
}
