import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../services/store/connect.ts';
import { seriesIndex } from '../../services/store/series-index.ts';
import { arrival, newUid } from '../support/arrivals.ts';
import { startStore } from '../support/database.ts';

const started: { store?: Store; stop?: () => Promise<void> } = {};
const database = () => {
  if (started.store === undefined) throw new Error('not started');
  return started.store.database;
};
beforeAll(async () => Object.assign(started, await startStore()));
afterAll(() => started.stop?.());

async function study(): Promise<string> {
  const { store } = started;
  if (store === undefined) throw new Error('not started');
  const [uid, series] = [newUid(), newUid()];
  await seriesIndex(store, { quietSeconds: 1, releasedQuietSeconds: 1 }).recordInstance(
    arrival({ study: uid, series }),
  );
  return uid;
}

describe('the account of a reading', () => {
  const action = (StudyInstanceUID: string) => ({
    ...{ StudyInstanceUID, actor: 'Li', actorOrganization: '', action: 'SAVE' as const },
    ...{ revisionBefore: 0, revisionAfter: 1, changes: '[]' },
  });

  it.each(["UPDATE reading_action SET actor = 'Wang'", 'DELETE FROM reading_action'])(
    'refuses %s',
    async (statement) => {
      await database()
        .insertInto('reading_action')
        .values(action(await study()))
        .execute();
      await expect(sql.raw(statement).execute(database())).rejects.toThrow('append-only');
    },
  );
});

describe('a delivery', () => {
  it('belongs to a result or to a signed report, never to none', async () => {
    const row = { id: randomUUID(), destination: 'PACS@host:104', state: 'PENDING' as const };
    await expect(database().insertInto('delivery').values(row).execute()).rejects.toThrow('check constraint');
  });
});
