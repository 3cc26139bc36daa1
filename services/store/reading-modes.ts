import type { ReadingMode } from '../domain/reading-state.ts';
import type { Store } from './connect.ts';

/** Tells the tables how each model is read, before anything of a study is answered: what is hidden is hidden by them. */
export async function saveReadingModes(
  { database }: Store,
  modes: Readonly<Record<string, ReadingMode>>,
): Promise<void> {
  const rows = Object.entries(modes).map(([modelId, mode]) => ({ modelId, mode }));
  if (rows.length === 0) return;
  await database
    .insertInto('reading_mode')
    .values(rows)
    .onConflict((row) => row.column('modelId').doUpdateSet(({ ref }) => ({ mode: ref('excluded.mode') })))
    .execute();
}
