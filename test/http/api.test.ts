import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { Problem, type SystemInfo } from '../../services/domain/contract/system.ts';
import { WorklistQuery } from '../../services/domain/contract/worklist.ts';
import { AppError, ERROR_CODES } from '../../services/domain/errors.ts';
import type { HttpPorts } from '../../services/http/app.ts';
import { type AppServer, startApp, unusedStudies } from './app-server.ts';

const running: AppServer[] = [];
const start = async (ports: Partial<HttpPorts>) => {
  const app = await startApp(ports);
  running.push(app);
  return app;
};
afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
});

const RUN = '3f0f1d3e-3b0e-4d59-9a0a-6d3c3f6f4a11';
const empty = {
  asOf: '2024-01-05T10:20:00.000Z',
  total: 0,
  tabs: { toRead: 0, critical: 0, signed: 0, all: 0 },
  ...{ newer: 0, moved: 0, studies: [] },
};

describe('GET /api/worklist', () => {
  it('hands search, limit and offset to the store, with defaults', async () => {
    const asked: unknown[] = [];
    const worklist = async (query: unknown) => {
      asked.push(query);
      return empty;
    };
    const studies = { ...unusedStudies, worklist };
    const { url } = await start({ studies });
    expect(await (await fetch(`${url}/api/worklist`)).json()).toEqual(empty);
    await fetch(`${url}/api/worklist?search=${encodeURIComponent('张^三 100%')}&limit=5&offset=10`);
    expect(asked).toEqual([
      WorklistQuery.parse({}),
      WorklistQuery.parse({ search: '张^三 100%', limit: 5, offset: 10 }),
    ]);
  });

  it.each([
    'limit=0',
    'limit=501',
    'offset=-1',
    'limit=x',
    'search=a&search=b',
    'tab=x',
    'state=fine',
    'from=yesterday',
    'before=now',
    'serach=x',
    '__proto__=1',
  ])('refuses ?%s with a problem', async (query) => {
    const { url, logged } = await start({});
    const answer = await fetch(`${url}/api/worklist?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(Problem.parse(await answer.json())).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
    expect(logged.events).toEqual([]);
  });
});

describe('GET /api/studies/:StudyInstanceUID', () => {
  it('answers 404 for a study nobody sent and 400 for what is no UID', async () => {
    const { url } = await start({ studies: { ...unusedStudies, studyDetail: async () => undefined } });
    const unknown = await fetch(`${url}/api/studies/1.2.3`);
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ code: 'STUDY_NOT_FOUND' });
    for (const uid of ['1.02', 'x', '..%2f..%2fetc', '1'.repeat(65), '1.2%00', '1.2%20'])
      expect((await fetch(`${url}/api/studies/${uid}`)).status, uid).toBe(400);
  });
});

describe('POST /api/runs/:runId/cancel', () => {
  it('says by whom, as the name is spoken, and answers 404 for a run that has ended', async () => {
    const asked: string[] = [];
    const { url } = await start({ cancelRun: async (id, by) => asked.push(by) > 0 && id === RUN });
    const cancel = (body: unknown, id = RUN) =>
      fetch(`${url}/api/runs/${id}/cancel`, {
        ...{ method: 'POST', body: JSON.stringify(body) },
        headers: { 'content-type': 'application/json' },
      });
    const reader = { name: 'Li^Mei=李^梅', organization: '' };
    expect((await cancel({ reader })).status).toBe(202);
    expect((await cancel({ reader: null })).status).toBe(202);
    expect(asked).toEqual(['Li Mei 李梅', '?']);
    expect((await cancel({ reader }, RUN.replace('3', '4'))).status).toBe(404);
    for (const body of [{}, { reader: 'Li' }, { reader, force: true }]) expect((await cancel(body)).status).toBe(400);
  });
});

describe('POST /api/runs/:runId/retry', () => {
  it('accepts the retry of a failed run and answers 404 for any other', async () => {
    const { url } = await start({ retryRun: async (id) => (id === RUN ? { id, generation: 2 } : undefined) });
    const accepted = await fetch(`${url}/api/runs/${RUN}/retry`, { method: 'POST' });
    expect(accepted.status).toBe(202);
    expect(await accepted.json()).toEqual({ runId: RUN });
    const other = await fetch(`${url}/api/runs/${RUN.replace('3', '4')}/retry`, { method: 'POST' });
    expect([other.status, await other.json()]).toEqual([404, expect.objectContaining({ code: 'RUN_NOT_FOUND' })]);
    expect((await fetch(`${url}/api/runs/..%2fx/retry`, { method: 'POST' })).status).toBe(400);
  });

  it('is not ordered by a page of another site', async () => {
    const { url } = await start({ retryRun: async (id) => ({ id }) });
    const ordered = (headers: Record<string, string>) =>
      fetch(`${url}/api/runs/${RUN}/retry`, { method: 'POST', headers });
    const own = [{}, { origin: url }, { origin: 'https://proxy.example', 'sec-fetch-site': 'same-origin' }];
    for (const headers of own) expect((await ordered(headers)).status).toBe(202);
    const foreign = [
      ...['https://evil.example', 'null', 'http://127.0.0.1:1', ''].map((origin) => ({ origin })),
      ...['cross-site', 'same-site', 'x'].map((site) => ({ origin: url, 'sec-fetch-site': site })),
    ];
    for (const headers of foreign) {
      const refused = await ordered(headers);
      expect(refused.status, JSON.stringify(headers)).toBe(403);
      expect(Problem.parse(await refused.json()).code).toBe('FOREIGN_ORIGIN');
    }
  });

  it('takes a JSON body of 2 MiB and refuses one byte more', async () => {
    const { url } = await start({ retryRun: async (id) => ({ id }) });
    const send = (bytes: number) =>
      fetch(`${url}/api/runs/${RUN}/retry`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: `["${'x'.repeat(bytes - 4)}"]`,
      });
    expect((await send(2 * 1024 * 1024)).status).toBe(202);
    for (const bytes of [2 * 1024 * 1024 + 1, 10 * 1024 * 1024]) {
      const refused = await send(bytes);
      expect(refused.status).toBe(413);
      expect(Problem.parse(await refused.json()).code).toBe('BODY_TOO_LARGE');
    }
  });

  it('refuses a body that is no JSON', async () => {
    const { url } = await start({});
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${url}/api/runs/${RUN}/retry`, { method: 'POST', headers, body: '{"a":' });
    expect([answer.status, Problem.parse(await answer.json()).code]).toEqual([400, 'BAD_REQUEST']);
  });
});

describe('GET /api/system, /api/health, /metrics', () => {
  it('answers what main knows', async () => {
    const info: SystemInfo = { version: '0.1.0', AETitle: 'OVERREAD', dimsePort: 11112, destinations: [], models: [] };
    const { url } = await start({ systemInfo: async () => info, metricsText: async () => 'stage_seconds_count 3\n' });
    expect(await (await fetch(`${url}/api/system`)).json()).toEqual(info);
    const metrics = await fetch(`${url}/metrics`);
    expect(metrics.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await metrics.text()).toBe('stage_seconds_count 3\n');
  });

  it('health is 200, with a warning too, and 503 when it is failing', async () => {
    const states = ['ok', 'warning', 'failing'] as const;
    const answers = [...states];
    const health = async () => ({ status: answers.shift() ?? 'ok', checks: { database: { ok: true, detail: '' } } });
    const { url } = await start({ health });
    expect((await fetch(`${url}/api/health`)).status).toBe(200);
    expect((await fetch(`${url}/api/health`)).status).toBe(200);
    expect((await fetch(`${url}/api/health`)).status).toBe(503);
  });
});

describe('every answer', () => {
  it('carries the security headers, allows no other site and is kept by no cache', async () => {
    const { url } = await start({ studies: { ...unusedStudies, worklist: async () => empty } });
    for (const path of ['/api/worklist', '/api/nothing', '/dicomweb/nothing', '/nothing']) {
      const { headers } = await fetch(`${url}${path}`, { headers: { origin: 'https://evil.example' } });
      expect(headers.get('content-security-policy')).toContain("default-src 'self'");
      expect(headers.get('content-security-policy')).toContain("script-src 'self' 'wasm-unsafe-eval'");
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cache-control'), path).toBe('no-store');
      expect(headers.get('access-control-allow-origin')).toBeNull();
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });

  it('is a problem below /api, /dicomweb and /metrics for what is not there, also for a browser', async () => {
    const { url } = await start({});
    for (const path of ['/api', '/api/x', '/dicomweb', '/dicomweb/x', '/metrics/x']) {
      const answer = await fetch(`${url}${path}`, { headers: { accept: 'text/html' } });
      expect([answer.status, Problem.parse(await answer.json()).code], path).toEqual([404, 'NOT_FOUND']);
    }
  });

  it('names the methods there are when another is used', async () => {
    const { url } = await start({});
    for (const [path, allow] of [
      ['/api/worklist', 'GET, HEAD'],
      [`/api/runs/${RUN}/retry`, 'POST'],
      ['/dicomweb/studies', 'GET, HEAD, POST'],
      ['/dicomweb/studies/1.2/metadata', 'GET, HEAD'],
      ['/', 'GET, HEAD'],
    ] as const) {
      const refused = await fetch(`${url}${path}`, { method: 'DELETE' });
      expect([refused.status, refused.headers.get('allow')], path).toEqual([405, allow]);
      expect(Problem.parse(await refused.json()).code).toBe('METHOD_NOT_ALLOWED');
      const asked = await fetch(`${url}${path}`, { method: 'OPTIONS' });
      expect([asked.status, asked.headers.get('allow')], path).toEqual([204, allow]);
    }
  });

  it('to HEAD has the headers of GET and no body', async () => {
    const { url } = await start({ studies: { ...unusedStudies, worklist: async () => empty } });
    const head = await fetch(`${url}/api/worklist`, { method: 'HEAD' });
    const get = await fetch(`${url}/api/worklist`);
    expect(head.status).toBe(200);
    expect(head.headers.get('content-length')).toBe(String((await get.text()).length));
    expect(await head.text()).toBe('');
  });

  it('to a broken escape is a problem, not a stack', async () => {
    const { url, logged } = await start({});
    const status = await new Promise((resolve) =>
      request(`${url}/api/studies/%E0%A4%A`, (res) => res.resume().on('end', () => resolve(res.statusCode))).end(),
    );
    expect(status).toBe(400);
    expect(logged.events).toEqual([]);
  });
});

describe('an error', () => {
  it.each(ERROR_CODES)('%s leaves as a problem with its own status', async (code) => {
    const error = new AppError(code, 'what went wrong', { a: 1 });
    const { url } = await start({ studies: { ...unusedStudies, worklist: () => Promise.reject(error) } });
    const answer = await fetch(`${url}/api/worklist`);
    expect(answer.status).toBe(error.http);
    expect(await answer.json()).toEqual({ type: 'about:blank', status: error.http, code, detail: 'what went wrong' });
    expect(answer.headers.get('retry-after')).toBe(error.http === 503 ? '5' : null);
  });

  it('without a name is a bug: logged with itself, answered without its words', async () => {
    const bug = new Error('DOE^JANE was here');
    const { url, logged } = await start({ studies: { ...unusedStudies, worklist: () => Promise.reject(bug) } });
    const answer = await fetch(`${url}/api/worklist?search=DOE`);
    expect(await answer.json()).toEqual({
      type: 'about:blank',
      status: 500,
      code: 'INTERNAL',
      detail: 'Unexpected error',
    });
    expect(logged.events).toEqual(['http.bug']);
    expect(logged.errors).toEqual([bug]);
  });
});
