import { sql } from 'kysely';
import type { Store } from './connect.ts';

/** Those of these paths below the store that no row names, as an instance or in quarantine. */
export async function unnamedFiles({ database }: Store, paths: readonly string[]): Promise<readonly string[]> {
  const { rows } = await sql<{ path: string }>`
    SELECT path FROM unnest(${paths}::text[]) AS file(path)
    WHERE NOT EXISTS (SELECT FROM instance WHERE instance.path = file.path)
      AND NOT EXISTS (SELECT FROM quarantine WHERE quarantine.path = file.path)`.execute(database);
  return rows.map(({ path }) => path);
}
