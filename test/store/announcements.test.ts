import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnnouncementSource, StepStatus } from '../../services/domain/announcement.ts';
import { announcements } from '../../services/store/announcements.ts';
import type { Store } from '../../services/store/connect.ts';
import { seriesIndex } from '../../services/store/series-index.ts';
import { silentStudies } from '../../services/store/silent-studies.ts';
import { studyQueries } from '../../services/store/study-queries.ts';
import { arrival, newUid, planOf } from '../support/arrivals.ts';
import { startStore } from '../support/database.ts';
import { fakeContext } from '../support/fake-context.ts';

const started: { store?: Store; stop?: () => Promise<void> } = {};
const store = (): Store => {
  if (started.store === undefined) throw new Error('not started');
  return started.store;
};
beforeAll(async () => Object.assign(started, await startStore()));
afterAll(() => started.stop?.());

const WAIT_SECONDS = 600;
const index = () => seriesIndex(store(), { quietSeconds: WAIT_SECONDS, releasedQuietSeconds: 0.001 });
const said = () => announcements(store(), { waitSeconds: WAIT_SECONDS });

interface Series {
  readonly study: string;
  readonly series: string;
}
const newSeries = (study = newUid()): Series => ({ study, series: newUid() });
async function receive(
  { study, series }: Series,
  images: number,
  given: { Modality?: string; ImageType?: string } = {},
) {
  for (let at = 0; at < images; at += 1) {
    const { header, ...stored } = arrival({ study, series, Modality: given.Modality ?? 'CT' });
    const { ImageType = header.instance.ImageType } = given;
    await index().recordInstance({ ...stored, header: { ...header, instance: { ...header.instance, ImageType } } });
  }
}
const released = ({ study, series }: Series) =>
  index().associationEnded([{ StudyInstanceUID: study, SeriesInstanceUID: series }], true);
const announce = ({ study, series }: Series, instances: number, source: AnnouncementSource, Modality = 'CT') =>
  said().announce({
    ...{ source, AETitle: 'MODALITY' },
    series: [{ StudyInstanceUID: study, SeriesInstanceUID: series, Modality, instances }],
  });
/** Of the others none is left to plan: only so many are answered at once. */
async function isDue(uid: string): Promise<boolean> {
  await store()
    .database.updateTable('series')
    .set((row) => ({ plannedWatermark: row.ref('watermark') }))
    .where('StudyInstanceUID', '<>', uid)
    .execute();
  return (await index().dueStudies()).some(({ StudyInstanceUID }) => StudyInstanceUID === uid);
}
const partly = async (uid: string) =>
  (await index().partlyDueStudies()).find(({ StudyInstanceUID }) => StudyInstanceUID === uid);
const waitOf = async ({ series }: Series) => {
  const { rows } = await sql<{ missing: number; announced: number | null; seconds: number }>`
    SELECT missing, announced, extract(epoch FROM "dueAt" - now())::double precision AS seconds
    FROM series_wait WHERE "SeriesInstanceUID" = ${series}`.execute(store().database);
  return rows[0];
};

describe('a series that is announced', () => {
  it.each<AnnouncementSource>(['mpps', 'availability', 'query'])(
    'is complete once all of it is here (%s)',
    async (source) => {
      const one = newSeries();
      await receive(one, 3);
      expect(await isDue(one.study)).toBe(false);
      await announce(one, 3, source);
      expect(await isDue(one.study)).toBe(true);
    },
  );

  it('is complete with its last image, when it was announced before', async () => {
    const one = newSeries();
    await announce(one, 3, 'mpps');
    await receive(one, 2);
    expect(await isDue(one.study)).toBe(false);
    await receive(one, 1);
    expect(await isDue(one.study)).toBe(true);
  });

  it('is not complete by a count that is older than its last image: the sender may have got more', async () => {
    const one = newSeries();
    await receive(one, 2);
    await announce(one, 3, 'query');
    await receive(one, 1);
    expect(await isDue(one.study)).toBe(false);
    await announce(one, 3, 'query');
    expect(await isDue(one.study)).toBe(true);
  });

  it('waits for what is missing, longer than without, though its association was released', async () => {
    const one = newSeries();
    await receive(one, 3);
    await announce(one, 5, 'mpps');
    await released(one);
    expect(await isDue(one.study)).toBe(false);
    const wait = await waitOf(one);
    expect(wait).toMatchObject({ missing: 2, announced: 5 });
    expect(Math.abs((wait?.seconds ?? 0) - WAIT_SECONDS)).toBeLessThan(60);
  });

  it('is not waited for longer than that', async () => {
    const one = newSeries();
    await receive(one, 3);
    await announce(one, 5, 'mpps');
    await store()
      .database.updateTable('series')
      .set({ lastArrivalAt: new Date(Date.now() - WAIT_SECONDS * 1000 - 1000), quietAt: new Date() })
      .where('SeriesInstanceUID', '=', one.series)
      .execute();
    expect(await isDue(one.study)).toBe(true);
  });

  it('is late, not complete, when more came than was announced', async () => {
    const one = newSeries();
    await receive(one, 3);
    await announce(one, 3, 'mpps');
    const [due] = (await index().dueStudies()).filter(({ StudyInstanceUID }) => StudyInstanceUID === one.study);
    if (due === undefined) throw new Error('not due');
    await index().savePlan(due, [planOf(due)]);
    await receive(one, 1);
    expect(await isDue(one.study)).toBe(false);
  });

  it('is known to the screen: so many of so many are missing', async () => {
    const one = newSeries();
    await receive(one, 131);
    await announce(one, 143, 'availability');
    const detail = await studyQueries(store(), fakeContext().log).studyDetail(one.study);
    expect(detail?.study).toMatchObject({
      announced: { images: 143, missing: 12 },
      receiving: true,
      aiState: 'receiving',
    });
    expect(detail?.study.quietSecondsLeft).toBeGreaterThan(0);
  });

  it('of which no image is here is waited for, if it was made or is available; a query alone does not say that it comes', async () => {
    const [one, absent] = [newSeries(), newUid()];
    await receive(one, 2);
    await announce(one, 2, 'mpps');
    await announce({ ...one, series: newUid() }, 7, 'query');
    expect(await isDue(one.study)).toBe(true);
    await announce({ ...one, series: absent }, 100, 'mpps', 'PT');
    expect(await isDue(one.study)).toBe(false);
    expect(await partly(one.study)).toMatchObject({ awaited: [{ SeriesInstanceUID: absent, Modality: 'PT' }] });
    const detail = await studyQueries(store(), fakeContext().log).studyDetail(one.study);
    expect(detail?.study.announced).toEqual({ images: 102, missing: 100 });
  });
});

it('a series of which nobody says anything is waited for in the rhythm of its sender', async () => {
  const one = newSeries();
  await receive(one, 2);
  const slow = { quietAt: new Date(), lastArrivalAt: new Date(), longestPauseMs: 300_000 };
  await store().database.updateTable('series').set(slow).where('SeriesInstanceUID', '=', one.series).execute();
  expect(await isDue(one.study)).toBe(false);
  expect(Math.abs(((await waitOf(one))?.seconds ?? 0) - 600)).toBeLessThan(60);
});

describe('a request for commitment', () => {
  const references = async ({ series }: Series) => {
    const rows = store().database.selectFrom('instance').select(['SOPClassUID', 'SOPInstanceUID']);
    return rows.where('SeriesInstanceUID', '=', series).execute();
  };
  it('says that a series is complete, if it names every image of it', async () => {
    const one = newSeries();
    await receive(one, 3);
    const all = await references(one);
    await said().announceCommitted('MODALITY', all.slice(1));
    expect(await waitOf(one)).toMatchObject({ announced: null });
    await said().announceCommitted('MODALITY', [...all, { SOPClassUID: '1.2', SOPInstanceUID: newUid() }]);
    expect(await waitOf(one)).toMatchObject({ announced: null });
    await said().announceCommitted('MODALITY', all);
    // In the rhythm of the sender: some ask for commitment image by image.
    expect((await waitOf(one))?.seconds).toBeLessThan(30);
    await expect.poll(() => isDue(one.study), { timeout: 20_000 }).toBe(true);
  });
});

describe('a study of which a part is complete', () => {
  it('is told with what grows, and which series are localizers', async () => {
    const ct = newSeries();
    const [scout, mr] = [newSeries(ct.study), newSeries(ct.study)];
    await receive(ct, 3);
    await receive(scout, 1, { ImageType: 'ORIGINAL\\PRIMARY\\LOCALIZER' });
    await receive(mr, 2, { Modality: 'MR' });
    await announce(ct, 3, 'mpps');
    const found = await partly(ct.study);
    const seen = new Map(
      found?.series.map((one) => [one.SeriesInstanceUID, [one.growing, one.localizer, one.instances.length]]),
    );
    expect(seen.get(ct.series)).toEqual([false, false, 2]);
    expect(seen.get(scout.series)).toEqual([true, true, 1]);
    expect(seen.get(mr.series)).toEqual([true, false, 2]);
    const study = await index().studyToPlan(ct.study);
    if (study === undefined) throw new Error('gone');
    expect(study.series.find(({ SeriesInstanceUID }) => SeriesInstanceUID === ct.series)?.instances).toHaveLength(3);
    await index().savePlan(study, [planOf(study, { seriesSet: [ct.series] })]);
    // What still grows has been seen by no plan.
    expect(await partly(ct.study)).toBeUndefined();
    await Promise.all([released(scout), released(mr)]);
    await expect.poll(() => isDue(ct.study), { timeout: 20_000 }).toBe(true);
  });
});

describe('what is silent', () => {
  it('is counted at its sender, and nowhere else', async () => {
    const one = newSeries();
    await receive(one, 3);
    const asked = async (AETitle: string) =>
      (await silentStudies(store(), [AETitle])).filter(({ StudyInstanceUID }) => StudyInstanceUID === one.study);
    await expect.poll(() => asked('MODALITY'), { timeout: 20_000 }).toMatchObject([{ AETitle: 'MODALITY' }]);
    expect(await asked('ANOTHER')).toEqual([]);
    await announce(one, 3, 'query');
    expect(await asked('MODALITY')).toEqual([]);
  });
});

it('whatever is said in whatever order, nothing starts before all that is announced is here', async () => {
  const step = fc.oneof(
    fc.constant({ is: 'image' } as const),
    fc.constant({ is: 'release' } as const),
    fc.record({
      is: fc.constant('count' as const),
      source: fc.constantFrom<AnnouncementSource>('mpps', 'availability', 'query'),
      instances: fc.integer({ min: 1, max: 6 }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      const one = newSeries();
      await receive(one, 1);
      const counts = new Map<AnnouncementSource, number>();
      const held = { images: 1 };
      for (const each of steps) {
        if (each.is === 'image') {
          await receive(one, 1);
          held.images += 1;
        } else if (each.is === 'release') await released(one);
        else {
          await announce(one, each.instances, each.source);
          counts.set(each.source, each.instances);
        }
        const most = Math.max(0, ...counts.values());
        if (held.images < most) expect(await isDue(one.study)).toBe(false);
        if (each.is === 'count' && held.images === most && each.instances === most)
          expect(await isDue(one.study)).toBe(true);
      }
    }),
    { numRuns: 25 },
  );
});

/** The state table of PS3.4 §F.7 for one step; `undefined` before it is created. */
interface ToldStep {
  readonly creates: boolean;
  readonly AETitle: string;
  readonly status: StepStatus | undefined;
}
type KeptStep = { readonly AETitle: string; readonly status: StepStatus } | undefined;

function stepAfter(
  before: KeptStep,
  { creates, AETitle, status }: ToldStep,
): readonly [outcome: string, after: KeptStep] {
  if (creates) return before === undefined ? ['done', { AETitle, status: 'IN PROGRESS' }] : ['exists', before];
  if (before?.AETitle !== AETitle) return ['unknown', before];
  if (before.status !== 'IN PROGRESS') return ['closed', before];
  return ['done', { AETitle, status: status ?? before.status }];
}

it('a step is what the state table of PS3.4 §F.7 says, in whatever order it is told', async () => {
  const status = fc.constantFrom<StepStatus | undefined>('IN PROGRESS', 'COMPLETED', 'DISCONTINUED', undefined);
  const told = fc.record({ creates: fc.boolean(), AETitle: fc.constantFrom('CT1', 'CT2'), status });
  await fc.assert(
    fc.asyncProperty(fc.array(told, { minLength: 1, maxLength: 8 }), async (all) => {
      const SOPInstanceUID = newUid();
      const kept: { step: KeptStep } = { step: undefined };
      for (const each of all) {
        const [outcome, after] = stepAfter(kept.step, each);
        const step = { SOPInstanceUID, AETitle: each.AETitle, status: each.status, studies: [], series: undefined };
        expect(await (each.creates ? said().createStep(step) : said().changeStep(step))).toBe(outcome);
        kept.step = after;
      }
      const rows = store().database.selectFrom('performed_step').select(['AETitle', 'status']);
      expect(await rows.where('SOPInstanceUID', '=', SOPInstanceUID).executeTakeFirst()).toEqual(kept.step);
    }),
    { numRuns: 30 },
  );
});
