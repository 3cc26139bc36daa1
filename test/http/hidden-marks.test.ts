import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StudyDetail, Worklist } from '../../services/domain/contract/worklist.ts';
import type { ReadingMode } from '../../services/domain/reading-state.ts';
import type { Store } from '../../services/store/connect.ts';
import { dicomwebQueries } from '../../services/store/dicomweb-queries.ts';
import { heldObjects } from '../../services/store/held-objects.ts';
import { saveReadingModes } from '../../services/store/reading-modes.ts';
import { readingStore } from '../../services/store/reading-store.ts';
import { seriesIndex } from '../../services/store/series-index.ts';
import { studyQueries } from '../../services/store/study-queries.ts';
import { arrival, newUid } from '../support/arrivals.ts';
import { startStore } from '../support/database.ts';
import { fakeContext } from '../support/fake-context.ts';
import { accepted, content, LI, type ReadStudy, studyWith } from '../support/readings.ts';
import { type AppServer, startApp } from './app-server.ts';

/** The model of `studyWith`. */
const MODEL = 'blob-log-ct';
const SCORES = [0.98123, 0.87654];

const started: { store?: Store; app?: AppServer; stop?: () => Promise<void> } = {};
const store = (): Store => {
  if (started.store === undefined) throw new Error('not started');
  return started.store;
};
const readings = () => readingStore(store(), { instanceDirectory: '/' });
const read = (mode: ReadingMode) => saveReadingModes(store(), { [MODEL]: mode });

beforeAll(async () => {
  Object.assign(started, await startStore());
  started.app = await startApp({
    studies: studyQueries(store(), fakeContext().log),
    dicomweb: dicomwebQueries(store(), { instanceDirectory: mkdtempSync(join(tmpdir(), 'overread-hidden-')) }),
    readings: readings(),
  });
});
afterAll(async () => {
  await started.app?.close();
  await started.stop?.();
});

/** Every answer that may speak of a study, whole, as one text. */
async function everything({ StudyInstanceUID: uid }: ReadStudy, report = ''): Promise<string> {
  const paths = [
    `/api/studies/${uid}`,
    `/api/studies/${uid}/reading`,
    '/api/worklist?limit=500',
    `/dicomweb/studies?StudyInstanceUID=${uid}&includefield=all`,
    `/dicomweb/studies/${uid}/series`,
    `/dicomweb/studies/${uid}/instances`,
    '/dicomweb/instances?limit=1000',
    '/dicomweb/series?Modality=SR&limit=1000',
    `/dicomweb/studies?SeriesDescription=*${report}*findings*`,
    `/dicomweb/studies/${uid}/series/1.2.3/instances/${report || '1.2.3'}`,
  ];
  const bodies = await Promise.all(paths.map(async (path) => (await fetch(`${started.app?.url}${path}`)).text()));
  return [...bodies, await events()].join('\n');
}

/** What a screen hears that asks for all events from the beginning. */
async function events(): Promise<string> {
  const leaving = new AbortController();
  const response = await fetch(`${started.app?.url}/api/events`, {
    headers: { 'last-event-id': '0' },
    signal: leaving.signal,
  });
  const heard: string[] = [];
  const timer = setTimeout(() => leaving.abort(), 400);
  try {
    for await (const chunk of response.body ?? []) heard.push(Buffer.from(chunk).toString());
  } catch {
    // It ends when nothing more is to be heard.
  }
  clearTimeout(timer);
  return heard.join('');
}

/** What must not be in any of them: marks, scores, sizes, the report that holds them. */
const secretsOf = ({ findings, report }: ReadStudy) => [...findings, ...SCORES.map(String), report];
const detail = async ({ StudyInstanceUID }: ReadStudy) =>
  StudyDetail.parse(await (await fetch(`${started.app?.url}/api/studies/${StudyInstanceUID}`)).json());
const reveal = (study: ReadStudy) =>
  readings().reveal({ StudyInstanceUID: study.StudyInstanceUID, revision: 0, reader: LI });

describe('a second reading, until its reader has ended the own one', () => {
  it('sends nothing of the findings, anywhere', async () => {
    await read('second');
    const study = await studyWith(store(), SCORES);
    const text = await everything(study);
    expect(text).toContain(study.SOPInstanceUID);
    expect(secretsOf(study).filter((secret) => text.includes(secret))).toEqual([]);
    expect((await detail(study)).runs[0]).toMatchObject({
      ...{ hidden: true, state: 'FINDINGS', findingCount: 0, largestMm: null, topScore: null, findings: [] },
      ...{ SRSOPInstanceUID: null, SRSeriesInstanceUID: null, stageSeconds: {} },
    });
  });

  it('says the same of a study with findings and of one without', async () => {
    await read('second');
    const [found, clean] = [await studyWith(store(), SCORES), await studyWith(store(), [])];
    const shown = async (study: ReadStudy) => {
      const { runs } = await detail(study);
      const { runId: _id, createdAt: _at, startedAt: _started, finishedAt: _ended, ...rest } = runs[0] ?? {};
      return { ...rest, analysedSeriesInstanceUID: null };
    };
    expect(await shown(found)).toEqual(await shown(clean));
  });

  it('has its row where it would be without findings', async () => {
    await read('second');
    const [older, found] = [await studyWith(store(), []), await studyWith(store(), SCORES)];
    const order = async () => {
      const { studies } = Worklist.parse(await (await fetch(`${started.app?.url}/api/worklist?limit=500`)).json());
      const uids = studies.map(({ StudyInstanceUID }) => StudyInstanceUID);
      return uids.indexOf(found.StudyInstanceUID) < uids.indexOf(older.StudyInstanceUID);
    };
    expect(await order()).toBe(false);
    await reveal(found);
    expect(await order()).toBe(true);
  });

  it('keeps the report from C-FIND, C-MOVE and C-GET too', async () => {
    await read('second');
    const study = await studyWith(store(), SCORES);
    const { find, instances } = heldObjects(store(), { instanceDirectory: '/' });
    const held = async () => {
      const StudyInstanceUID = [study.StudyInstanceUID];
      const query = { match: { StudyInstanceUID }, wanted: new Set<string>(), fuzzy: false, combinedDateTime: false };
      const found = [];
      for await (const batch of find({ ...query, level: 'IMAGE' })) found.push(...batch);
      const sent = await instances({ StudyInstanceUID }, 100);
      return [found, sent].map((list) => list.some(({ SOPInstanceUID }) => SOPInstanceUID === study.report));
    };
    expect(await held()).toEqual([false, false]);
    await reveal(study);
    expect(await held()).toEqual([true, true]);
  });

  it('keeps the report back also when a PACS has sent it here', async () => {
    await read('second');
    const study = await studyWith(store(), SCORES);
    const back = { study: study.StudyInstanceUID, series: newUid(), SOPInstanceUID: study.report, Modality: 'SR' };
    const { SRSeriesInstanceUID } = await store()
      .database.selectFrom('result')
      .select('SRSeriesInstanceUID')
      .where('SRSOPInstanceUID', '=', study.report)
      .executeTakeFirstOrThrow();
    const index = seriesIndex(store(), { quietSeconds: 0.001, releasedQuietSeconds: 0.001 });
    await index.recordInstance(arrival({ ...back, series: SRSeriesInstanceUID ?? '' }));
    const text = await everything(study, study.report);
    expect(text).not.toContain(SRSeriesInstanceUID);
    expect(text).not.toContain(study.report);
    const { files } = dicomwebQueries(store(), { instanceDirectory: tmpdir() });
    const whole = { StudyInstanceUID: study.StudyInstanceUID };
    expect((await files(whole)).map(({ SOPInstanceUID }) => SOPInstanceUID)).toEqual([study.SOPInstanceUID]);
    await reveal(study);
    expect(await everything(study)).toContain(study.report);
    expect(await files(whole)).toHaveLength(2);
  });

  it('takes no verdict on what was not shown, and no signature', async () => {
    await read('second');
    const study = await studyWith(store(), SCORES);
    const { StudyInstanceUID } = study;
    const change = { StudyInstanceUID, revision: 0, reader: LI };
    expect(await readings().saveDraft(change, content([accepted(study.findings[0] ?? '')]))).toMatchObject({
      refused: { code: 'READING_INVALID' },
    });
    const write = () => {
      throw new Error('not to be written');
    };
    const signature = {
      ...change,
      rejectRest: true,
      language: 'en' as const,
      signedAt: new Date(),
      destinations: [],
      write,
    };
    for (const one of [study, await studyWith(store(), [])])
      expect(await readings().sign({ ...signature, StudyInstanceUID: one.StudyInstanceUID })).toEqual({
        refused: { code: 'READING_NOT_REVEALED', detail: 'the marks of blob-log-ct were not asked for yet' },
      });
  });

  it('then shows everything', async () => {
    await read('second');
    const study = await studyWith(store(), SCORES);
    await reveal(study);
    const text = await everything(study);
    expect(secretsOf(study).filter((secret) => !text.includes(secret))).toEqual([]);
    expect((await detail(study)).runs[0]).toMatchObject({ hidden: false, findingCount: 2 });
  });
});

describe('a model that is read for triage', () => {
  it('sets flag and order, and its marks are never sent', async () => {
    await read('triage');
    const study = await studyWith(store(), SCORES);
    await reveal(study);
    const text = await everything(study);
    expect(secretsOf(study).filter((secret) => text.includes(secret))).toEqual([]);
    expect((await detail(study)).runs[0]).toMatchObject({
      ...{ hidden: false, flagOnly: true, state: 'FINDINGS', findingCount: 1, largestMm: null, topScore: null },
      ...{ belowCount: 0, findings: [] },
    });
    expect(await readings().reading(study.StudyInstanceUID)).toMatchObject({ modes: { [MODEL]: 'triage' } });
  });
});

it('a concurrent model shows its marks at once', async () => {
  await read('concurrent');
  const study = await studyWith(store(), SCORES);
  const text = await everything(study);
  expect(secretsOf(study).filter((secret) => !text.includes(secret))).toEqual([]);
});
