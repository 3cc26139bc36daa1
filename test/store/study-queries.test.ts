import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ChangeEvent } from '../../services/domain/contract/system.ts';
import { StudyDetail, Worklist, WorklistQuery } from '../../services/domain/contract/worklist.ts';
import type { RunResult } from '../../services/domain/ports.ts';
import type { Store } from '../../services/store/connect.ts';
import { deliveryStore } from '../../services/store/delivery-store.ts';
import { runStore } from '../../services/store/run-store.ts';
import { seriesIndex } from '../../services/store/series-index.ts';
import { studyQueries } from '../../services/store/study-queries.ts';
import { type Arrival, arrival, newUid, planOf, resultOf } from '../support/arrivals.ts';
import { startStore } from '../support/database.ts';
import { fakeContext } from '../support/fake-context.ts';

const started: { store?: Store; stop?: () => Promise<void> } = {};
const store = (): Store => {
  if (started.store === undefined) throw new Error('not started');
  return started.store;
};
const index = (quietSeconds = 0.001) => seriesIndex(store(), { quietSeconds, releasedQuietSeconds: 0.001 });
const runs = () => runStore(store(), { instanceDirectory: '/' });
const queries = () => studyQueries(store(), fakeContext().log, { bannerOf: (model) => `banner of ${model}` });

beforeAll(async () => {
  Object.assign(started, await startStore());
  // They refuse to be emptied.
  for (const table of ['signed_report', 'reading_action']) {
    await sql`ALTER TABLE ${sql.table(table)} DISABLE TRIGGER USER`.execute(store().database);
  }
});
afterAll(() => started.stop?.());
beforeEach(async () => {
  await sql`TRUNCATE study, event CASCADE`.execute(store().database);
});

/** The worklist as the contract has it: parsed, so that every answer proves its shape. */
const worklist = async (query: { search?: string } = {}) =>
  Worklist.parse(await queries().worklist(WorklistQuery.parse(query)));
const detail = async (uid: string) => StudyDetail.parse(await queries().studyDetail(uid));

async function plan(study: string) {
  await sleep(5);
  const due = (await index().dueStudies()).find(({ StudyInstanceUID }) => StudyInstanceUID === study);
  if (due === undefined) throw new Error('not due');
  const [job] = await index().savePlan(due, [planOf(due)]);
  return { study: due, runId: job?.id ?? '' };
}

/** A study with one image whose run has ended with findings of these scores. */
async function read(scores: readonly number[], given: Arrival = {}, change: Partial<RunResult> = {}) {
  const study = given.study ?? newUid();
  await index().recordInstance(arrival({ ...given, study }));
  const planned = await plan(study);
  const run = await runs().claimRun(planned.runId);
  const result = resultOf(planned.study, scores, change);
  const deliveries = await runs().commitResult(planned.runId, run?.fence ?? -1, result, ['PACS@host:104']);
  return { uid: study, ...planned, result, deliveryId: deliveries?.[0]?.id ?? '' };
}
const FAILED: Partial<RunResult> = {
  endState: 'FAILED',
  reason: { code: 'DEADLINE', params: { seconds: 9 } },
  report: undefined,
  series: undefined,
};

describe('worklist', () => {
  it('is empty on an empty database', async () => {
    expect(await worklist()).toMatchObject({ total: 0, studies: [] });
  });

  it('shows a study that is being received, without runs', async () => {
    const study = newUid();
    await index(60).recordInstance(arrival({ study }));
    await index(60).recordInstance(arrival({ study, Modality: 'SR' }));
    const [row] = (await worklist()).studies;
    expect(row).toMatchObject({
      ...{ StudyInstanceUID: study, PatientName: 'Wang^XiaoDong=王^小东', PatientSex: 'M', receiving: true, runs: [] },
      ...{ modalities: ['CT', 'SR'], seriesCount: 2, instanceCount: 2 },
    });
    expect(row?.quietSecondsLeft).toBeCloseTo(60, -1);
  });

  it('shows the end of a run with its findings at or above the threshold', async () => {
    const { runId } = await read([0.9, 0.6, 0.2]);
    const [row] = (await worklist()).studies;
    expect(row).toMatchObject({ receiving: false, quietSecondsLeft: null });
    expect(row?.runs).toMatchObject([
      {
        ...{
          runId,
          state: 'FINDINGS',
          reason: null,
          findingCount: 2,
          largestMm: 6,
          topScore: 0.9,
          threshold: 0.5,
          newInstances: 0,
        },
        ...{ attempt: 1, finishedAt: '2024-01-05T10:20:00.000Z', model: { id: 'blob-log-ct', version: '1.0.0' } },
        deliveries: [
          { destination: 'PACS@host:104', state: 'PENDING', attempts: 0, lastError: null, deliveredAt: null },
        ],
      },
    ]);
  });

  it('follows a delivery', async () => {
    const { deliveryId } = await read([]);
    const deliveries = deliveryStore(store());
    await deliveries.claimDelivery(deliveryId);
    await deliveries.postponed(deliveryId, 'refused', new Date('2030-01-01T00:00:00Z'));
    const shown = async () => (await worklist()).studies[0]?.runs[0]?.deliveries[0];
    expect(await shown()).toMatchObject({
      state: 'PENDING',
      attempts: 1,
      lastError: 'refused',
      nextAttemptAt: '2030-01-01T00:00:00.000Z',
    });
    await deliveries.delivered(deliveryId, '0000');
    expect(await shown()).toMatchObject({
      state: 'DELIVERED',
      lastError: null,
      nextAttemptAt: null,
      deliveredAt: expect.any(String),
    });
  });

  it('counts the images a result has not seen, until the next run waits', async () => {
    const { uid } = await read([0.9]);
    for (const Modality of ['CT', 'CT', 'SR']) await index().recordInstance(arrival({ study: uid, Modality }));
    expect((await worklist()).studies[0]?.runs).toMatchObject([{ state: 'FINDINGS', newInstances: 2 }]);
    await plan(uid);
    expect((await worklist()).studies[0]?.runs).toMatchObject([{ state: 'WAITING', newInstances: 0, findingCount: 0 }]);
  });

  it.each([
    ['wang', ['Wang^Li']],
    ['  wang ', ['Wang^Li']],
    ['王', ['Zhao^A=王^五']],
    ['100%', ['Percent^Sign']],
    ['%', ['Percent^Sign']],
    ['_', ['Under_Score']],
    ['\\', ['Back\\Slash']],
    ['id-7', ['Wang^Li']],
    ['acc', ['Under_Score']],
    ['chest', ['Percent^Sign', 'Under_Score', 'Wang^Li', 'Zhao^A=王^五', 'Back\\Slash']],
    ['nobody', []],
  ])('finds %j', async (search, names) => {
    for (const given of [
      { PatientName: 'Wang^Li', PatientID: 'ID-7' },
      { PatientName: 'Zhao^A=王^五' },
      { PatientName: 'Percent^Sign', StudyDescription: 'chest 100% covered' },
      { PatientName: 'Under_Score', AccessionNumber: 'ACC' },
      { PatientName: 'Back\\Slash' },
    ]) {
      await index().recordInstance(arrival({ AccessionNumber: '1', ...given }));
    }
    const found = await worklist({ search });
    expect(found.studies.map(({ PatientName }) => PatientName).toSorted()).toEqual(names.toSorted());
    expect(found.total).toBe(names.length);
  });
});

describe('studyDetail', () => {
  it('has the series, the run and all findings, the best first', async () => {
    const { uid, study, result, runId } = await read([0.4, 0.9, 0.6]);
    await index().recordInstance(arrival({ study: uid, Modality: 'SR' }));
    const found = await detail(uid);
    expect(found.series).toMatchObject(
      [
        { Modality: 'CT', analysed: true, instanceCount: 1 },
        { Modality: 'SR', analysed: false },
      ].toSorted(() => (found.series[0]?.Modality === 'CT' ? 1 : -1)),
    );
    const [run] = found.runs;
    expect(run).toMatchObject({
      ...{
        runId,
        analysedSeriesInstanceUID: study.series[0]?.SeriesInstanceUID,
        banner: 'banner of blob-log-ct',
        provider: 'cpu',
      },
      ...{
        stageSeconds: { read: 0.1, graph: 2 },
        warnings: [{ code: 'NOT_UNIFORM' }],
        SRSOPInstanceUID: result.report?.SOPInstanceUID,
      },
    });
    expect(run?.findings).toEqual(result.findings.toSorted((a, b) => b.score - a.score));
    expect(found.study.runs).toHaveLength(1);
  });

  it('forgets the result of a failure that is tried again', async () => {
    const { uid, runId } = await read([], {}, FAILED);
    expect((await detail(uid)).runs).toMatchObject([{ state: 'FAILED', reason: { code: 'DEADLINE' }, attempt: 1 }]);
    await runs().retryRun(runId);
    expect((await detail(uid)).runs).toMatchObject([
      { state: 'WAITING', reason: null, attempt: 2, findings: [], deliveries: [] },
    ]);
  });

  it('is undefined for a study that is not here', async () => {
    expect(await queries().studyDetail(newUid())).toBeUndefined();
  });
});

describe('events', () => {
  it('are told after their commit, in the shape of the contract', async () => {
    const heard: ChangeEvent[] = [];
    const unsubscribe = await queries().subscribe((event) => heard.push(ChangeEvent.parse(event)));
    const { uid } = await read([0.9]);
    await sleep(200);
    expect(heard.map(({ kind }) => kind)).toEqual([
      'series.received',
      'run.planned',
      'study.planned',
      'run.started',
      'run.ended',
    ]);
    expect(new Set(heard.map(({ StudyInstanceUID }) => StudyInstanceUID))).toEqual(new Set([uid]));
    await unsubscribe();
    await read([]);
    await sleep(100);
    expect(heard).toHaveLength(5);
    const missed = await queries().eventsAfter(heard[2]?.id ?? 0);
    expect(missed.slice(0, 2)).toEqual(heard.slice(3));
    expect(missed.map(({ id }) => id)).toEqual(missed.map(({ id }) => id).toSorted((a, b) => a - b));
  });

  it('share one connection, and survive its loss without leaving one out', async () => {
    const service = queries();
    const heard: [number[], number[]] = [[], []];
    const listening = await Promise.all(heard.map((ids) => service.subscribe(({ id }) => void ids.push(id))));
    const listeners = sql<{
      pid: number;
    }>`SELECT pid FROM pg_stat_activity WHERE query ILIKE 'LISTEN %' OR query ILIKE '%now()::text%' AND state = 'idle'`;
    expect((await listeners.execute(store().database)).rows).toHaveLength(1);
    await read([]);
    await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE '%now()::text%'`.execute(
      store().database,
    );
    await read([]);
    const all = (await service.eventsAfter(0)).map(({ id }) => id);
    for (let n = 0; n < 50 && !heard.every((ids) => all.every((id) => ids.includes(id))); n++) await sleep(100);
    for (const ids of heard) expect(new Set(ids)).toEqual(new Set(all));
    await Promise.all(listening.map((stop) => stop()));
    await sleep(100);
    expect((await listeners.execute(store().database)).rows).toHaveLength(0);
  });
});
