import type { Reader, ReadingContent, ReadLesion, Verdict } from '../../services/domain/contract/reading.ts';
import type { StudyToPlan } from '../../services/domain/ports.ts';
import { EMPTY_CONTENT } from '../../services/domain/review.ts';
import type { Store } from '../../services/store/connect.ts';
import { runStore } from '../../services/store/run-store.ts';
import { seriesIndex } from '../../services/store/series-index.ts';
import { type Arrival, arrival, newUid, planOf, resultOf } from './arrivals.ts';

export const LI: Reader = { name: 'Li^Mei', organization: 'Radiology' };
export const WANG: Reader = { name: 'Wang^Fang', organization: '' };
export const AT = '2026-11-26T08:00:00.000Z';

/** A study whose run has ended with findings of these scores, the best first; its threshold is 0.5. */
export interface ReadStudy {
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID: string;
  readonly SOPInstanceUID: string;
  readonly runId: string;
  readonly findings: readonly string[];
  /** SOP Instance UID of the model's report. */
  readonly report: string;
}

export async function studyWith(store: Store, scores: readonly number[], given: Arrival = {}): Promise<ReadStudy> {
  const ids = { study: newUid(), series: newUid(), SOPInstanceUID: newUid(), ...given };
  await seriesIndex(store, QUIET).recordInstance(arrival(ids));
  return { ...(await analysed(store, ids.study, scores)), SOPInstanceUID: ids.SOPInstanceUID };
}

const QUIET = { quietSeconds: 0.001, releasedQuietSeconds: 0.001 };

/** Plans and runs what a study now holds. */
export async function analysed(store: Store, StudyInstanceUID: string, scores: readonly number[]) {
  const { due, runId } = await planned(store, StudyInstanceUID);
  const runs = runStore(store, { instanceDirectory: '/' });
  const run = await runs.claimRun(runId);
  const result = resultOf(due, scores);
  await runs.commitResult(runId, run?.fence ?? -1, result, []);
  return {
    ...{ StudyInstanceUID, runId, SeriesInstanceUID: due.series[0]?.SeriesInstanceUID ?? '' },
    findings: result.findings.map(({ TrackingUID }) => TrackingUID),
    report: result.report?.SOPInstanceUID ?? '',
  };
}

export async function planned(store: Store, uid: string): Promise<{ due: StudyToPlan; runId: string }> {
  await new Promise((resolve) => setTimeout(resolve, 5));
  const index = seriesIndex(store, QUIET);
  const due = (await index.dueStudies()).find(({ StudyInstanceUID }) => StudyInstanceUID === uid);
  if (due === undefined) throw new Error('not due');
  const [job] = await index.savePlan(due, [planOf(due)]);
  return { due, runId: job?.id ?? '' };
}

export const accepted = (TrackingUID: string): Verdict => ({ TrackingUID, at: AT, verdict: 'accepted' });
export const deferred = (TrackingUID: string): Verdict => ({ TrackingUID, at: AT, verdict: 'deferred' });
export const rejected = (TrackingUID: string): Verdict => ({
  ...{ TrackingUID, at: AT, verdict: 'rejected', reason: 'vessel', bulk: false },
});

export const content = (verdicts: readonly Verdict[], given: Partial<ReadingContent> = {}): ReadingContent => ({
  ...EMPTY_CONTENT,
  verdicts: [...verdicts],
  ...given,
});

/** A lesion that a reader drew on the first image of a study. */
export const drawn = (
  { SeriesInstanceUID, SOPInstanceUID }: Pick<ReadStudy, 'SeriesInstanceUID' | 'SOPInstanceUID'>,
  given: Partial<ReadLesion> = {},
): ReadLesion => ({
  center: [10, 20, -100],
  diameterMm: 8,
  volumeMm3: 268,
  label: 'nodule',
  laterality: 'right',
  SeriesInstanceUID,
  region: {
    ...{ SOPClassUID: '1.2.840.10008.5.1.4.1.1.2', SOPInstanceUID, frame: 1 },
    ...{ left: 100, top: 120, right: 110, bottom: 130 },
  },
  ...given,
});
