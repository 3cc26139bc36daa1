import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunResult, StudyToPlan } from '../../services/domain/ports.ts';
import type { Store } from '../../services/store/connect.ts';
import { deliveryStore } from '../../services/store/delivery-store.ts';
import { runStore } from '../../services/store/run-store.ts';
import { seriesIndex } from '../../services/store/series-index.ts';
import { studyOrders } from '../../services/store/study-orders.ts';
import { arrival, newUid, planOf, resultOf } from '../support/arrivals.ts';
import { startStore } from '../support/database.ts';

const started: { store?: Store; stop?: () => Promise<void> } = {};
const store = (): Store => {
  if (started.store === undefined) throw new Error('not started');
  return started.store;
};
const index = () => seriesIndex(store(), { quietSeconds: 0.001, releasedQuietSeconds: 0.001 });
const runs = () => runStore(store(), { instanceDirectory: '/data/instances' });
const deliveries = () => deliveryStore(store());
const row = (id: string) =>
  store().database.selectFrom('run').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

beforeAll(async () => Object.assign(started, await startStore()));
afterAll(() => started.stop?.());

/** One more image, and the plan that follows from all there are. */
async function planned(
  study = newUid(),
  series = newUid(),
): Promise<{ study: StudyToPlan; id: string; series: string }> {
  await index().recordInstance(arrival({ study, series }));
  await new Promise((resolve) => setTimeout(resolve, 5));
  const due = (await index().dueStudies()).find(({ StudyInstanceUID }) => StudyInstanceUID === study);
  if (due === undefined) throw new Error('not due');
  const [job] = await index().savePlan(due, [planOf(due)]);
  return { study: due, id: job?.id ?? '', series };
}

async function claimed(id: string) {
  const run = await runs().claimRun(id);
  if (run === undefined) throw new Error('not handed out');
  return run;
}

/** Claims and ends a run in one go. */
async function ended(id: string, result: RunResult, destinations: readonly string[] = ['PACS']) {
  const { fence } = await claimed(id);
  return runs().commitResult(id, fence, result, destinations);
}
const failed = (study: StudyToPlan): RunResult =>
  resultOf(study, [], {
    endState: 'FAILED',
    reason: { code: 'DEADLINE', params: { seconds: 9 } },
    report: undefined,
    series: undefined,
  });

describe('claimRun', () => {
  it('hands out the images that were planned, no later one, as absolute paths', async () => {
    const { study, id, series } = await planned();
    await index().recordInstance(arrival({ study: study.StudyInstanceUID, series }));
    const run = await claimed(id);
    const [image] = study.series[0]?.instances ?? [];
    expect(run).toMatchObject({
      runId: id,
      fence: 1,
      revision: 1,
      crashes: 0,
      threshold: 0.5,
      modelId: 'blob-log-ct',
      predecessor: undefined,
    });
    expect(run.inputs).toEqual([
      {
        file: expect.stringMatching(/^\/data\/instances\/20240105\/.*\.dcm$/),
        sha256: image?.sha256,
        SeriesInstanceUID: series,
        SOPInstanceUID: image?.SOPInstanceUID,
        SOPClassUID: image?.SOPClassUID,
        TransferSyntaxUID: '1.2.840.10008.1.2.1',
      },
    ]);
    expect(run.considered).toEqual([
      { SeriesInstanceUID: series, SOPClassUID: image?.SOPClassUID, SOPInstanceUID: image?.SOPInstanceUID },
    ]);
    expect(run.study).toMatchObject({ StudyInstanceUID: study.StudyInstanceUID, PatientName: 'Wang^XiaoDong=王^小东' });
    expect(run.study).not.toHaveProperty('createdAt');
    expect(run.installationId).toMatch(/^[0-9a-f-]{36}$/);
    expect((await claimed(id)).installationId).toBe(run.installationId);
    expect(await row(id)).toMatchObject({ state: 'RUNNING', fence: 2, startedAt: expect.any(Date) });
  });

  it('gives none for a run that ended, was superseded or does not exist', async () => {
    const over = await planned();
    await ended(over.id, resultOf(over.study, []));
    const old = await planned();
    await planned(old.study.StudyInstanceUID, old.series);
    for (const id of [over.id, old.id, randomUUID()]) expect(await runs().claimRun(id)).toBeUndefined();
  });

  it('names the report that the new one replaces: one that left, else the newest', async () => {
    const first = await planned();
    const sent = resultOf(first.study, []);
    const [delivery] = (await ended(first.id, sent)) ?? [];
    await deliveries().claimDelivery(delivery?.id ?? '');
    const { StudyInstanceUID } = first.study;
    const second = await planned(StudyInstanceUID, first.series);
    expect((await claimed(second.id)).predecessor).toEqual({
      SOPClassUID: sent.report?.SOPClassUID,
      SOPInstanceUID: sent.report?.SOPInstanceUID,
      SeriesInstanceUID: sent.report?.SeriesInstanceUID,
    });
    // The second never left: the third still replaces the first at the PACS.
    await ended(second.id, resultOf(second.study, []));
    const third = await planned(StudyInstanceUID, first.series);
    expect((await claimed(third.id)).predecessor?.SOPInstanceUID).toBe(sent.report?.SOPInstanceUID);
  });
});

describe('the fence', () => {
  it('lets only the latest owner commit', async () => {
    const { study, id } = await planned();
    const stale = await claimed(id);
    const latest = await claimed(id);
    expect(await runs().commitResult(id, stale.fence, resultOf(study, [0.9]), ['PACS'])).toBeUndefined();
    await runs().releaseRun(id, stale.fence);
    expect(await row(id)).toMatchObject({ state: 'RUNNING', findingCount: 0 });
    expect(await runs().countCrash(id, stale.fence)).toBe(0);
    expect(await runs().commitResult(id, latest.fence, resultOf(study, []), ['PACS'])).toHaveLength(1);
    expect(await runs().commitResult(id, latest.fence, resultOf(study, []), ['PACS'])).toBeUndefined();
    const results = await store().database.selectFrom('result').select('id').where('runId', '=', id).execute();
    expect(results).toHaveLength(1);
  });

  it('lets exactly one of many commits through at once', async () => {
    const { study, id } = await planned();
    const { fence } = await claimed(id);
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => runs().commitResult(id, fence, resultOf(study, []), ['A', 'B'])),
    );
    expect(answers.filter((answer) => answer !== undefined)).toHaveLength(1);
  });

  it('holds after a release and a renewal: the owner may still be first', async () => {
    const { study, id } = await planned();
    const { fence } = await claimed(id);
    expect(await runs().renewRun(id)).toEqual({ id, generation: 2 });
    expect(await row(id)).toMatchObject({ state: 'WAITING' });
    expect(await runs().commitResult(id, fence, resultOf(study, []), [])).toEqual([]);
    expect(await runs().claimRun(id)).toBeUndefined();
  });
});

describe('commitResult', () => {
  it('keeps result, findings and report, and makes a delivery for each destination', async () => {
    const { study, id } = await planned();
    const result = resultOf(study, [0.9, 0.6, 0.2]);
    const jobs = await ended(id, result, ['ONE', 'TWO', 'ONE']);
    expect(jobs).toEqual([
      { id: expect.any(String), generation: 1 },
      { id: expect.any(String), generation: 1 },
    ]);
    expect(await row(id)).toMatchObject({
      ...{ state: 'FINDINGS', findingCount: 2, largestMm: 6, topScore: 0.9, reason: null },
      finishedAt: result.finishedAt,
    });
    const kept = await store()
      .database.selectFrom('result')
      .selectAll()
      .where('runId', '=', id)
      .executeTakeFirstOrThrow();
    expect(kept).toMatchObject({
      revision: 1,
      provider: 'cpu',
      series: result.series,
      stageSeconds: result.stageSeconds,
      SRSOPInstanceUID: result.report?.SOPInstanceUID,
    });
    expect(new Uint8Array(kept.srDataset ?? [])).toEqual(result.report?.dataset);
    const findings = await store()
      .database.selectFrom('finding')
      .selectAll()
      .where('resultId', '=', kept.id)
      .orderBy('index')
      .execute();
    expect(findings.map(({ index, score, TrackingUID }) => [index, score, TrackingUID])).toEqual(
      result.findings.map(({ index, score, TrackingUID }) => [index, score, TrackingUID]),
    );
  });

  it('keeps the result of a run that was superseded meanwhile, and sends nothing', async () => {
    const old = await planned();
    const { fence } = await claimed(old.id);
    const next = await planned(old.study.StudyInstanceUID, old.series);
    expect(await runs().commitResult(old.id, fence, resultOf(old.study, [0.9]), ['PACS'])).toEqual([]);
    expect(await row(old.id)).toMatchObject({ state: 'FINDINGS', supersededBy: next.id });
    expect((await runs().unfinishedRuns()).map(({ id }) => id)).toContain(next.id);
  });
});

describe('a run that does not end at once', () => {
  it('is unfinished until it ends, and waits again when released', async () => {
    const { study, id } = await planned();
    const { fence } = await claimed(id);
    const mine = async () => (await runs().unfinishedRuns()).filter((run) => run.id === id);
    expect(await mine()).toEqual([{ id, generation: 1, state: 'RUNNING', priority: 'ROUTINE' }]);
    await runs().releaseRun(id, fence);
    await studyOrders(store()).orderPriority(study.StudyInstanceUID, 'STAT');
    expect(await mine()).toEqual([{ id, generation: 1, state: 'WAITING', priority: 'STAT' }]);
    await ended(id, resultOf(study, []));
    expect(await mine()).toEqual([]);
    expect(await runs().renewRun(id)).toBeUndefined();
  });

  it('counts the deaths of its analyzer', async () => {
    const { id } = await planned();
    const { fence } = await claimed(id);
    expect([await runs().countCrash(id, fence), await runs().countCrash(id, fence)]).toEqual([1, 2]);
    expect((await claimed(id)).crashes).toBe(2);
  });
});

describe('retryRun', () => {
  it('starts a failed run again under the next revision', async () => {
    const { study, id } = await planned();
    const { fence } = await claimed(id);
    await runs().countCrash(id, fence);
    expect(await runs().commitResult(id, fence, failed(study), ['PACS'])).toEqual([]);
    expect(await row(id)).toMatchObject({ state: 'FAILED', reason: { code: 'DEADLINE', params: { seconds: 9 } } });
    expect(await runs().retryRun(id)).toEqual({ id, generation: 2 });
    expect(await row(id)).toMatchObject({ state: 'WAITING', reason: null, finishedAt: null, crashes: 0 });
    expect(await claimed(id)).toMatchObject({ revision: 2, crashes: 0 });
    expect(await ended(id, resultOf(study, [0.9]))).toHaveLength(1);
    expect(await row(id)).toMatchObject({ state: 'FINDINGS', findingCount: 1 });
  });

  it('starts a cancelled run again, and what its first worker still says does not count', async () => {
    const { study, id } = await planned();
    const { fence } = await claimed(id);
    expect(await runs().isHeld(id, fence)).toBe(true);
    expect(await runs().cancelRun(id, 'Li Mei')).toBe(true);
    expect(await row(id)).toMatchObject({ state: 'FAILED', reason: { code: 'CANCELLED', params: { by: 'Li Mei' } } });
    expect(await runs().isHeld(id, fence)).toBe(false);
    expect(await runs().commitResult(id, fence, resultOf(study, [0.9]), ['PACS'])).toBeUndefined();
    await runs().releaseRun(id, fence);
    expect(await row(id)).toMatchObject({ state: 'FAILED', findingCount: 0 });
    expect(await runs().cancelRun(id, 'Li Mei')).toBe(false);
    expect(await runs().cancelRun('no uuid', 'Li Mei')).toBe(false);
    expect(await runs().retryRun(id)).toMatchObject({ id });
    expect(await runs().cancelRun(id, 'Wang')).toBe(true);
    await runs().retryRun(id);
    expect(await ended(id, resultOf(study, [0.9]))).toHaveLength(1);
    expect(await row(id)).toMatchObject({ state: 'FINDINGS', reason: null });
  });

  it('refuses any other run, and what is no run at all', async () => {
    const { study, id } = await planned();
    expect(await runs().retryRun(id)).toBeUndefined();
    await ended(id, resultOf(study, []));
    expect(await runs().retryRun(id)).toBeUndefined();
    expect(await runs().retryRun('no uuid')).toBeUndefined();
  });
});
