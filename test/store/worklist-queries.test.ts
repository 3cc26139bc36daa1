import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PriorStudies, Worklist, WorklistQuery, WorklistValues } from '../../services/domain/contract/worklist.ts';
import { ACUTE_LABELS, isAiCritical, placeInQueue } from '../../services/domain/priority.ts';
import { studyQueries } from '../../services/store/study-queries.ts';
import { fakeContext } from '../support/fake-context.ts';
import { type Seed, type Seeded, seedStates, seedStudy, startSeeded } from '../support/worklist-seed.ts';

const running: { seeded?: Seeded } = {};
const seeded = (): Seeded => {
  if (running.seeded === undefined) throw new Error('not started');
  return running.seeded;
};
beforeAll(async () => void Object.assign(running, { seeded: await startSeeded() }), 60_000);
afterAll(() => running.seeded?.stop());

const queries = () => studyQueries(seeded().store, fakeContext().log);
const list = async (query: Record<string, string | number> = {}) =>
  Worklist.parse(await queries().worklist(WorklistQuery.parse(query)));
const uids = async (query: Record<string, string | number> = {}) =>
  (await list(query)).studies.map(({ StudyInstanceUID }) => StudyInstanceUID);
const empty = () => seeded().empty();
const seed = (given: Seed = {}) => seedStudy(seeded().store, given);

describe('order', () => {
  it('is that of the formula, over two hundred studies of every kind', async () => {
    await empty();
    const random = (() => {
      const state = { seed: 7 };
      return () => {
        state.seed = (state.seed * 1_103_515_245 + 12_345) % 2 ** 31;
        return state.seed / 2 ** 31;
      };
    })();
    const kinds = Array.from({ length: 200 }, (_none, n) => ({
      hasFindings: random() < 0.5,
      acute: random() < 0.2,
      topScore: 0.3 + 0.7 * random(),
      priority: (['STAT', 'HIGH', 'ROUTINE', 'ROUTINE', 'ROUTINE'] as const)[Math.floor(random() * 5)] ?? 'ROUTINE',
      minutesAgo: Math.floor(random() * 3000),
      label: `Left ${ACUTE_LABELS[n % ACUTE_LABELS.length]?.toUpperCase()}`,
    }));
    const written = async (kind: (typeof kinds)[number]) => {
      const { hasFindings, acute, topScore, priority, minutesAgo, label } = kind;
      const run = { score: topScore, label: acute ? label : 'nodule' };
      const state = hasFindings ? ('FINDINGS' as const) : ('NO_FINDINGS' as const);
      const made = await seed({ minutesAgo, priority, runs: [{ state, ...run }] });
      return { uid: made.uid, ai: kind, ...placeInQueue(priority, made.arrivedAt, kind) };
    };
    const rows: Awaited<ReturnType<typeof written>>[] = [];
    // Side by side, as studies come.
    for (let n = 0; n < 200; n += 8) rows.push(...(await Promise.all(kinds.slice(n, n + 8).map(written))));
    const expected = rows
      .toSorted((a, b) => Number(b.isStat) - Number(a.isStat) || a.queueAt - b.queueAt)
      .map(({ uid }) => uid);
    expect(await uids({ limit: 500 })).toEqual(expected);
    // Pages lie behind one another, and no filter of the AI hides what it does not name.
    const pages = [
      await uids({ limit: 70 }),
      await uids({ limit: 70, offset: 70 }),
      await uids({ limit: 70, offset: 140 }),
    ];
    expect(pages.flat()).toEqual(expected);
    const critical = (await list({ tab: 'critical', limit: 500 })).studies.map(
      ({ StudyInstanceUID }) => StudyInstanceUID,
    );
    expect(new Set(critical)).toEqual(
      new Set(rows.filter(({ ai, isStat }) => isStat || isAiCritical(ai)).map(({ uid }) => uid)),
    );
    const [flagged, others] = [await list({ state: 'findings' }), await list({ state: 'none' })];
    expect([flagged.total + others.total, (await list()).total]).toEqual([200, 200]);
  }, 240_000);

  it.each(['wait', 'patient', 'id', 'study', 'date', 'ai'])('%s is turned round by reverse', async (sort) => {
    const natural = await uids({ sort, limit: 500 });
    expect(natural).toHaveLength(200);
    const reversed = await uids({ sort, order: 'reverse', limit: 500 });
    if (sort !== 'ai') expect(reversed).toEqual(natural.toReversed());
    expect(reversed).not.toEqual(natural);
  });

  it('changes when a reader says STAT, and the screens are told', async () => {
    await empty();
    const [first, second] = [await seed({ minutesAgo: 60 }), await seed({ minutesAgo: 5 })];
    expect(await uids()).toEqual([first.uid, second.uid]);
    expect(await seeded().orders.orderPriority(second.uid, 'STAT')).toBe(true);
    expect(await uids()).toEqual([second.uid, first.uid]);
    expect((await list()).studies[0]).toMatchObject({ priority: 'STAT' });
    expect((await queries().eventsAfter(0)).map(({ kind }) => kind)).toContain('study.prioritised');
    await seeded().orders.orderPriority(second.uid, 'ROUTINE');
    expect(await uids()).toEqual([first.uid, second.uid]);
    expect(await seeded().orders.orderPriority('2.25.1', 'STAT')).toBe(false);
  });

  it('takes the priority of the order as it was received, until a reader says another', async () => {
    await empty();
    const routine = await seed({ minutesAgo: 60 });
    const stat = await seed({ minutesAgo: 1, received: 'STAT' });
    const odd = await seed({ minutesAgo: 2, received: 'WHENEVER' });
    expect(await uids()).toEqual([stat.uid, routine.uid, odd.uid]);
    await seeded().orders.orderPriority(stat.uid, 'ROUTINE');
    expect(await uids()).toEqual([routine.uid, odd.uid, stat.uid]);
  });
});

describe('filters', () => {
  it('by modality, sender, body part and date, together', async () => {
    await empty();
    const ct = await seed({ Modality: 'CT', sourceAETitle: 'CT1', BodyPartExamined: 'CHEST', StudyDate: '20260101' });
    const mr = await seed({ Modality: 'MR', sourceAETitle: 'MR1', BodyPartExamined: 'HEAD', StudyDate: '20260201' });
    const both = await seed({ Modality: 'CT', sourceAETitle: 'MR1', BodyPartExamined: '', StudyDate: '20260301' });
    const found = async (query: Record<string, string>) => new Set(await uids(query));
    expect(await found({ modality: 'CT' })).toEqual(new Set([ct.uid, both.uid]));
    expect(await found({ modality: 'CT,MR' })).toEqual(new Set([ct.uid, mr.uid, both.uid]));
    expect(await found({ modality: 'CT', source: 'MR1' })).toEqual(new Set([both.uid]));
    expect(await found({ bodyPart: 'HEAD' })).toEqual(new Set([mr.uid]));
    expect(await found({ from: '2026-01-15', to: '2026-02-01' })).toEqual(new Set([mr.uid]));
    expect(await found({ from: '20260301', search: 'nobody' })).toEqual(new Set());
    expect(WorklistValues.parse(await queries().worklistValues())).toEqual({
      modalities: ['CT', 'MR'],
      sources: ['CT1', 'MR1'],
      bodyParts: ['CHEST', 'HEAD'],
    });
  });

  it('by what is read: the tabs count themselves', async () => {
    await empty();
    const open = await seed({});
    const draft = await seed({ reading: 'DRAFT' });
    const signed = await seed({ reading: 'SIGNED', priority: 'STAT' });
    const all = await list();
    expect(all.tabs).toEqual({ toRead: 2, critical: 0, signed: 1, all: 3 });
    expect(new Set(await uids({ tab: 'toRead' }))).toEqual(new Set([open.uid, draft.uid]));
    expect(await uids({ tab: 'signed' })).toEqual([signed.uid]);
    const row = all.studies.find(({ StudyInstanceUID }) => StudyInstanceUID === draft.uid);
    expect(row?.reading).toMatchObject({ state: 'DRAFT', reader: 'Li^Na' });
    expect(all.studies.find(({ StudyInstanceUID }) => StudyInstanceUID === open.uid)?.reading).toBeNull();
  });
});

describe('the eleven states', () => {
  it('are told apart by the server, and each is found by its name', async () => {
    await empty();
    const made = await seedStates(seeded().store);
    const shown = Object.fromEntries((await list()).studies.map((row) => [row.StudyInstanceUID, row.aiState]));
    for (const [state, uid] of Object.entries(made)) {
      expect(shown[uid], state).toBe(state);
      expect(await uids({ state }), state).toEqual([uid]);
    }
    expect(Object.keys(made)).toHaveLength(11);
  });

  it('say below the threshold, the place in the queue and when a model was withdrawn', async () => {
    const rows = (await list()).studies;
    const runOf = (state: string) => rows.find(({ aiState }) => aiState === state)?.runs[0];
    expect(runOf('none')).toMatchObject({ belowCount: 2 });
    expect(runOf('queued')).toMatchObject({ queuePosition: 1 });
    expect(runOf('findings')).toMatchObject({ queuePosition: null, withdrawnAt: null });
    expect(runOf('withdrawn')).toMatchObject({ withdrawnAt: expect.any(String) });
  });
});

describe('second reading', () => {
  it('tells neither what was found nor, by the order, that anything was', async () => {
    await empty();
    await sql`INSERT INTO reading_mode VALUES ('blob-log-ct', 'second')`.execute(seeded().store.database);
    try {
      const nothing = await seed({ minutesAgo: 30, runs: [{ state: 'NO_FINDINGS' }] });
      const acute = await seed({ minutesAgo: 20, runs: [{ state: 'FINDINGS', score: 1, label: 'embolism' }] });
      const failed = await seed({ minutesAgo: 10, runs: [{ state: 'FAILED' }] });
      const expected = [nothing.uid, acute.uid, failed.uid];
      for (const sort of ['priority', 'wait', 'ai']) expect(await uids({ sort }), sort).toEqual(expected);
      const before = new Date(Date.now() - 3_600_000).toISOString();
      expect(await list({ before: new Date().toISOString() })).toMatchObject({ moved: 0 });
      expect(await list({ before })).toMatchObject({ newer: 3, moved: 0 });
      const [one, other] = (await list()).studies;
      expect([one?.aiState, other?.aiState]).toEqual(['hidden', 'hidden']);
      const secret = ({ runs, aiCritical }: NonNullable<typeof one>) => [
        aiCritical,
        ...runs.map(({ state, hidden, findingCount, largestMm, topScore, belowCount }) =>
          JSON.stringify({ state, hidden, findingCount, largestMm, topScore, belowCount }),
        ),
      ];
      expect(one && secret(one)).toEqual(other && secret(other));
      expect(await uids({ state: 'findings,none' })).toEqual([]);
      expect(await uids({ tab: 'critical' })).toEqual([]);
      await seeded().read(acute.uid, { revealed: true });
      expect((await uids())[0]).toBe(acute.uid);
      expect(await uids({ tab: 'critical' })).toEqual([acute.uid]);
    } finally {
      await sql`DELETE FROM reading_mode`.execute(seeded().store.database);
    }
  });
});

describe('a list that is being read', () => {
  it('does not grow: later studies are counted, and so are those that moved', async () => {
    await empty();
    const old = await seed({ minutesAgo: 10 });
    const { asOf } = await list();
    const late = await seed({ minutesAgo: 0 });
    expect(await list({ before: asOf })).toMatchObject({ total: 1, newer: 1, moved: 0 });
    expect(await uids({ before: asOf })).toEqual([old.uid]);
    await seeded().orders.orderPriority(old.uid, 'STAT');
    expect(await list({ before: asOf })).toMatchObject({ total: 1, newer: 1, moved: 1 });
    expect((await list({ before: asOf, uids: `${late.uid},${old.uid}` })).studies).toHaveLength(2);
  });
});

it('names other studies of the same patient, newest first, and none of another', async () => {
  await empty();
  const [now, older, oldest] = [
    await seed({ PatientID: 'P7', StudyDate: '20260301' }),
    await seed({ PatientID: 'P7', StudyDate: '20250301', StudyDescription: 'before' }),
    await seed({ PatientID: 'P7', StudyDate: '20240301' }),
  ];
  await seed({ PatientID: 'P8' });
  await seed({ PatientID: '' });
  const nameless = await seed({ PatientID: '' });
  const of = async (uid: string) => PriorStudies.parse(await queries().priorStudies(uid)).priors;
  expect(await of(now.uid)).toMatchObject([
    { StudyInstanceUID: older.uid, StudyDescription: 'before', modalities: ['CT'] },
    { StudyInstanceUID: oldest.uid },
  ]);
  expect(await of(nameless.uid)).toEqual([]);
  expect(await queries().priorStudies('2.25.1')).toBeUndefined();
});

it('has a study planned again when a reader orders it', async () => {
  await empty();
  const { uid } = await seed({ runs: [{ state: 'FINDINGS', score: 0.8 }] });
  const due = async () => (await seeded().index.dueStudies()).map(({ StudyInstanceUID }) => StudyInstanceUID);
  expect(await due()).toEqual([]);
  expect(await seeded().orders.orderAnalysis(uid)).toBe(true);
  expect(await due()).toEqual([uid]);
  expect(await seeded().orders.orderAnalysis(`2.25.${BigInt(`0x${randomUUID().replaceAll('-', '')}`)}`)).toBe(false);
});
