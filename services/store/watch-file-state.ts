import { sql } from 'kysely';
import type { Store } from './connect.ts';

/** What is said of the file of watches, to the screens. */
export function watchFileState({ database }: Store) {
  return {
    async loaded(): Promise<void> {
      await database.updateTable('pull_file').set({ problem: null, loadedAt: sql<Date>`now()` }).execute();
    },
    async wrong(problem: string): Promise<void> {
      await database.updateTable('pull_file').set({ problem }).execute();
    },
  };
}
