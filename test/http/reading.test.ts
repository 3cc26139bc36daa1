import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReadLesion } from '../../services/domain/contract/reading.ts';
import { Reading, ReadingConflict } from '../../services/domain/contract/reading.ts';
import { Problem } from '../../services/domain/contract/system.ts';
import { signReading } from '../../services/pipeline/sign-reading.ts';
import type { Store } from '../../services/store/connect.ts';
import { readingStore } from '../../services/store/reading-store.ts';
import { newUid } from '../support/arrivals.ts';
import { startStore } from '../support/database.ts';
import { fakeContext } from '../support/fake-context.ts';
import { accepted, content, drawn, LI, type ReadStudy, studyWith, WANG } from '../support/readings.ts';
import { type AppServer, startApp } from './app-server.ts';

const started: { store?: Store; app?: AppServer; stop?: () => Promise<void> } = {};
const store = (): Store => {
  if (started.store === undefined) throw new Error('not started');
  return started.store;
};
const asked: unknown[] = [];
const lesion = (): ReadLesion => drawn({ SeriesInstanceUID: '1.2.3', SOPInstanceUID: '1.2.4' });

beforeAll(async () => {
  Object.assign(started, await startStore());
  const readings = readingStore(store(), { instanceDirectory: '/' });
  const ports = { ...readings, algorithmOf: () => undefined, destinations: ['PACS@host:104'], now: () => new Date() };
  started.app = await startApp({
    readings,
    signReading: (change, order) => signReading(fakeContext(), ports, change, order),
    segmentAt: async (key, order) => {
      asked.push({ ...key, ...order });
      return order.label === 'air' ? { reason: { code: 'NOTHING_THERE', params: {} } } : { lesion: lesion() };
    },
  });
});
afterAll(async () => {
  await started.app?.close();
  await started.stop?.();
});

interface Call {
  readonly method?: string;
  readonly revision?: number | string;
  readonly body?: unknown;
}
const call = (
  { StudyInstanceUID }: { StudyInstanceUID: string },
  path: string,
  { method = 'POST', revision, body }: Call = {},
) =>
  fetch(`${started.app?.url}/api/studies/${StudyInstanceUID}/${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(revision !== undefined && { 'if-match': typeof revision === 'number' ? `"${revision}"` : revision }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const put = (study: ReadStudy, revision: number | string | undefined, body: unknown) =>
  call(study, 'reading', { method: 'PUT', body, ...(revision !== undefined && { revision }) });
const get = (study: { StudyInstanceUID: string }) => call(study, 'reading', { method: 'GET' });
const problem = async (response: Response) => {
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  return Problem.parse(await response.json());
};
const draft = (study: ReadStudy, reader = LI) => ({ reader, content: content([accepted(study.findings[0] ?? '')]) });

describe('GET /api/studies/:uid/reading', () => {
  it('answers the reading with its revision as ETag', async () => {
    const response = await get(await studyWith(store(), [0.9]));
    expect([response.status, response.headers.get('etag')]).toEqual([200, '"0"']);
    expect(Reading.parse(await response.json())).toMatchObject({ state: 'OPEN', revision: 0 });
  });

  it('is a 404 for a study that is not here', async () => {
    const response = await get({ StudyInstanceUID: newUid() });
    expect([response.status, (await problem(response)).code]).toEqual([404, 'STUDY_NOT_FOUND']);
  });
});

describe('PUT /api/studies/:uid/reading', () => {
  it('keeps the draft and answers what it made', async () => {
    const study = await studyWith(store(), [0.9]);
    const response = await put(study, 0, draft(study));
    expect([response.status, response.headers.get('etag')]).toEqual([200, '"1"']);
    expect(Reading.parse(await response.json())).toMatchObject({ state: 'DRAFT', revision: 1, reader: LI });
    expect((await get(study)).headers.get('etag')).toBe('"1"');
  });

  it('of two writers takes one; the other is told what is there', async () => {
    const study = await studyWith(store(), [0.9]);
    const responses = await Promise.all([put(study, 0, draft(study)), put(study, 0, draft(study, WANG))]);
    expect(responses.map(({ status }) => status).toSorted()).toEqual([200, 409]);
    const lost = responses.find(({ status }) => status === 409);
    expect(ReadingConflict.parse(await lost?.json())).toMatchObject({
      code: 'READING_CHANGED',
      current: { revision: 1 },
    });
  });

  it.each([
    ['no If-Match', undefined, {}, 428, 'PRECONDITION_REQUIRED'],
    ['a wildcard', '*', {}, 400, 'BAD_REQUEST'],
    ['a weak tag', 'W/"0"', {}, 400, 'BAD_REQUEST'],
    ['no reader', 0, { reader: undefined }, 400, 'BAD_REQUEST'],
    ['a reader without a letter', 0, { reader: { name: '^', organization: '' } }, 400, 'BAD_REQUEST'],
    ['something unknown', 0, { extra: true }, 400, 'BAD_REQUEST'],
    [
      'a threshold above 1',
      0,
      { content: { ...content([]), thresholds: { [crypto.randomUUID()]: 2 } } },
      400,
      'BAD_REQUEST',
    ],
    ['a verdict on nothing', 0, { content: content([accepted('1.2.3')]) }, 422, 'READING_INVALID'],
  ] as const)('with %s is refused and changes nothing', async (_name, revision, given, status, code) => {
    const study = await studyWith(store(), [0.9]);
    const response = await put(study, revision, { ...draft(study), ...given });
    expect([response.status, (await problem(response)).code]).toEqual([status, code]);
    expect((await get(study)).headers.get('etag')).toBe('"0"');
  });

  it('is refused for a page of another site', async () => {
    const study = await studyWith(store(), []);
    const response = await fetch(`${started.app?.url}/api/studies/${study.StudyInstanceUID}/reading`, {
      method: 'PUT',
      headers: { origin: 'https://elsewhere.example', 'if-match': '"0"', 'content-type': 'application/json' },
      body: JSON.stringify(draft(study)),
    });
    expect(response.status).toBe(403);
  });
});

describe('POST …/reading/signature, …/amendment, …/reveal', () => {
  it('sign, refuse what is signed, and amend', async () => {
    const study = await studyWith(store(), [0.9, 0.7]);
    await put(study, 0, draft(study));
    const refused = await call(study, 'reading/signature', { revision: 1, body: { reader: LI, rejectRest: false } });
    expect([refused.status, await refused.json()]).toEqual([
      409,
      {
        ...{ type: 'about:blank', status: 409, code: 'READING_INCOMPLETE', detail: 'no verdict on finding 2 (nodule)' },
        findings: [study.findings[1]],
      },
    ]);
    const signed = await call(study, 'reading/signature', { revision: 1, body: { reader: LI, rejectRest: true } });
    expect([signed.status, signed.headers.get('etag')]).toEqual([200, '"2"']);
    const { reports } = Reading.parse(await signed.json());
    expect(reports[0]).toMatchObject({ reader: LI, deliveries: [{ destination: 'PACS@host:104', state: 'PENDING' }] });
    const late = await put(study, 1, draft(study));
    expect(ReadingConflict.parse(await late.json())).toMatchObject({
      code: 'READING_SIGNED',
      current: { revision: 2 },
    });
    const amended = await call(study, 'reading/amendment', { revision: 2, body: { reader: WANG } });
    expect(Reading.parse(await amended.json())).toMatchObject({ state: 'DRAFT', revision: 3, reader: WANG, reports });
  });

  it('reveal once', async () => {
    const study = await studyWith(store(), []);
    const first = Reading.parse(
      await (await call(study, 'reading/reveal', { revision: 0, body: { reader: LI } })).json(),
    );
    expect(first.revealedAt).not.toBeNull();
    const again = Reading.parse(
      await (await call(study, 'reading/reveal', { revision: 1, body: { reader: LI } })).json(),
    );
    expect(again.revealedAt).toBe(first.revealedAt);
  });

  it.each(['reveal', 'signature', 'amendment'])('%s needs If-Match and takes only POST', async (name) => {
    const study = await studyWith(store(), []);
    expect((await call(study, `reading/${name}`, { body: { reader: LI } })).status).toBe(428);
    expect((await call(study, `reading/${name}`, { method: 'GET' })).status).toBe(405);
  });
});

describe('POST /api/studies/:uid/segmentations', () => {
  const study = { StudyInstanceUID: '1.2.840.1' };
  const order = { SeriesInstanceUID: '1.2.3', point: [1, 2, 3], label: 'nodule' };

  it('answers the lesion', async () => {
    const response = await call(study, 'segmentations', { body: order });
    expect([response.status, await response.json()]).toEqual([200, lesion()]);
    expect(asked.at(-1)).toEqual({ ...study, ...order });
  });

  it('says by name why there is none', async () => {
    const response = await call(study, 'segmentations', { body: { ...order, label: 'air' } });
    expect([response.status, await response.json()]).toEqual([
      422,
      {
        ...{ type: 'about:blank', status: 422, code: 'NOT_SEGMENTABLE' },
        detail: 'nothing at the point stands out from the lung around it',
        reason: { code: 'NOTHING_THERE', params: {} },
      },
    ]);
  });

  it('is prepared without being waited for, and whatever comes of it', async () => {
    const { SeriesInstanceUID } = order;
    const point = [4, 5, 6];
    const response = await call(study, 'segmentations/preparation', { body: { SeriesInstanceUID, point } });
    expect([response.status, await response.text()]).toEqual([202, '']);
    await expect.poll(() => asked.at(-1)).toEqual({ ...study, SeriesInstanceUID, point, label: 'nodule' });
    expect((await call(study, 'segmentations/preparation', { body: order })).status).toBe(400);
  });

  it.each([{ point: [1, 2] }, { point: [1, 2, null] }, { SeriesInstanceUID: '1.02' }, { label: '' }, { depth: 3 }])(
    'refuses %j',
    async (given) => {
      const response = await call(study, 'segmentations', { body: { ...order, ...given } });
      expect([response.status, (await problem(response)).code]).toEqual([400, 'BAD_REQUEST']);
    },
  );
});
