import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Problem } from '../../services/domain/contract/system.ts';
import { WorklistStudy } from '../../services/domain/contract/worklist.ts';
import type { HttpPorts } from '../../services/http/app.ts';
import { presence } from '../../services/http/presence.ts';
import { study } from '../support/fake-studies.ts';
import { type AppServer, startApp, unusedStudies } from './app-server.ts';

const running: AppServer[] = [];
afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
});

const UID = '2.25.1';
async function start() {
  const told: unknown[] = [];
  const orders: HttpPorts['orders'] = {
    orderPriority: async (...given) => {
      told.push(given);
      return given[0] === UID;
    },
    orderAnalysis: async (uid) => uid === UID,
    presenceChanged: async (...given) => void told.push(given),
  };
  const tabs = { toRead: 1, critical: 0, signed: 0, all: 1 };
  const worklist = async () => ({
    ...{ asOf: '2026-11-23T09:30:00.000Z', total: 1, tabs, newer: 0, moved: 0 },
    studies: [study(UID)],
  });
  const app = await startApp({ orders, studies: { ...unusedStudies, worklist, priorStudies: async () => undefined } });
  running.push(app);
  const send = (method: string, path: string, body?: object) =>
    fetch(`${app.url}/api/studies/${path}`, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
  const row = async () => {
    const answer = (await (await fetch(`${app.url}/api/worklist`)).json()) as { studies: unknown[] };
    return WorklistStudy.parse(answer.studies[0]);
  };
  return { told, send, row };
}

describe('orders from the worklist', () => {
  it('PUT priority takes the three words and nothing else', async () => {
    const { told, send } = await start();
    expect(await (await send('PUT', `${UID}/priority`, { priority: 'STAT' })).json()).toEqual({ priority: 'STAT' });
    expect(told).toEqual([[UID, 'STAT']]);
    for (const body of [{ priority: 'NOW' }, {}, { priority: 'STAT', reader: 'x' }]) {
      const refused = await send('PUT', `${UID}/priority`, body);
      expect([refused.status, Problem.parse(await refused.json()).code]).toEqual([400, 'BAD_REQUEST']);
    }
    const absent = await send('PUT', '2.25.2/priority', { priority: 'STAT' });
    expect([absent.status, Problem.parse(await absent.json()).code]).toEqual([404, 'STUDY_NOT_FOUND']);
    expect((await send('PUT', 'not-a-uid/priority', { priority: 'STAT' })).status).toBe(400);
  });

  it('POST analysis is accepted, not done', async () => {
    const { send } = await start();
    expect((await send('POST', `${UID}/analysis`)).status).toBe(202);
    expect((await send('POST', '2.25.2/analysis')).status).toBe(404);
    expect((await send('GET', `${UID}/analysis`)).headers.get('allow')).toBe('POST');
    expect((await send('GET', `${UID}/priors`)).status).toBe(404);
  });

  it('PUT and DELETE presence show in the list, and are told once', async () => {
    const { told, send, row } = await start();
    expect((await send('PUT', `${UID}/presence`, { reader: ' Dr. Wang ' })).status).toBe(204);
    await send('PUT', `${UID}/presence`, { reader: 'Dr. Wang' });
    await send('PUT', `${UID}/presence`, { reader: 'Dr. Li' });
    expect((await row()).openedBy).toEqual(['Dr. Li', 'Dr. Wang']);
    expect(told).toEqual([
      [UID, 1],
      [UID, 2],
    ]);
    await send('DELETE', `${UID}/presence`, { reader: 'Dr. Li' });
    expect((await row()).openedBy).toEqual(['Dr. Wang']);
    for (const reader of ['', ' ', 'x'.repeat(65)]) {
      expect((await send('PUT', `${UID}/presence`, { reader })).status).toBe(400);
    }
  });
});

describe('presence', () => {
  it('ends when nothing is heard of a reader, and that is told', async () => {
    const told: unknown[] = [];
    const clock = { now: 0 };
    const here = presence((...given) => told.push(given), { expiresMs: 100, sweepMs: 5, now: () => clock.now });
    here.here(UID, 'Wang');
    clock.now = 90;
    here.here(UID, 'Wang');
    clock.now = 180;
    await sleep(30);
    expect(here.readersOf(UID)).toEqual(['Wang']);
    clock.now = 191;
    await expect.poll(() => here.readersOf(UID)).toEqual([]);
    expect(told).toEqual([
      [UID, 1],
      [UID, 0],
    ]);
    here.close();
  });

  it('keeps neither endless readers of a study nor endless studies', () => {
    const here = presence(() => {});
    for (let n = 0; n < 100; n += 1) here.here(UID, `reader ${n}`);
    expect(here.readersOf(UID)).toHaveLength(20);
    for (let n = 0; n < 6000; n += 1) here.here(`2.25.${n + 10}`, 'Wang');
    expect(here.readersOf('2.25.6009')).toEqual([]);
    here.close();
  });
});
