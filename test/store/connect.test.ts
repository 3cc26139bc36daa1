import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppError } from '../../services/domain/errors.ts';
import { connect, unsafeServer } from '../../services/store/connect.ts';
import { databaseError } from '../../services/store/database-error.ts';
import { seriesIndex } from '../../services/store/series-index.ts';
import { arrival } from '../support/arrivals.ts';
import { startDatabase, type TestDatabase } from '../support/database.ts';
import { fakeContext } from '../support/fake-context.ts';

const started: { server?: TestDatabase } = {};
const url = (): string => started.server?.url ?? '';
beforeAll(async () => {
  started.server = await startDatabase();
});
afterAll(() => started.server?.stop());

/** One statement by a connection of its own, outside any transaction. */
async function administer(...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url() });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

describe('connect', () => {
  it('makes the tables once when all roles start at the same moment', async () => {
    const stores = await Promise.all(Array.from({ length: 4 }, () => connect(url(), fakeContext().log)));
    const ids = await Promise.all(
      stores.map(({ database }) => database.selectFrom('installation').select('id').execute()),
    );
    expect(new Set(ids.flat().map(({ id }) => id)).size).toBe(1);
    expect(ids.flat()).toHaveLength(4);
    await Promise.all(stores.map((store) => store.close()));
  });

  it('reads every count as a number, and commits for good', async () => {
    const store = await connect(url(), fakeContext().log);
    const { rows } =
      await sql`SELECT count(*) AS count, 9007199254740991::bigint AS large, current_setting('synchronous_commit') AS commits`.execute(
        store.database,
      );
    expect(rows).toEqual([{ count: 1, large: 9007199254740991, commits: 'on' }]);
    await store.close();
  });

  it('says that nobody answers', async () => {
    const other = new URL(url());
    other.port = '1';
    await expect(connect(other.href, fakeContext().log)).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  });
});

describe('an unsafe server', () => {
  const safe = {
    server_version_num: '150000',
    server_encoding: 'UTF8',
    server_version: '15.0',
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
  };

  it.each([
    ['cannot hold every name', { server_encoding: 'LATIN1' }, 'LATIN1'],
    ['is older than 15', { server_version_num: '140012', server_version: '14.12' }, '14.12'],
    ['has fsync off', { fsync: 'off' }, 'fsync'],
    ['has full_page_writes off', { full_page_writes: 'off' }, 'full_page_writes'],
    ['has synchronous_commit off', { synchronous_commit: 'off' }, 'synchronous_commit'],
  ])('%s', (_what, change, named) => {
    expect(unsafeServer({ ...safe, ...change })).toContain(named);
  });

  it('is not one that waits for its standbys', () => {
    expect(unsafeServer({ ...safe, synchronous_commit: 'remote_apply' })).toBeUndefined();
  });

  it('is refused', async () => {
    await administer('ALTER ROLE overread SET synchronous_commit = off');
    await expect(connect(url(), fakeContext().log)).rejects.toMatchObject({ code: 'DATABASE_UNSAFE' });
    await administer('ALTER ROLE overread RESET synchronous_commit');
    await (await connect(url(), fakeContext().log)).close();
  });
});

describe('a lost server', () => {
  it('costs the statement under way and no more', async () => {
    const context = fakeContext();
    const store = await connect(url(), context.log);
    const asleep = expect(sql`SELECT pg_sleep(30)`.execute(store.database)).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
    });
    const idle = Array.from({ length: 3 }, () => sql`SELECT 1`.execute(store.database));
    await Promise.all(idle);
    await sleep(100);
    await administer(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND application_name = 'overread'",
    );
    await asleep;
    await sleep(100);
    await expect(sql`SELECT 1 AS one`.execute(store.database)).resolves.toMatchObject({ rows: [{ one: 1 }] });
    expect(context.events).toContain('database.connection-lost');
    await store.close();
  });

  it('killed and restarted, takes instances again', async () => {
    const store = await connect(url(), fakeContext().log);
    const index = seriesIndex(store, { quietSeconds: 1, releasedQuietSeconds: 1 });
    await index.recordInstance(arrival());
    const pidFile = join(started.server?.folder ?? '', 'postgres/postmaster.pid');
    process.kill(Number.parseInt(readFileSync(pidFile, 'utf8'), 10), 'SIGKILL');
    const one = arrival();
    const outcomes: unknown[] = [];
    for (let n = 0; n < 200 && outcomes.at(-1) !== 'new'; n++) {
      outcomes.push(await index.recordInstance(one).catch((error: unknown) => error));
      await sleep(50);
    }
    expect(outcomes.at(-1)).toBe('new');
    for (const failure of outcomes.slice(0, -1)) expect(failure).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await store.close();
  });
});

describe('databaseError', () => {
  it.each(['57P01', '08006', '53100', 'ECONNREFUSED'])('names %s', (code) => {
    const named = databaseError(Object.assign(new Error('value of a patient'), { code }));
    expect(named).toMatchObject({ code: 'DATABASE_UNAVAILABLE', detail: { code } });
    expect((named as AppError).message).not.toContain('patient');
  });

  it('leaves a bug what it is', () => {
    const bug = Object.assign(new Error('column does not exist'), { code: '42703' });
    expect(databaseError(bug)).toBe(bug);
  });
});
