import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Health } from '../../services/domain/contract/system.ts';
import { ctInstance } from '../dicom/net/ct-instance.ts';
import { syntheticUid } from '../support/dicom-bytes.ts';
import { type LivingRoles, startLivingRoles } from '../support/living-roles.ts';
import { RawPeer } from '../support/load-client.ts';

const CLI = join(import.meta.dirname, '../../services/main/cli.ts');
const GRACE_SECONDS = 1;
/** Several passes of the sweep, and the grace. */
const SWEPT_MS = 3 * GRACE_SECONDS * 1000;

/** One client holds a transaction open, the other looks: within a transaction the activity of others stands still. */
const state: { roles?: LivingRoles; holder?: pg.Client; client?: pg.Client } = {};
beforeAll(async () => {
  state.roles = await startLivingRoles({ LEFTOVER_GRACE_SECONDS: String(GRACE_SECONDS) });
  state.holder = new pg.Client({ connectionString: state.roles.database.url });
  state.client = new pg.Client({ connectionString: state.roles.database.url });
  await Promise.all([state.holder.connect(), state.client.connect()]);
  // The series that the others wait for.
  expect(await stored(1)).toBe(0);
}, 120_000);
afterAll(async () => {
  await Promise.all([state.holder?.end(), state.client?.end()]);
  await state.roles?.stop();
});

function roles(): LivingRoles {
  if (state.roles === undefined) throw new Error('not started');
  return state.roles;
}
const query = async (text: string, values: readonly unknown[] = []) =>
  (await state.client?.query(text, [...values]))?.rows ?? [];

const hold = async (text: string) => void (await state.holder?.query(text));

/** The status of a C-STORE; `undefined` when the receiver is gone before it answers. */
async function stored(name: number, change = (dataset: Uint8Array) => dataset): Promise<number | undefined> {
  const peer = new RawPeer(roles().dimsePort);
  await peer.associate();
  const { dataset, ...instance } = ctInstance(name, { pixelBytes: 2000 });
  const status = await peer.store({ ...instance, dataset: change(dataset) });
  peer.destroy();
  return status;
}

const directory = () => join(roles().dataDir, 'instances');
const files = (): string[] =>
  readdirSync(directory(), { recursive: true, encoding: 'utf8' }).filter(
    (name) => !name.startsWith('incoming') && statSync(join(directory(), name)).isFile(),
  );
const named = async (name: number): Promise<string | undefined> =>
  (await query('SELECT path FROM instance WHERE "SOPInstanceUID" = $1', [syntheticUid('instance', name)]))[0]?.path;

/** Sends an instance whose row cannot be written: its series is locked. Answers with its file when that is there. */
async function caught(name: number): Promise<{ path: string; status: Promise<number | undefined> }> {
  const before = new Set(files());
  await hold('BEGIN');
  await hold('SELECT FROM series FOR UPDATE');
  const status = stored(name);
  for (;;) {
    const path = files().find((file) => !before.has(file));
    const [waiting] = await query(
      `SELECT pid FROM pg_stat_activity WHERE application_name = 'overread' AND wait_event_type = 'Lock'`,
    );
    if (path !== undefined && waiting !== undefined) return { path, status };
    await sleep(20);
  }
}

it('kill -9 between a file and its row leaves a file, which the next process removes after the grace', async () => {
  const kept = await named(1);
  const { path, status } = await caught(2);
  await roles().kill('receiver');
  // Its statement would still be carried out: that one is lost too.
  await query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'`);
  await hold('ROLLBACK');
  expect(await status).toBeUndefined();
  await roles().restart('receiver');
  expect(files()).toContain(path);
  await sleep(SWEPT_MS);
  expect(files()).toEqual([kept]);
  // Nothing was acknowledged, so the sender sends again.
  expect(await stored(2)).toBe(0);
}, 60_000);

it('a row that a killed process ordered and that is written after its death keeps its file', async () => {
  const { path } = await caught(3);
  await roles().kill('receiver');
  await roles().restart('receiver');
  await hold('ROLLBACK');
  await sleep(SWEPT_MS);
  expect(await named(3)).toBe(path);
  expect(files()).toContain(path);
}, 60_000);

it('a file whose row takes longer than the grace is never touched', async () => {
  const { path, status } = await caught(4);
  await sleep(SWEPT_MS);
  expect(files()).toContain(path);
  await hold('ROLLBACK');
  expect(await status).toBe(0);
  await sleep(SWEPT_MS);
  expect(await named(4)).toBe(path);
  expect(files()).toContain(path);
}, 60_000);

it('what is in quarantine has its row too', async () => {
  const different = (dataset: Uint8Array) => Buffer.from(dataset).fill(7, dataset.length - 10);
  expect(await stored(1, different)).toBe(0x0111);
  const [{ path }] = await query('SELECT path FROM quarantine');
  await sleep(SWEPT_MS);
  expect(files()).toContain(path);
}, 60_000);

it('each role clears up its own folders, and nobody other ones', async () => {
  const source = join(directory(), (await named(1)) ?? '');
  const [day = ''] = readdirSync(directory()).filter((name) => /^\d{8}$/.test(name));
  const copies = ['0123abcd', 'web-0123abcd', 'of an operator'].map((folder) => {
    mkdirSync(join(directory(), day, folder));
    copyFileSync(source, join(directory(), day, folder, 'copy.dcm'));
    return join(directory(), day, folder, 'copy.dcm');
  });
  await sleep(SWEPT_MS);
  expect(copies.map((file) => existsSync(file))).toEqual([false, false, true]);
}, 60_000);

it('an instance whose file is gone is told of by log, health and doctor, until the file is back', async () => {
  const healthOf = async () => {
    const answer = await fetch(`${roles().url}/api/health`);
    const { status, checks } = Health.parse(await answer.json());
    return { code: answer.status, status, isThere: checks.storedFiles?.ok };
  };
  const until = async (status: string) => {
    while ((await healthOf()).status !== status) await sleep(200);
  };
  const path = join(directory(), (await named(1)) ?? '');
  const away = join(roles().dataDir, 'away.dcm');
  await until('ok');
  // Beside the folder of instances, where nobody clears up.
  renameSync(path, away);
  await until('warning');
  expect(await healthOf()).toEqual({ code: 200, status: 'warning', isThere: false });
  const uid = syntheticUid('instance', 1);
  expect(roles().errors.filter((line) => line.includes('stored-files.missing') && line.includes(uid))).toHaveLength(1);
  const HTTP_PORT = new URL(roles().url).port;
  const env = { ...process.env, DATA_DIR: roles().dataDir, HTTP_PORT, DIMSE_PORT: String(roles().dimsePort) };
  const { stdout } = spawnSync(process.execPath, [CLI, 'doctor'], { env, encoding: 'utf8' });
  expect(stdout).toContain('storedFiles: 1 instances in the index have no file, or a cut one');
  renameSync(away, path);
  await until('ok');
}, 60_000);
