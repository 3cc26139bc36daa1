import { afterAll, beforeAll, expect, it } from 'vitest';
import type { StudyFacts } from '../../services/domain/routing/route-study.ts';
import { commitResult } from '../../services/store/commit-result.ts';
import type { Store } from '../../services/store/connect.ts';
import { routeStore } from '../../services/store/route-store.ts';
import { factsOf, storedFacts } from '../../services/store/routing-facts.ts';
import { runStore } from '../../services/store/run-store.ts';
import { seriesIndex } from '../../services/store/series-index.ts';
import { studyOrders } from '../../services/store/study-orders.ts';
import { studyQueries } from '../../services/store/study-queries.ts';
import { arrival, newUid, planOf, resultOf } from '../support/arrivals.ts';
import { startStore } from '../support/database.ts';
import { fakeContext } from '../support/fake-context.ts';

const started: { store?: Store; stop?: () => Promise<void> } = {};
const store = (): Store => {
  if (started.store === undefined) throw new Error('not started');
  return started.store;
};
const index = () => seriesIndex(store(), { quietSeconds: 0.001, releasedQuietSeconds: 0.001 });
beforeAll(async () => Object.assign(started, await startStore()));
afterAll(() => started.stop?.());

async function receive(study: string, series: string, technique: Record<string, string>) {
  const one = arrival({ study, series });
  const { header } = one;
  await index().recordInstance({ ...one, header: { ...header, series: { ...header.series, technique } } });
}
const detail = async (uid: string) => (await studyQueries(store(), fakeContext().log).studyDetail(uid))?.study;

it('facts are what the index holds, of the first image of each series', async () => {
  const [study, thick, thin] = [newUid(), '1.2.3.1', '1.2.3.2'];
  await receive(study, thick, { SliceThickness: '8', StationName: 'CT01' });
  await receive(study, thick, { SliceThickness: '9' });
  await receive(study, thin, {});
  const facts = await factsOf(store(), study);
  expect(facts?.study).toMatchObject({
    StudyDescription: ['CT chest'],
    ModalitiesInStudy: ['CT'],
    NumberOfStudyRelatedInstances: ['3'],
    RequestedProcedurePriority: [],
  });
  expect(facts?.series.map(({ SeriesInstanceUID }) => SeriesInstanceUID)).toEqual([thick, thin]);
  expect(facts?.series[0]?.values).toMatchObject({
    SliceThickness: ['8'],
    StationName: ['CT01'],
    ImageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
    Rows: ['512'],
    sourceAETitle: ['MODALITY'],
    NumberOfSeriesRelatedInstances: ['2'],
  });
  expect(facts?.series[1]?.values.SliceThickness).toBeUndefined();
  expect(facts?.asPrior).toBe(false);
});

it('all stored studies are met once, in batches', async () => {
  for (const _ of [1, 2, 3]) await receive(newUid(), '1.2.3', {});
  const met: StudyFacts[] = [];
  for await (const batch of storedFacts(store(), '', 2)) {
    expect(batch.length).toBeLessThanOrEqual(2);
    met.push(...batch);
  }
  const { count } = await store()
    .database.selectFrom('study')
    .select((row) => row.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  expect(new Set(met.map(({ StudyInstanceUID }) => StudyInstanceUID)).size).toBe(count);
  expect(met).toHaveLength(count);
});

it('the priority of a rule is that of the study until a reader orders another', async () => {
  const StudyInstanceUID = newUid();
  await receive(StudyInstanceUID, '1.2.3', {});
  const { keepRoute } = routeStore(store());
  const decide = (priority: 'STAT' | 'HIGH' | undefined) =>
    keepRoute({ StudyInstanceUID }, { rules: ['night'], models: [], priority });
  await decide('STAT');
  expect((await detail(StudyInstanceUID))?.priority).toBe('STAT');
  await decide('HIGH');
  expect((await detail(StudyInstanceUID))?.priority).toBe('HIGH');
  await studyOrders(store()).orderPriority(StudyInstanceUID, 'ROUTINE');
  await decide('STAT');
  expect((await detail(StudyInstanceUID))?.priority).toBe('ROUTINE');
});

it('a run keeps its rule, and its report goes where the rule says', async () => {
  const uid = newUid();
  await receive(uid, '1.2.3', {});
  const study = (await index().dueStudies()).find(({ StudyInstanceUID }) => StudyInstanceUID === uid);
  if (study === undefined) throw new Error('not due');
  const destinations = ['ELSEWHERE@10.0.0.2:104'];
  const [job] = await index().savePlan(study, [planOf(study, { routeRule: 'night', destinations })]);
  const runs = runStore(store(), { instanceDirectory: '/instances' });
  const claimed = await runs.claimRun(job?.id ?? '');
  await commitResult(store(), job?.id ?? '', claimed?.fence ?? 0, resultOf(study, [0.9]), ['PACS@10.0.0.1:104']);
  const [run] = (await detail(uid))?.runs ?? [];
  expect(run?.routeRule).toBe('night');
  expect(run?.deliveries.map(({ destination }) => destination)).toEqual(destinations);
});

it('rules in force outlive a file that became wrong', async () => {
  const { keepRoutes, keepProblem, keptRoutes } = routeStore(store());
  expect(await keptRoutes()).toBeUndefined();
  const rules = [{ name: 'all', models: ['chest'], reads: 'study' as const, continue: false }];
  await keepRoutes({ rules });
  await keepProblem('rule all: thorax is no model here');
  expect(await keptRoutes()).toMatchObject({ rules: { rules }, problem: 'rule all: thorax is no model here' });
  await keepRoutes({ rules });
  expect(await keptRoutes()).toMatchObject({ problem: null });
});
