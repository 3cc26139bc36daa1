import { type ChildProcess, fork, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { startEmbeddedDatabase } from '../../services/store/embedded-database.ts';
import { fakeContext } from '../support/fake-context.ts';

const isRoot = process.getuid?.() === 0;
const hasProc = existsSync('/proc/self/cwd');
/** One cluster for all: making one takes seconds. The tests build on each other only in that it is there. */
const folder = mkdtempSync(join(tmpdir(), 'overread-embedded-'));
const running: { stop(): Promise<void> }[] = [];
const owners: ChildProcess[] = [];

afterEach(async () => {
  await stopAll();
  for (const owner of owners.splice(0)) owner.kill('SIGKILL');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const postmasterPid = (of = folder): number =>
  Number.parseInt(readFileSync(join(of, 'postgres/postmaster.pid'), 'utf8'), 10);

async function start(log = fakeContext().log, at = folder) {
  const server = await startEmbeddedDatabase(at, log);
  running.push(server);
  return server;
}

async function stopAll(): Promise<void> {
  await Promise.all(running.splice(0).map((server) => server.stop()));
}

/** A process of its own that owns the folder, and the URL it serves. */
async function startOwner(): Promise<{ owner: ChildProcess; url: string }> {
  const owner = fork(fileURLToPath(import.meta.resolve('../support/embedded-owner.ts')), [folder], {
    stdio: 'inherit',
  });
  owners.push(owner);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  owner.once('message', (message) => resolve((message as { url: string }).url));
  owner.once('exit', () => reject(new Error('the owner ended')));
  return { owner, url: await promise };
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

async function eventually<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 200) throw error;
      await sleep(100);
    }
  }
}

describe('an embedded database', () => {
  it('is a safe PostgreSQL of its own, on 127.0.0.1 only, and comes back as it was', async () => {
    // What a start that was killed while it made the cluster leaves.
    mkdirSync(join(folder, 'postgres.new-12345/base'), { recursive: true });
    const { url } = await start();
    expect(readdirSync(folder).toSorted()).toEqual(['database.json', 'owner.lock', 'postgres', 'postgres.log']);
    const settings = await query(url, 'SELECT name, setting FROM pg_settings');
    const setting = Object.fromEntries(settings.map(({ name, setting: value }) => [String(name), value]));
    expect(setting).toMatchObject({
      ...{ fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on', data_checksums: 'on' },
      ...{ server_encoding: 'UTF8', listen_addresses: '127.0.0.1', unix_socket_directories: '' },
    });
    expect(statSync(join(folder, 'database.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'postgres')).mode & 0o777).toBe(0o700);
    await query(url, 'CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS answer');
    await stopAll();
    expect(existsSync(join(folder, 'postgres/postmaster.pid'))).toBe(false);

    const again = await start();
    expect(again.url).toBe(url);
    expect(await query(again.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('lets nobody in without its password', async () => {
    const other = new URL((await start()).url);
    other.password = 'guessed';
    await expect(query(other.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
  });

  it.skipIf(!hasProc)('has a session of its own, so that Ctrl-C of the terminal does not end it', async () => {
    await start();
    const [, session] = /\) \S \d+ \d+ (\d+) /.exec(readFileSync(`/proc/${postmasterPid()}/stat`, 'utf8')) ?? [];
    expect(Number(session)).toBe(postmasterPid());
  });

  it.skipIf(!isRoot || !hasProc)('runs as another account, also below a folder that this may not enter', async () => {
    const closed = mkdtempSync(join(tmpdir(), 'overread-closed-'));
    chmodSync(closed, 0o700);
    const data = join(closed, 'data');
    const { url } = await start(fakeContext().log, data);
    expect(statSync(join(data, 'postgres')).uid).not.toBe(0);
    expect(statSync(`/proc/${postmasterPid(data)}`).uid).not.toBe(0);
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await stopAll();
    rmSync(closed, { recursive: true });
  });

  it('moves to another port when something has taken its own', async () => {
    const first = await start();
    await stopAll();
    const squatter = createServer().listen(Number(new URL(first.url).port), '127.0.0.1');
    try {
      const second = await start();
      expect(new URL(second.url).port).not.toBe(new URL(first.url).port);
      expect(new URL(second.url).password).toBe(new URL(first.url).password);
    } finally {
      squatter.close();
    }
  });

  it('says what is wrong with a damaged settings file, and with one of another database', async () => {
    await start();
    await stopAll();
    const file = join(folder, 'database.json');
    const good = readFileSync(file, 'utf8');
    await writeFile(file, '{"port": 1');
    await expect(start()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('damaged'),
    });
    await writeFile(file, JSON.stringify({ ...JSON.parse(good), password: 'another' }));
    await expect(start()).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      message: expect.stringContaining('database.json'),
    });
    expect(existsSync(join(folder, 'postgres/postmaster.pid'))).toBe(false);
    await writeFile(file, good);
  });
});

describe('a second Overread on the same folder', () => {
  it('is refused while the first lives, in this process and in another', async () => {
    const { owner, url } = await startOwner();
    await expect(start()).rejects.toMatchObject({
      code: 'DATA_DIR_IN_USE',
      message: expect.stringContaining(folder),
    });
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    owner.kill('SIGTERM');
    await new Promise((resolve) => owner.once('exit', resolve));
    await start();
    await expect(start()).rejects.toMatchObject({ code: 'DATA_DIR_IN_USE' });
  });
});

describe('kill -9', () => {
  it('of the owner: the next start ends the orphan and finds everything', async () => {
    const { owner, url } = await startOwner();
    await query(url, 'CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS answer');
    owner.kill('SIGKILL');
    const next = await start();
    expect(next.url).toBe(url);
    expect(await query(next.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('of the server: it comes back under the same URL', async () => {
    const context = fakeContext();
    const { url } = await start(context.log);
    await query(url, 'CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS answer');
    const killed = postmasterPid();
    process.kill(killed, 'SIGKILL');
    expect(await eventually(() => query(url, 'SELECT answer FROM kept'))).toEqual([{ answer: 42 }]);
    expect(postmasterPid()).not.toBe(killed);
    // The server may answer a moment before its keeper has noticed.
    await eventually(async () => {
      const told = context.events.filter((event) => event !== 'database.leftovers-ended');
      expect(told).toEqual(['database.started', 'database.died', 'database.restarted']);
    });
    await stopAll();
    expect(existsSync(join(folder, 'postgres/postmaster.pid'))).toBe(false);
  });

  it.each([0, 150, 400, 800])(
    'of the server, and a stop %i ms later ends all the same',
    async (pauseMs) => {
      const database = await start();
      process.kill(postmasterPid(), 'SIGKILL');
      await sleep(pauseMs);
      running.length = 0;
      await expect(database.stop()).resolves.toBeUndefined();
    },
    30_000,
  );

  it('of both at once', async () => {
    const { owner, url } = await startOwner();
    await query(url, 'CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS answer');
    process.kill(postmasterPid(), 'SIGKILL');
    owner.kill('SIGKILL');
    expect(existsSync(join(folder, 'postgres/postmaster.pid'))).toBe(true);
    const next = await start();
    expect(await query(next.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('leaves a pid file whose number may belong to a stranger, who lives on', async () => {
    await start();
    await stopAll();
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const file = join(folder, 'postgres/postmaster.pid');
    await writeFile(file, `${stranger.pid}\n${join(folder, 'postgres')}\n1700000000\n20000\n\n127.0.0.1\n`);
    const { url } = await start();
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(stranger.exitCode).toBeNull();
    expect(stranger.signalCode).toBeNull();
    stranger.kill('SIGKILL');
  });
});

describe('damaged data', () => {
  it('says what PostgreSQL says when its data is damaged', async () => {
    await start();
    await stopAll();
    rmSync(join(folder, 'postgres/global/pg_control'));
    await expect(start()).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      message: expect.stringContaining('pg_control'),
    });
  });
});
