import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { peakRssMb } from '../../benchmarks/peak-rss.ts';
import { stowBody } from '../http/stow-body.ts';
import { type LivingRoles, startLivingRoles } from '../support/living-roles.ts';
import {
  CT_IMAGE_STORAGE,
  commandElement,
  EXPLICIT_VR_LITTLE_ENDIAN,
  RawPeer,
  storeMessage,
} from '../support/load-client.ts';
import { syntheticSeries } from '../support/synthetic-series.ts';
import { count, evidence, MUTANTS, SEED } from './evidence.ts';
import { mutants } from './mutants.ts';
import { seedFiles } from './seeds.ts';
import { storeAnswer } from './store-answers.ts';
import { subjectOf } from './structure.ts';

const PARTS = 10;
const LANES = 2;
const C_STORES = Math.ceil(MUTANTS / 10);
/** Answers that name what is wrong with the instance, or that there is a better one (docs/dicomweb.md). */
const REASONS = ['A700', 'A900', '0111', '0122', 'C122', 'C000'];
const PEAK_MB = 1024;

const state: { roles?: LivingRoles; folder: string; files: readonly string[] } = { folder: '', files: [] };
beforeAll(async () => {
  state.folder = mkdtempSync(join(tmpdir(), 'overread-mutants-'));
  state.files = await seedFiles(state.folder);
  state.roles = await startLivingRoles({}, hasRoomInMemory() ? '/dev/shm' : tmpdir());
}, 120_000);
afterAll(async () => {
  await state.roles?.stop();
  rmSync(state.folder, { recursive: true, force: true });
});

/** A file system in memory, where there is one: thousands of syncs are not what is tested here. */
function hasRoomInMemory(): boolean {
  if (!existsSync('/dev/shm')) return false;
  const { bavail, bsize } = statfsSync('/dev/shm');
  return bavail * bsize > 2 ** 30 + MUTANTS * 500_000;
}

function roles(): LivingRoles {
  if (state.roles === undefined) throw new Error('not started');
  return state.roles;
}

/**
 * Asks, once more when the connection broke: a server closes one that was quiet for some seconds just as a client on a
 * busy machine uses it again. A server that breaks connections for a reason breaks the second too.
 */
async function asked(path: string, init: RequestInit = {}): Promise<Response> {
  const ask = () => fetch(`${roles().url}${path}`, init);
  return ask().catch(ask);
}

/** Does `work` for 0 to `total`, some at a time. */
async function inLanes(total: number, work: (n: number) => Promise<void>): Promise<void> {
  const next = { n: 0 };
  const lane = async () => {
    while (next.n < total) await work(next.n++);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

it(
  `answers ${MUTANTS} mutants by STOW-RS with a reason, reads what it took, and lives`,
  async () => {
    const mutantAt = mutants(SEED, state.files);
    const before = roles().pids();
    const seen = { slowestMs: 0, reasons: new Map<string, number>(), reads: new Map<string, number>() };
    await inLanes(Math.ceil(MUTANTS / PARTS), async (batch) => {
      const parts = Array.from({ length: PARTS }, (_, n) => mutantAt(batch * PARTS + n));
      const startedAt = performance.now();
      const { body, headers } = stowBody(parts, 'application/dicom', `mutants-${batch}-7d81d6f1`);
      const answer = await asked('/dicomweb/studies', { method: 'POST', body, headers });
      const { stored, reasons } = storeAnswer(await answer.json());
      seen.slowestMs = Math.max(seen.slowestMs, performance.now() - startedAt);
      expect([200, 202, 409, 413], `batch ${batch} of seed ${SEED}`).toContain(answer.status);
      expect(stored.length + reasons.length, `batch ${batch} of seed ${SEED}`).toBe(PARTS);
      for (const reason of reasons) expect(REASONS, `batch ${batch} of seed ${SEED}`).toContain(reason);
      count(seen.reasons, 'stored', stored.length);
      for (const reason of reasons) count(seen.reasons, reason);
      for (const [n, url] of stored.entries()) await read(url, n % 4 === 0, seen);
    });
    expect(roles().pids()).toEqual(before);
    await report('stow', { ...seen, mutants: MUTANTS });
  },
  60_000 + MUTANTS * 100,
);

/** Asks the web server for all it can say of one instance: each answer is one, or a problem with a name. */
async function read(
  url: string,
  isAll: boolean,
  seen: { slowestMs: number; reads: Map<string, number> },
): Promise<void> {
  for (const path of ['metadata', 'frames/1', ...(isAll ? ['bulkdata/7FE00010', 'bulkdata/00091010'] : [])]) {
    const startedAt = performance.now();
    const answer = await asked(`${new URL(url).pathname}/${path}`);
    const body = await answer.text();
    seen.slowestMs = Math.max(seen.slowestMs, performance.now() - startedAt);
    const code = answer.ok ? 'ok' : String(JSON.parse(body).code);
    expect(code, `${url}/${path} of seed ${SEED}: ${body.slice(0, 300)}`).not.toBe('INTERNAL');
    count(seen.reads, `${path} ${code}`);
  }
}

it(
  `answers ${C_STORES} mutants by C-STORE with a status, and lives`,
  async () => {
    const mutantAt = mutants(SEED + 1, state.files);
    const before = roles().pids();
    const seen = { slowestMs: 0, reasons: new Map<string, number>() };
    await inLanes(C_STORES, async (n) => {
      const { meta, dataset, syntax } = rawSubject(mutantAt(state.files.length + n));
      const [SOPClassUID, SOPInstanceUID] = [uidIn(meta, 0x02) ?? CT_IMAGE_STORAGE, uidIn(meta, 0x03) ?? '1.2.3'];
      const peer = new RawPeer(roles().dimsePort);
      try {
        const answer = await peer.associate({ contexts: [[1, SOPClassUID, syntax || EXPLICIT_VR_LITTLE_ENDIAN]] });
        const startedAt = performance.now();
        if (answer?.type !== 0x02 || dataset.length === 0) return count(seen.reasons, 'not accepted');
        peer.write(...storeMessage({ SOPClassUID, SOPInstanceUID, dataset, pduBytes: 32_768 }));
        const response = await peer.next();
        seen.slowestMs = Math.max(seen.slowestMs, performance.now() - startedAt);
        const status = response?.type === 0x04 ? commandElement(response, 0x0900) : undefined;
        const name =
          status === undefined ? `PDU ${response?.type}` : status.toString(16).toUpperCase().padStart(4, '0');
        // A context that was refused ends in an abort; anything else has a status, and none is a bug of ours.
        expect(['0000', 'PDU 7', '0117', ...REASONS], `mutant ${n} of seed ${SEED + 1}`).toContain(name);
        count(seen.reasons, name);
      } finally {
        peer.destroy();
      }
    });
    expect(roles().pids()).toEqual(before);
    await report('c-store', { ...seen, mutants: C_STORES });
  },
  60_000 + C_STORES * 200,
);

/** Meta information and data set as they are in the file: a deflated data set stays deflated. */
function rawSubject(file: Buffer) {
  const { meta, syntax } = subjectOf(file);
  return { meta, syntax, dataset: file.subarray(meta.length) };
}

function uidIn(meta: Buffer, element: number): string | undefined {
  const at = meta.indexOf(Buffer.from([0x02, 0x00, element, 0x00, 0x55, 0x49]));
  if (at < 0) return undefined;
  const uid = meta.toString('latin1', at + 8, at + 8 + meta.readUInt16LE(at + 6)).replace(/[\0 ]+$/, '');
  return /^[\d.]{1,64}$/.test(uid) ? uid : undefined;
}

async function report(kind: string, seen: object): Promise<void> {
  const { web = 0, receiver = 0 } = roles().pids();
  const peakMb = { web: peakRssMb(web), receiver: peakRssMb(receiver) };
  evidence(kind, { ...seen, peakMb });
  expect(Math.max(peakMb.web, peakMb.receiver)).toBeLessThan(PEAK_MB);
  // What a damaged file cannot answer is told, and no bug.
  const bugs = roles().errors.filter((line) => !/wado.metadata-unreadable|"code":"INSTANCE_UNREADABLE"/.test(line));
  expect(bugs).toEqual([]);
}

it('keeps no half of an instance: every file has a row, every row its file with the bytes it names', async () => {
  const client = new pg.Client({ connectionString: roles().database.url });
  await client.connect();
  const { rows } = await client.query<{ path: string; sha256: string; bytes: string | null }>(
    'SELECT path, sha256, bytes FROM instance UNION ALL SELECT path, sha256, NULL FROM quarantine',
  );
  await client.end();
  const directory = join(roles().dataDir, 'instances');
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(directory, name)).isFile(),
  );
  expect(files.toSorted()).toEqual(rows.map(({ path }) => path).toSorted());
  for (const { path, sha256, bytes } of rows) {
    if (bytes === null) continue;
    const dataset = readFileSync(join(directory, path)).subarray(-Number(bytes));
    expect(createHash('sha256').update(dataset).digest('hex')).toBe(sha256);
  }
  expect(rows.length).toBeGreaterThan(0);
});

it('serves the next good sender as if nothing had been', async () => {
  const { instances } = syntheticSeries({ slices: 2, rows: 16, columns: 16, seed: `good after mutants ${SEED}` });
  const [first, second] = instances;
  if (first === undefined || second === undefined) throw new Error('no instance');
  const answer = await fetch(`${roles().url}/dicomweb/studies`, { method: 'POST', ...stowBody([first.file]) });
  expect(answer.status).toBe(200);
  const peer = new RawPeer(roles().dimsePort);
  await peer.associate();
  expect(await peer.store(second)).toBe(0);
  peer.destroy();
  const { stored } = storeAnswer(await answer.json());
  const metadata = await fetch(`${stored[0]?.replace(/\/instances\/.*/, '')}/metadata`);
  expect(await metadata.json()).toHaveLength(2);
});
