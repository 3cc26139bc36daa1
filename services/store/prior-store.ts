import { sql } from 'kysely';
import type { FoundBy, FoundStudy } from '../domain/pull/ports.ts';
import type { Store } from './connect.ts';
import { saveFound } from './pull-store.ts';

/** A study that arrived, and whose priors were not asked for yet. */
interface PriorSearch {
  readonly StudyInstanceUID: string;
  readonly attempts: number;
}

export interface PriorStore {
  /** Makes a search of every study that arrived since the rule was first known, but of those that came as priors. */
  beginSearches(rule: string): Promise<void>;
  dueSearches(rule: string, limit: number): Promise<readonly PriorSearch[]>;
  /** The search is over; what is held already is not among the studies that are fetched. */
  saveSearch(
    StudyInstanceUID: string,
    found: FoundBy,
    studies: readonly FoundStudy[],
    sentence?: string,
  ): Promise<void>;
  /** It is tried again then, or never. */
  searchFailed(
    StudyInstanceUID: string,
    rule: string,
    sentence: string,
    againSeconds: number | undefined,
  ): Promise<void>;
}

export function priorStore({ database }: Store): PriorStore {
  return {
    async beginSearches(rule) {
      // A rule is known from its first row on, as a watch is.
      await database
        .insertInto('pull_watch')
        .values({ name: rule, mark: sql<Date>`now()` })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      await sql`
        INSERT INTO pull_prior_search ("StudyInstanceUID", rule)
        SELECT study."StudyInstanceUID", ${rule}::text FROM study
        JOIN worklist_row w ON w."StudyInstanceUID" = study."StudyInstanceUID" AND NOT w."asPrior"
        WHERE study."createdAt" >= (SELECT mark - interval '10 minutes' FROM pull_watch WHERE name = ${rule})
          AND study."createdAt" >= (SELECT "startedAt" FROM pull_watch WHERE name = ${rule})
          -- Once it is whole, for a rule may ask for what its last series says; but not for ever.
          AND (study."createdAt" < now() - interval '2 minutes' OR NOT EXISTS (SELECT FROM series
            WHERE series."StudyInstanceUID" = study."StudyInstanceUID" AND "quietAt" > now()))
          AND NOT EXISTS (SELECT FROM pull_study WHERE pull_study."StudyInstanceUID" = study."StudyInstanceUID" AND rank = 1)
        ON CONFLICT DO NOTHING`.execute(database);
      await database
        .updateTable('pull_watch')
        .set({ mark: sql<Date>`now()`, askedAt: sql<Date>`now()` })
        .where('name', '=', rule)
        .execute();
    },
    dueSearches: (rule, limit) =>
      database
        .selectFrom('pull_prior_search')
        .select(['StudyInstanceUID', 'attempts'])
        .where('rule', '=', rule)
        .where('doneAt', 'is', null)
        .where('nextAttemptAt', '<=', sql<Date>`now()`)
        .orderBy('nextAttemptAt')
        .limit(limit)
        .execute(),
    async saveSearch(StudyInstanceUID, found, studies, sentence) {
      await database.transaction().execute(async (transaction) => {
        const { rows: held } = await sql<{ uid: string }>`
          SELECT "StudyInstanceUID" AS uid FROM study
          WHERE "StudyInstanceUID" = ANY(${studies.map((each) => each.StudyInstanceUID)}::text[])`.execute(transaction);
        const here = new Set(held.map(({ uid }) => uid));
        const wanted = studies.filter((each) => !here.has(each.StudyInstanceUID));
        await saveFound(transaction, found, wanted);
        await transaction
          .updateTable('pull_prior_search')
          .set({ doneAt: sql<Date>`now()`, found: studies.length, sentence: sentence ?? null, nextAttemptAt: null })
          .where('StudyInstanceUID', '=', StudyInstanceUID)
          .where('rule', '=', found.by)
          .execute();
      });
    },
    async searchFailed(StudyInstanceUID, rule, sentence, againSeconds) {
      const again =
        againSeconds === undefined ? sql<null>`NULL` : sql<Date>`now() + make_interval(secs => ${againSeconds})`;
      await database
        .updateTable('pull_prior_search')
        .set((row) => ({ attempts: row('attempts', '+', 1), nextAttemptAt: again, sentence: sentence.slice(0, 500) }))
        .where('StudyInstanceUID', '=', StudyInstanceUID)
        .where('rule', '=', rule)
        .execute();
    },
  };
}
