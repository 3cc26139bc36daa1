import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StudyToPlan } from '../../services/domain/ports.ts';
import { connect, type Store } from '../../services/store/connect.ts';
import { runStore } from '../../services/store/run-store.ts';
import { seriesIndex } from '../../services/store/series-index.ts';
import { type Arrival, arrival, newUid, planOf, resultOf } from '../support/arrivals.ts';
import { startStore } from '../support/database.ts';
import { fakeContext } from '../support/fake-context.ts';

const started: { store?: Store; stop?: () => Promise<void> } = {};
const store = (): Store => {
  if (started.store === undefined) throw new Error('not started');
  return started.store;
};
/** Quiet at once, so that what has arrived is due. */
const index = () => seriesIndex(store(), { quietSeconds: 0.001, releasedQuietSeconds: 0.001 });

beforeAll(async () => Object.assign(started, await startStore()));
afterAll(() => started.stop?.());

async function receive(study: string, given: Omit<Arrival, 'study'> = {}) {
  const one = arrival({ study, ...given });
  await index().recordInstance(one);
  await new Promise((resolve) => setTimeout(resolve, 5));
  return one;
}
const due = async (study: string): Promise<StudyToPlan | undefined> =>
  (await index().dueStudies()).find(({ StudyInstanceUID }) => StudyInstanceUID === study);

async function dueNow(study: string): Promise<StudyToPlan> {
  const found = await due(study);
  if (found === undefined) throw new Error('the study is not due');
  return found;
}
const runsOf = (study: string) =>
  store().database.selectFrom('run').selectAll().where('StudyInstanceUID', '=', study).orderBy('createdAt').execute();

/** Ends the run with a report, and answers with the report's UIDs. */
async function endRun(study: StudyToPlan, runId: string) {
  const runs = runStore(store(), { instanceDirectory: '/instances' });
  const claimed = await runs.claimRun(runId);
  const result = resultOf(study, []);
  await runs.commitResult(runId, claimed?.fence ?? -1, result, ['PACS']);
  if (result.report === undefined) throw new Error('no report');
  return result.report;
}

describe('dueStudies', () => {
  it('answers a quiet study with everything that arrived, in order of arrival', async () => {
    const [study, series] = [newUid(), newUid()];
    const first = await receive(study, { series });
    const second = await receive(study, { series });
    const scout = await receive(study, { Modality: 'MR' });
    const found = await dueNow(study);
    expect(found).toEqual({
      StudyInstanceUID: study,
      series: [
        {
          ...{ SeriesInstanceUID: series, Modality: 'CT', watermark: 2, growing: false, localizer: false },
          instances: [first, second].map(brief),
        },
        {
          SeriesInstanceUID: scout.header.series.SeriesInstanceUID,
          Modality: 'MR',
          watermark: 1,
          ...{ growing: false, localizer: false },
          instances: [brief(scout)],
        },
      ].toSorted((a, b) => (a.SeriesInstanceUID < b.SeriesInstanceUID ? -1 : 1)),
    });
  });

  it('waits for every series of the study', async () => {
    const study = newUid();
    await receive(study);
    await seriesIndex(store(), { quietSeconds: 60, releasedQuietSeconds: 60 }).recordInstance(arrival({ study }));
    expect(await due(study)).toBeUndefined();
  });

  it('answers a study once, until an image comes that no plan has seen', async () => {
    const [study, series] = [newUid(), newUid()];
    const one = await receive(study, { series });
    const first = await dueNow(study);
    await index().savePlan(first, [planOf(first)]);
    expect(await due(study)).toBeUndefined();
    await index().recordInstance({ ...one, path: 'again.dcm' });
    expect(await due(study)).toBeUndefined();
    await receive(study, { series });
    expect((await dueNow(study)).series[0]?.instances).toHaveLength(2);
  });

  it('is not asked twice for an image that came between the look and the plan', async () => {
    const [study, series] = [newUid(), newUid()];
    await receive(study, { series });
    const first = await dueNow(study);
    await receive(study, { series });
    await index().savePlan(first, [planOf(first)]);
    expect((await dueNow(study)).series[0]?.watermark).toBe(2);
  });

  it.each([
    ['the same bytes', 'as sent'],
    ['bytes a PACS has changed', 'coerced'],
  ])('does not see a report of ours that comes back with %s', async (_what, content) => {
    const study = newUid();
    await receive(study);
    const planned = await dueNow(study);
    const [job] = await index().savePlan(planned, [planOf(planned)]);
    const report = await endRun(planned, job?.id ?? '');
    const returned = {
      SOPInstanceUID: report.SOPInstanceUID,
      series: report.SeriesInstanceUID,
      Modality: 'SR',
      content,
    };
    const before = Date.now();
    await seriesIndex(store(), { quietSeconds: 60, releasedQuietSeconds: 60 }).recordInstance(
      arrival({ study, ...returned }),
    );
    expect(await due(study)).toBeUndefined();
    const row = await store()
      .database.selectFrom('series')
      .selectAll()
      .where('SeriesInstanceUID', '=', report.SeriesInstanceUID)
      .executeTakeFirstOrThrow();
    expect(row.quietAt.getTime()).toBeLessThan(before + 5000);
    // A late image opens the study again, without the report among its series.
    await receive(study);
    const again = await dueNow(study);
    expect(again.series.map(({ Modality }) => Modality)).toEqual(['CT', 'CT']);
    expect(await index().savePlan(again, [planOf(again)])).toHaveLength(1);
  });
});

describe('savePlan', () => {
  it('makes a waiting run, remembers what was seen, tells it', async () => {
    const study = newUid();
    await receive(study);
    const planned = await dueNow(study);
    const jobs = await index().savePlan(planned, [planOf(planned)]);
    const [run] = await runsOf(study);
    expect(jobs).toEqual([{ id: run?.id, generation: 1 }]);
    const seriesUid = planned.series[0]?.SeriesInstanceUID ?? '';
    expect(run).toMatchObject({
      state: 'WAITING',
      seriesSet: seriesUid,
      watermarks: { [seriesUid]: 1 },
      revision: 1,
      supersededBy: null,
    });
    const events = await store()
      .database.selectFrom('event')
      .select(['kind', 'runId'])
      .where('StudyInstanceUID', '=', study)
      .orderBy('id')
      .execute();
    expect(events.map(({ kind }) => kind)).toEqual(['series.received', 'run.planned', 'study.planned']);
    expect(events[1]?.runId).toBe(run?.id);
  });

  it('ends a run out of scope at once, without a job', async () => {
    const study = newUid();
    await receive(study, { Modality: 'SR' });
    const planned = await dueNow(study);
    const outOfScope = { code: 'NO_SUITABLE_SERIES', params: { modality: 'CT' } } as const;
    expect(await index().savePlan(planned, [planOf(planned, { outOfScope })])).toEqual([]);
    expect(await runsOf(study)).toMatchObject([
      { state: 'NOT_ANALYSABLE', reason: outOfScope, finishedAt: expect.any(Date) },
    ]);
  });

  it('makes one run however many planners save the same plan at once', async () => {
    const second = await connect(store().url, fakeContext().log);
    try {
      const study = newUid();
      await receive(study);
      const planned = await dueNow(study);
      const planners = [index(), seriesIndex(second, { quietSeconds: 1, releasedQuietSeconds: 1 })];
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, n) => planners[n % 2]?.savePlan(planned, [planOf(planned)])),
      );
      expect(answers.flat()).toHaveLength(1);
      expect(await runsOf(study)).toHaveLength(1);
    } finally {
      await second.close();
    }
  });

  it('supersedes the older run of the same model, and of no other', async () => {
    const [study, series] = [newUid(), newUid()];
    await receive(study, { series });
    const first = await dueNow(study);
    await index().savePlan(first, [planOf(first), planOf(first, { modelId: 'other' })]);
    await receive(study, { series });
    const second = await dueNow(study);
    const [job] = await index().savePlan(second, [planOf(second)]);
    const runs = await runsOf(study);
    expect(runs.map(({ modelId, supersededBy }) => [modelId, supersededBy])).toEqual(
      expect.arrayContaining([
        ['blob-log-ct', job?.id],
        ['other', null],
        ['blob-log-ct', null],
      ]),
    );
    expect(runs).toHaveLength(3);
  });

  it('drops a plan that a newer one has overtaken', async () => {
    const [study, series] = [newUid(), newUid()];
    await receive(study, { series });
    const slow = await dueNow(study);
    await receive(study, { series });
    const fast = await dueNow(study);
    const [job] = await index().savePlan(fast, [planOf(fast)]);
    expect(await index().savePlan(slow, [planOf(slow)])).toEqual([]);
    expect(await runsOf(study)).toMatchObject([{ id: job?.id, supersededBy: null }]);
  });

  it('drops it too when the newer one saw another series', async () => {
    const study = newUid();
    await receive(study);
    const slow = await dueNow(study);
    await receive(study);
    const fast = await dueNow(study);
    await index().savePlan(fast, [planOf(fast)]);
    expect(await index().savePlan(slow, [planOf(slow)])).toEqual([]);
    expect(await runsOf(study)).toHaveLength(1);
  });

  it('takes back a superseded run when its plan is the plan again', async () => {
    const study = newUid();
    await receive(study);
    const planned = await dueNow(study);
    const [old] = await index().savePlan(planned, [planOf(planned)]);
    await index().savePlan(planned, [planOf(planned, { modelHash: 'other model' })]);
    expect(await index().savePlan(planned, [planOf(planned)])).toEqual([old]);
    const runs = await runsOf(study);
    expect(runs.map(({ supersededBy }) => supersededBy)).toEqual([null, old?.id]);
  });

  it('takes a series set longer than an index entry', async () => {
    const study = newUid();
    for (let n = 0; n < 80; n++) await index().recordInstance(arrival({ study }));
    await new Promise((resolve) => setTimeout(resolve, 5));
    const planned = await dueNow(study);
    expect(planned.series).toHaveLength(80);
    expect(await index().savePlan(planned, [planOf(planned)])).toHaveLength(1);
    expect(await index().savePlan(planned, [planOf(planned)])).toHaveLength(0);
  });
});

const brief = ({ header: { instance }, sha256 }: ReturnType<typeof arrival>) => ({
  SOPInstanceUID: instance.SOPInstanceUID,
  SOPClassUID: instance.SOPClassUID,
  sha256,
});
