import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sendInstances } from '../../services/dicom/net/storage-scu.ts';
import { type Overread, startOverread } from '../support/overread.ts';
import { syntheticSeries } from '../support/synthetic-series.ts';

const running: { overread?: Overread } = {};
beforeAll(async () => {
  running.overread = await startOverread();
}, 120_000);
afterAll(async () => {
  await running.overread?.stop();
  running.overread?.remove();
});

const studies = (name: string, count: number) =>
  Array.from({ length: count }, (_, n) =>
    syntheticSeries({ seed: `${name} ${n}`, slices: 44, rows: 64, columns: 64, spacingMm: 3 }),
  );

async function send({ dimsePort }: Overread, all: ReturnType<typeof studies>): Promise<void> {
  const instances = all.flatMap((series) => series.instances);
  const results = await sendInstances({ AETitle: 'OVERREAD', host: '127.0.0.1', port: dimsePort }, 'SENDER', instances);
  expect(results.every(({ taken }) => taken)).toBe(true);
}

/** The embedded database, as an operator with its password would open it. */
async function query(overread: Overread, text: string): Promise<pg.QueryResult> {
  const { port, password } = JSON.parse(readFileSync(join(overread.dataDir, 'database.json'), 'utf8'));
  const client = new pg.Client({ host: '127.0.0.1', port, password, user: 'overread', database: 'overread' });
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}

it('every study ends although the queue forgets everything in the middle', async () => {
  const { overread } = running;
  if (overread === undefined) throw new Error('not started');
  const all = studies('wiped while running', 4);
  await send(overread, all);
  while (!(await overread.worklist()).studies.some(({ runs }) => runs[0]?.state === 'RUNNING')) await sleep(50);
  const { rows } = await query(
    overread,
    "select tablename from pg_tables where schemaname = 'bullmq' and tablename not like '%migration%'",
  );
  expect(rows.length).toBeGreaterThan(0);
  await query(overread, `truncate ${rows.map(({ tablename }) => `bullmq."${tablename}"`).join(', ')} cascade`);
  for (const { StudyInstanceUID } of all) {
    const { runs } = await overread.ended(StudyInstanceUID, 180);
    expect(runs[0]?.state).toMatch(/^(FINDINGS|NO_FINDINGS)$/);
  }
}, 300_000);

it('a queue dropped while everything is stopped is made again', async () => {
  const { overread } = running;
  if (overread === undefined) throw new Error('not started');
  const all = studies('dropped while stopped', 2);
  await send(overread, all);
  while (!(await overread.worklist()).studies.some(({ runs }) => runs[0]?.state === 'RUNNING')) await sleep(50);
  await query(overread, 'drop schema bullmq cascade');
  overread.killSupervisor();
  await sleep(1000);
  await overread.restart();
  for (const { StudyInstanceUID } of all) expect((await overread.ended(StudyInstanceUID, 180)).runs).toHaveLength(1);
}, 300_000);
