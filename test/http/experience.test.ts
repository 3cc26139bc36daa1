import { afterAll, beforeAll, expect, it } from 'vitest';
import { Experience } from '../../services/domain/contract/experience.ts';
import { prometheusMetrics } from '../../services/observability/prometheus-metrics.ts';
import { type AppServer, startApp } from './app-server.ts';

const metrics = prometheusMetrics('web');
const started: { app?: AppServer } = {};
beforeAll(async () => {
  started.app = await startApp({
    observeExperience: metrics.observeExperience,
    metricsText: () => metrics.text(),
  });
});
afterAll(() => started.app?.close());

const url = () => `${started.app?.url}/api/experience`;
const post = (body: unknown) =>
  fetch(url(), { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
const read = async () => Experience.parse(await (await fetch(url())).json());

it('tells count, median and 95th percentile of what readers waited, and gives them to Prometheus', async () => {
  expect((await read()).kinds.timeToFirstImage).toEqual({ count: 0, medianMs: null, p95Ms: null });
  const waits = Array.from({ length: 100 }, (_, n) => ({ kind: 'timeToFirstImage', ms: (n + 1) * 10 }));
  expect((await post({ measured: waits })).status).toBe(204);
  expect((await post({ measured: [{ kind: 'timePerVerdict', ms: 4200.5 }] })).status).toBe(204);
  const { kinds } = await read();
  expect(kinds.timeToFirstImage).toEqual({ count: 100, medianMs: 500, p95Ms: 950 });
  expect(kinds.timePerVerdict).toEqual({ count: 1, medianMs: 4200.5, p95Ms: 4200.5 });
  const page = await (await fetch(`${started.app?.url}/metrics`)).text();
  expect(page).toMatch(/reader_wait_seconds_count\{role="web",kind="timeToFirstImage"\} 100/);
  expect(page).toMatch(/reader_wait_seconds_bucket\{le="0.5",role="web",kind="timeToFirstImage"\} 50/);
});

it.each([
  { measured: [] },
  { measured: [{ kind: 'timeToFirstImage', ms: -1 }] },
  { measured: [{ kind: 'timeToFirstImage', ms: 4_000_000 }] },
  { measured: [{ kind: 'shoeSize', ms: 1 }] },
  { measured: [{ kind: 'timePerVerdict', ms: 1, StudyInstanceUID: '1.2.3' }] },
  { measured: [{ kind: 'timePerVerdict', ms: 1 }], PatientName: 'Wang' },
  { measured: Array.from({ length: 201 }, () => ({ kind: 'timePerVerdict', ms: 1 })) },
])('refuses what is no wait, and any word of a study: %#', async (body) => {
  const before = await read();
  expect((await post(body)).status).toBe(400);
  expect(await read()).toEqual(before);
});
