import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arrivedImages } from '../../services/store/arrived-images.ts';
import type { Store } from '../../services/store/connect.ts';
import { seriesIndex } from '../../services/store/series-index.ts';
import { type Arrival, arrival, newUid, planOf } from '../support/arrivals.ts';
import { startStore } from '../support/database.ts';

const started: { store?: Store; stop?: () => Promise<void> } = {};
const store = (): Store => {
  if (started.store === undefined) throw new Error('not started');
  return started.store;
};
beforeAll(async () => Object.assign(started, await startStore()));
afterAll(() => started.stop?.());

const JPEG_LS = '1.2.840.10008.1.2.4.80';
const index = () => seriesIndex(store(), { quietSeconds: 0.001, releasedQuietSeconds: 0.001 });
const arrivals = () =>
  arrivedImages(store(), {
    instanceDirectory: '/instances',
    modality: ['CT'],
    sopClassUids: ['1.2.840.10008.5.1.4.1.1.2'],
  });

async function receive(given: Arrival, TransferSyntaxUID = JPEG_LS) {
  const one = { ...arrival(given), TransferSyntaxUID };
  await index().recordInstance(one);
  return one.header.instance.SOPInstanceUID;
}

describe('arrivedImages', () => {
  it('answers each new image once, with where it lies', async () => {
    const [study, series] = [newUid(), newUid()];
    const next = arrivals();
    const first = await receive({ study, series });
    const answered = await next();
    expect(answered.map(({ SOPInstanceUID }) => SOPInstanceUID)).toEqual([first]);
    expect(answered[0]?.file).toMatch(/^\/instances\/./);
    expect(await next()).toEqual([]);
    const second = await receive({ study, series });
    expect((await next()).map(({ SOPInstanceUID }) => SOPInstanceUID)).toEqual([second]);
    await planned(study);
  });

  it('leaves out what no model reads, what decodes itself, and what a plan has seen', async () => {
    const study = newUid();
    await receive({ study, Modality: 'MR' });
    await receive({ study }, '1.2.840.10008.1.2.1');
    expect(await arrivals()()).toEqual([]);
    const slow = await receive({ study });
    expect((await arrivals()()).map(({ SOPInstanceUID }) => SOPInstanceUID)).toEqual([slow]);
    await planned(study);
    expect(await arrivals()()).toEqual([]);
  });
});

async function planned(study: string): Promise<void> {
  await expect.poll(async () => (await index().dueStudies()).some((due) => due.StudyInstanceUID === study)).toBe(true);
  const due = (await index().dueStudies()).find((found) => found.StudyInstanceUID === study);
  if (due) await index().savePlan(due, [planOf(due)]);
}
