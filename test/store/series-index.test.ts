import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../services/store/connect.ts';
import { connect } from '../../services/store/connect.ts';
import { seriesIndex } from '../../services/store/series-index.ts';
import { arrival, newUid } from '../support/arrivals.ts';
import { startStore } from '../support/database.ts';
import { fakeContext } from '../support/fake-context.ts';

const started: { store?: Store; stop?: () => Promise<void> } = {};
const store = (): Store => {
  if (started.store === undefined) throw new Error('not started');
  return started.store;
};
const QUIET = { quietSeconds: 20, releasedQuietSeconds: 2 };
const index = () => seriesIndex(store(), QUIET);

beforeAll(async () => Object.assign(started, await startStore()));
afterAll(() => started.stop?.());

const seriesRow = (SeriesInstanceUID: string) =>
  store()
    .database.selectFrom('series')
    .selectAll()
    .where('SeriesInstanceUID', '=', SeriesInstanceUID)
    .executeTakeFirstOrThrow();
const eventsOf = async (StudyInstanceUID: string) =>
  store()
    .database.selectFrom('event')
    .selectAll()
    .where('StudyInstanceUID', '=', StudyInstanceUID)
    .orderBy('id')
    .execute();
const quietSeconds = async (series: string) => ((await seriesRow(series)).quietAt.getTime() - Date.now()) / 1000;

describe('recordInstance', () => {
  it('records study, series and instance of a new one', async () => {
    const one = arrival();
    await expect(index().recordInstance(one)).resolves.toBe('new');
    const { study, series, instance } = one.header;
    const row = await store()
      .database.selectFrom('instance')
      .selectAll()
      .where('path', '=', one.path)
      .executeTakeFirstOrThrow();
    expect(row).toMatchObject({
      SOPInstanceUID: instance.SOPInstanceUID,
      SeriesInstanceUID: series.SeriesInstanceUID,
      StudyInstanceUID: study.StudyInstanceUID,
      bytes: 525_000,
      Rows: 512,
      NumberOfFrames: null,
      watermark: 1,
    });
    expect(row.receivedAt).toBeInstanceOf(Date);
    expect(await seriesRow(series.SeriesInstanceUID)).toMatchObject({
      watermark: 1,
      plannedWatermark: 0,
      longestPauseMs: 0,
      SeriesNumber: 2,
    });
    expect(await quietSeconds(series.SeriesInstanceUID)).toBeCloseTo(20, 0);
    expect((await eventsOf(study.StudyInstanceUID)).map(({ kind }) => kind)).toEqual(['series.received']);
  });

  it('takes an identical re-send and changes nothing', async () => {
    const one = arrival();
    const { SeriesInstanceUID } = one.header.series;
    await index().recordInstance(one);
    const before = await seriesRow(SeriesInstanceUID);
    await expect(index().recordInstance({ ...one, path: 'another.dcm' })).resolves.toBe('identical');
    expect(await seriesRow(SeriesInstanceUID)).toEqual(before);
  });

  it('knows its own file again when the commit was done but not heard of', async () => {
    const one = arrival();
    await index().recordInstance(one);
    await expect(index().recordInstance(one)).resolves.toBe('new');
    expect((await seriesRow(one.header.series.SeriesInstanceUID)).watermark).toBe(1);
  });

  it.each([
    ['other bytes', { content: 'other' }],
    ['another study', { study: newUid(), content: 'same' }],
    ['another series', { series: newUid(), content: 'same' }],
  ])('puts a known UID with %s in quarantine', async (_what, change) => {
    const known = { study: newUid(), series: newUid(), SOPInstanceUID: newUid(), content: 'same' };
    await index().recordInstance(arrival(known));
    const other = arrival({ ...known, ...change });
    await expect(index().recordInstance(other)).resolves.toBe('differs');
    const kept = await store().database.selectFrom('quarantine').selectAll().where('path', '=', other.path).execute();
    expect(kept).toMatchObject([{ SOPInstanceUID: known.SOPInstanceUID, sourceAETitle: 'MODALITY' }]);
    expect((await seriesRow(known.series)).watermark).toBe(1);
    expect((await eventsOf(known.study)).at(-1)).toMatchObject({ kind: 'instance.quarantined' });
    const stray = await store()
      .database.selectFrom('study')
      .select('StudyInstanceUID')
      .where('StudyInstanceUID', '=', other.header.study.StudyInstanceUID)
      .execute();
    expect(stray).toHaveLength('study' in change ? 0 : 1);
  });

  it('keeps the first demographics, and names what differs without its values', async () => {
    const [study, series] = [newUid(), newUid()];
    await index().recordInstance(arrival({ study, series }));
    for (const _ of [1, 2])
      await index().recordInstance(arrival({ study, series, PatientName: 'Secret^Name', PatientID: 'P-2' }));
    const row = await store()
      .database.selectFrom('study')
      .selectAll()
      .where('StudyInstanceUID', '=', study)
      .executeTakeFirstOrThrow();
    expect(row).toMatchObject({ PatientName: 'Wang^XiaoDong=王^小东', PatientID: 'P-1' });
    const told = (await eventsOf(study)).filter(({ kind }) => kind === 'study.attributes-differ');
    expect(told).toMatchObject([{ fields: { attributes: 'PatientID PatientName' } }]);
    expect(JSON.stringify(told)).not.toContain('Secret');
  });

  it('takes what a text or integer column does not: NUL, half a surrogate, an IS out of range', async () => {
    const one = arrival({ PatientName: 'A\0B\ud800', InstanceNumber: 1e12 });
    await expect(index().recordInstance(one)).resolves.toBe('new');
    const row = await store()
      .database.selectFrom('study')
      .select('PatientName')
      .where('StudyInstanceUID', '=', one.header.study.StudyInstanceUID)
      .executeTakeFirstOrThrow();
    expect(row.PatientName).toBe('AB\ufffd');
  });

  it('does not fail the others of a batch with one that cannot be recorded', async () => {
    const recorder = index();
    const bad = { ...arrival(), sha256: 'short' };
    const all = await Promise.allSettled(
      [arrival(), arrival(), bad, arrival()].map((one) => recorder.recordInstance(one)),
    );
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    await expect(recorder.recordInstance(arrival())).resolves.toBe('new');
  });

  it('remembers the longest pause, but not one that outlasted the quiet time', async () => {
    const [study, series] = [newUid(), newUid()];
    const patient = seriesIndex(store(), { quietSeconds: 0.4, releasedQuietSeconds: 0.1 });
    await patient.recordInstance(arrival({ study, series }));
    await sleep(150);
    await patient.recordInstance(arrival({ study, series }));
    const paused = (await seriesRow(series)).longestPauseMs;
    expect(paused).toBeGreaterThanOrEqual(149);
    expect(paused).toBeLessThan(400);
    await sleep(600);
    await patient.recordInstance(arrival({ study, series }));
    expect((await seriesRow(series)).longestPauseMs).toBe(paused);
  });

  it('counts every instance once when several receivers get the same series crosswise', async () => {
    const second = await connect(store().url, fakeContext().log);
    try {
      const [study, other] = [newUid(), newUid()];
      const [a, b] = [newUid(), newUid()];
      const all = Array.from({ length: 60 }, (_, n) =>
        arrival({ study: n % 3 === 0 ? other : study, series: n % 2 === 0 ? a : b }),
      );
      const indexes = [index(), index(), seriesIndex(second, QUIET), seriesIndex(second, QUIET)];
      const answers = await Promise.all(
        indexes.flatMap((each, i) =>
          (i % 2 === 0 ? all : all.toReversed()).map((one) =>
            each.recordInstance({ ...one, path: `${i}/${one.path}` }),
          ),
        ),
      );
      expect(answers.filter((answer) => answer === 'new')).toHaveLength(60);
      expect(answers.filter((answer) => answer === 'identical')).toHaveLength(180);
      const rows = await store()
        .database.selectFrom('series')
        .select('watermark')
        .where('SeriesInstanceUID', 'in', [a, b])
        .execute();
      expect(rows.map(({ watermark }) => watermark).toSorted((x, y) => x - y)).toEqual([10, 10, 20, 20]);
      const marks = await store()
        .database.selectFrom('instance')
        .select('watermark')
        .where('StudyInstanceUID', '=', study)
        .where('SeriesInstanceUID', '=', a)
        .execute();
      expect(marks.map(({ watermark }) => watermark).toSorted((x, y) => x - y)).toEqual(
        Array.from({ length: 20 }, (_, i) => i + 1),
      );
    } finally {
      await second.close();
    }
  });

  it('says how fast it is', async () => {
    for (const senders of [1, 4, 16]) {
      const [study, series] = [newUid(), newUid()];
      const recorder = index();
      const startedAt = performance.now();
      await Promise.all(
        Array.from({ length: senders }, async () => {
          for (let n = 0; n < 120 / senders; n++) await recorder.recordInstance(arrival({ study, series }));
        }),
      );
      const seconds = (performance.now() - startedAt) / 1000;
      console.log(`recordInstance, ${senders} senders: ${Math.round(120 / seconds)} instances/s`);
      expect((await seriesRow(series)).watermark).toBeGreaterThanOrEqual(112);
    }
  });
});

describe('associationEnded', () => {
  it('shortens the quiet time after a release, at least to the least', async () => {
    const one = arrival();
    await index().recordInstance(one);
    await index().associationEnded([{ ...key(one) }], true);
    expect(await quietSeconds(key(one).SeriesInstanceUID)).toBeCloseTo(2, 0);
    expect((await eventsOf(key(one).StudyInstanceUID)).at(-1)).toMatchObject({
      kind: 'series.sent',
      fields: { released: true, instances: 1 },
    });
  });

  it.each([
    ['four times the longest pause', 1500, 6],
    ['never more than the ordinary quiet time', 60_000, 20],
  ])('waits %s', async (_what, longestPauseMs, expected) => {
    const one = arrival();
    await index().recordInstance(one);
    const { SeriesInstanceUID } = key(one);
    await store()
      .database.updateTable('series')
      .set({ longestPauseMs })
      .where('SeriesInstanceUID', '=', SeriesInstanceUID)
      .execute();
    await index().associationEnded([key(one)], true);
    expect(await quietSeconds(SeriesInstanceUID)).toBeCloseTo(expected, 0);
  });

  it('never makes a series wait longer', async () => {
    const one = arrival();
    await seriesIndex(store(), { quietSeconds: 1, releasedQuietSeconds: 1 }).recordInstance(one);
    await index().associationEnded([key(one)], true);
    expect(await quietSeconds(key(one).SeriesInstanceUID)).toBeLessThan(1.05);
  });

  it('changes nothing after an abort, and nothing for a series it does not know', async () => {
    const one = arrival();
    await index().recordInstance(one);
    await index().associationEnded([key(one)], false);
    await index().associationEnded([{ StudyInstanceUID: newUid(), SeriesInstanceUID: newUid() }], true);
    expect(await quietSeconds(key(one).SeriesInstanceUID)).toBeCloseTo(20, 0);
  });
});

const key = ({ header: { study, series } }: ReturnType<typeof arrival>) => ({
  StudyInstanceUID: study.StudyInstanceUID,
  SeriesInstanceUID: series.SeriesInstanceUID,
});
