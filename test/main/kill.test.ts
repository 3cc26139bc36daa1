import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendInstances } from '../../services/dicom/net/storage-scu.ts';
import type { StudyDetail } from '../../services/domain/contract/worklist.ts';
import { type Orthanc, startOrthanc } from '../support/orthanc.ts';
import { type Overread, startOverread } from '../support/overread.ts';
import { descendantsOf, processesWith } from '../support/processes.ts';
import { hasProgram } from '../support/programs.ts';
import { type SyntheticSeries, syntheticSeries } from '../support/synthetic-series.ts';

/** Studies that arrive, and processes that die meanwhile. The seed is printed, so that a failure can be run again. */
const STUDIES = 30;
const KILLS = 20;
const SEED = Number(process.env.KILL_SEED ?? Date.now() % 100_000);

/** A small deterministic generator (mulberry32): the order of the kills depends on the seed alone. */
function random(seed: number): () => number {
  const state = { a: seed };
  return () => {
    state.a = (state.a + 0x6d2b79f5) | 0;
    const t = Math.imul(state.a ^ (state.a >>> 15), 1 | state.a);
    const u = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((u ^ (u >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const ROLES = ['receiver', 'worker', 'web', 'analyzer', 'postgres', 'supervisor'] as const;

describe.skipIf(!hasProgram('Orthanc'))(`${KILLS} kill -9 while ${STUDIES} studies arrive (needs Orthanc)`, () => {
  const running: { overread?: Overread; orthanc?: Orthanc } = {};
  beforeAll(async () => {
    running.orthanc = await startOrthanc();
    // Long enough that a sender that tries again after a kill is not taken for one that has finished.
    running.overread = await startOverread({ PACS: running.orthanc.peer, SERIES_QUIET_SECONDS: '20' });
  }, 120_000);
  afterAll(async () => {
    await running.overread?.stop();
    await running.orthanc?.stop();
    running.overread?.remove();
  });

  it('loses no study and writes no second report', async () => {
    const { overread, orthanc } = running;
    if (overread === undefined || orthanc === undefined) throw new Error('not started');
    console.log(`kill seed ${SEED}`);
    const series = Array.from({ length: STUDIES }, (_, n) =>
      syntheticSeries({ seed: `kill-${n}`, slices: 44, rows: 64, columns: 64, spacingMm: 3 }),
    );
    const sending = { done: false };
    const sent = sendAll(overread, series).finally(() => {
      sending.done = true;
    });
    const killed = await killSome(overread, random(SEED), sending);
    await sent;
    console.log(`killed: ${killed.join(' ')}`);
    expect(killed).toHaveLength(KILLS);

    for (const { StudyInstanceUID } of series) {
      const { runs } = await endedWell(overread, StudyInstanceUID);
      expect(runs.map(({ state }) => state)).toEqual([
        expect.stringMatching(/^(FINDINGS|NO_FINDINGS|NOT_ANALYSABLE)$/),
      ]);
    }
    const reports = await untilReports(orthanc, STUDIES);
    const studies = reports.map(({ StudyInstanceUID }) => StudyInstanceUID).toSorted();
    expect(studies).toEqual(series.map(({ StudyInstanceUID }) => StudyInstanceUID).toSorted());
    expect(new Set(reports.map(({ SOPInstanceUID }) => SOPInstanceUID)).size).toBe(STUDIES);
  }, 900_000);

  it('leaves no process behind when it stops', async () => {
    const { overread } = running;
    if (overread === undefined) throw new Error('not started');
    await overread.stop();
    await sleep(1000);
    expect(processesWith(overread.dataDir)).toEqual([]);
  }, 60_000);
});

/** A sender that does what PACS do: it sends what was not answered with success again, until it is. */
async function sendAll({ dimsePort }: Overread, all: readonly SyntheticSeries[]): Promise<void> {
  const peer = { AETitle: 'OVERREAD', host: '127.0.0.1', port: dimsePort };
  for (const { instances } of all) {
    for (let left = [...instances]; left.length > 0; ) {
      const results = await sendInstances(peer, 'SENDER', left, { timeoutSeconds: 5 }).catch(() => []);
      const taken = new Set(results.filter((result) => result.taken).map(({ SOPInstanceUID }) => SOPInstanceUID));
      left = left.filter(({ SOPInstanceUID }) => !taken.has(SOPInstanceUID));
      if (left.length > 0) await sleep(300);
    }
    await sleep(700);
  }
}

async function killSome(overread: Overread, next: () => number, sending: { done: boolean }): Promise<string[]> {
  const killed: string[] = [];
  while (killed.length < KILLS) {
    await sleep(500 + next() * 2500);
    const role = ROLES[Math.floor(next() * ROLES.length)] ?? 'worker';
    if (await kill(overread, role)) killed.push(role);
    if (sending.done && killed.length < KILLS) await sleep(100);
  }
  return killed;
}

async function kill(overread: Overread, role: (typeof ROLES)[number]): Promise<boolean> {
  if (role === 'supervisor') {
    overread.killSupervisor();
    await sleep(500);
    await overread.restart();
    return true;
  }
  const candidates =
    role === 'postgres'
      ? processesWith(overread.dataDir).filter(({ command }) => /postgres.* -D/.test(command))
      : descendantsOf(overread.supervisorPid()).filter(({ command }) => command.includes(`/${role}.ts`));
  const victim = candidates.at(0);
  if (victim === undefined) return false;
  try {
    process.kill(victim.pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}

/**
 * The end of a study. Chance may kill the analyzer three times on one input: that run then ends as failed, as it should,
 * and says so; the operator's retry must end it.
 */
async function endedWell(overread: Overread, StudyInstanceUID: string): Promise<StudyDetail> {
  const detail = await overread.ended(StudyInstanceUID, 240);
  const run = detail.runs.at(0);
  if (run?.state !== 'FAILED') return detail;
  expect(run.reason?.code).toBe('CRASHED_REPEATEDLY');
  console.log(`killed three times on one input, ordered again: ${run.runId}`);
  const ordered = await fetch(`${overread.url}/api/runs/${run.runId}/retry`, { method: 'POST' });
  expect(ordered.status).toBe(202);
  return overread.ended(StudyInstanceUID, 240);
}

async function untilReports(orthanc: Orthanc, count: number) {
  for (const until = Date.now() + 120_000; Date.now() < until; await sleep(1000)) {
    const reports = await orthanc.reports();
    if (reports.length >= count) break;
  }
  // A second report would come now, from a job that was given to two workers.
  await sleep(5000);
  return orthanc.reports();
}
