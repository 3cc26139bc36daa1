import type { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { up as tables } from './migrations/0001-tables.ts';
import { up as recordInstances } from './migrations/0002-record-instances.ts';
import { up as searchIndexes } from './migrations/0003-search-indexes.ts';
import { up as models } from './migrations/0004-models.ts';
import { up as reading } from './migrations/0005-reading.ts';
import { up as worklist } from './migrations/0006-worklist.ts';
import { up as queries } from './migrations/0007-queries.ts';
import { up as commitment } from './migrations/0008-commitment.ts';
import { up as routingAndPull } from './migrations/0009-routing-and-pull.ts';
import { up as peers } from './migrations/0010-peers.ts';
import { up as roomsNobody } from './migrations/0011-rooms-nobody.ts';
import { up as singleImages } from './migrations/0012-single-images.ts';
import type { Schema } from './schema.ts';

/** Every migration there is, in order. A list and not a folder scan: a missing file is then a type error. */
const MIGRATIONS: Record<string, Migration> = {
  '0001-tables': { up: tables },
  '0002-record-instances': { up: recordInstances },
  '0003-search-indexes': { up: searchIndexes },
  '0004-models': { up: models },
  '0005-reading': { up: reading },
  '0006-worklist': { up: worklist },
  '0007-queries': { up: queries },
  '0008-commitment': { up: commitment },
  '0009-routing-and-pull': { up: routingAndPull },
  '0010-peers': { up: peers },
  '0011-rooms-nobody': { up: roomsNobody },
  '0012-single-images': { up: singleImages },
};

/**
 * Brings the database to the last migration, in one transaction under an advisory lock of the server: safe to call
 * from several processes at once, and a kill in the middle leaves the version before.
 */
export async function migrate(database: Kysely<Schema>): Promise<void> {
  const migrator = new Migrator({ db: database, provider: { getMigrations: async () => MIGRATIONS } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}
