import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StudyToPlan } from '../../services/domain/ports.ts';
import type { Store } from '../../services/store/connect.ts';
import { deliveryStore } from '../../services/store/delivery-store.ts';
import { runStore } from '../../services/store/run-store.ts';
import { seriesIndex } from '../../services/store/series-index.ts';
import { arrival, newUid, planOf, resultOf } from '../support/arrivals.ts';
import { startStore } from '../support/database.ts';

const started: { store?: Store; stop?: () => Promise<void> } = {};
const store = (): Store => {
  if (started.store === undefined) throw new Error('not started');
  return started.store;
};
const index = () => seriesIndex(store(), { quietSeconds: 0.001, releasedQuietSeconds: 0.001 });
const deliveries = () => deliveryStore(store());
const row = (id: string) =>
  store().database.selectFrom('delivery').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

beforeAll(async () => Object.assign(started, await startStore()));
afterAll(() => started.stop?.());

async function plan(study: string, series: string): Promise<{ study: StudyToPlan; runId: string }> {
  await index().recordInstance(arrival({ study, series }));
  await new Promise((resolve) => setTimeout(resolve, 5));
  const due = (await index().dueStudies()).find(({ StudyInstanceUID }) => StudyInstanceUID === study);
  if (due === undefined) throw new Error('not due');
  const [job] = await index().savePlan(due, [planOf(due)]);
  return { study: due, runId: job?.id ?? '' };
}

/** A result on its way to one PACS. */
async function pending(uids = { study: newUid(), series: newUid() }) {
  const { study, runId } = await plan(uids.study, uids.series);
  const runs = runStore(store(), { instanceDirectory: '/' });
  const run = await runs.claimRun(runId);
  const result = resultOf(study, [0.9]);
  const [job] = (await runs.commitResult(runId, run?.fence ?? -1, result, ['PACS@host:104'])) ?? [];
  return { id: job?.id ?? '', report: result.report, ...uids };
}
const isDue = async (id: string) => (await deliveries().dueDeliveries()).some((job) => job.id === id);
const inAnHour = () => new Date(Date.now() + 3_600_000);

describe('a delivery', () => {
  it('sends the same bytes every time and counts the tries before', async () => {
    const { id, report } = await pending();
    for (const attempts of [0, 1]) {
      const found = await deliveries().claimDelivery(id);
      expect(found).toMatchObject({ deliveryId: id, destination: 'PACS@host:104', attempts });
      expect({ ...found?.report, dataset: new Uint8Array(found?.report.dataset ?? []) }).toEqual(report);
    }
  });

  it('is due until it is delivered', async () => {
    const { id } = await pending();
    expect(await isDue(id)).toBe(true);
    await deliveries().claimDelivery(id);
    expect(await isDue(id)).toBe(true);
    await deliveries().delivered(id, '0000');
    expect(await row(id)).toMatchObject({
      state: 'DELIVERED',
      lastStatus: '0000',
      lastError: null,
      deliveredAt: expect.any(Date),
    });
    expect(await isDue(id)).toBe(false);
    expect(await deliveries().claimDelivery(id)).toBeUndefined();
    expect(await deliveries().renewDelivery(id)).toBeUndefined();
  });

  it('waits for its next try after a failure, and says why', async () => {
    const { id, study } = await pending();
    await deliveries().postponed(id, 'A700 out of resources', inAnHour());
    expect(await row(id)).toMatchObject({ state: 'PENDING', lastError: 'A700 out of resources' });
    expect(await isDue(id)).toBe(false);
    await deliveries().postponed(id, 'still', new Date(Date.now() - 1000));
    expect(await isDue(id)).toBe(true);
    const events = await store()
      .database.selectFrom('event')
      .select(['kind', 'fields'])
      .where('StudyInstanceUID', '=', study)
      .orderBy('id', 'desc')
      .limit(1)
      .execute();
    expect(events).toEqual([{ kind: 'result.postponed', fields: { destination: 'PACS@host:104' } }]);
  });

  it('once delivered is not taken back by a slow failure', async () => {
    const { id } = await pending();
    await deliveries().delivered(id, '0000');
    await deliveries().postponed(id, 'timeout', inAnHour());
    expect(await row(id)).toMatchObject({ state: 'DELIVERED', lastError: null });
  });

  it('gets a new job under the next generation', async () => {
    const { id } = await pending();
    expect(await deliveries().renewDelivery(id)).toEqual({ id, generation: 2 });
    expect(await deliveries().renewDelivery(randomUUID())).toBeUndefined();
  });

  it('is not sent any more when newer images superseded it before its first try', async () => {
    const first = await pending();
    await plan(first.study, first.series);
    expect(await isDue(first.id)).toBe(false);
    expect(await deliveries().claimDelivery(first.id)).toBeUndefined();
  });

  it('is finished when an earlier try may have arrived', async () => {
    const first = await pending();
    await deliveries().claimDelivery(first.id);
    await plan(first.study, first.series);
    expect(await isDue(first.id)).toBe(true);
    expect(await deliveries().claimDelivery(first.id)).toMatchObject({ attempts: 1 });
  });
});
