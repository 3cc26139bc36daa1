import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Store } from './connect.ts';

interface StoredPlace {
  readonly SOPInstanceUID: string;
  readonly path: string;
  readonly bytes: number;
}

/** Where the index says that instances lie, and what is there. */
export function storedPlaces(store: Store, instanceDirectory: string) {
  return {
    /** In the order of the primary key, which is walked along. */
    async placesAfter(SOPInstanceUID: string, limit: number): Promise<readonly StoredPlace[]> {
      const { rows } = await sql<StoredPlace>`
        SELECT "SOPInstanceUID", path, bytes FROM instance WHERE "SOPInstanceUID" > ${SOPInstanceUID}
        ORDER BY "SOPInstanceUID" LIMIT ${limit}`.execute(store.database);
      return rows;
    },
    async lengthOf(path: string): Promise<number | undefined> {
      try {
        return (await stat(join(instanceDirectory, path))).size;
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      }
    },
  };
}
