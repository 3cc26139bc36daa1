import { sql, type Transaction } from 'kysely';
import type { FetchOutcome, FoundBy, FoundStudy, PullStore } from '../domain/pull/ports.ts';
import type { Store } from './connect.ts';
import type { Schema } from './schema.ts';

/** A study whose size the peer does not say is looked at again this long after it was complete. */
const RECHECK = sql`interval '5 minutes'`;

/** How far watches have come, and what they have found. */
export function pullStore(store: Store): PullStore {
  const { database } = store;
  return {
    watchMark: (name, initial) => watchMark(store, name, initial),
    saveAnswers: (found, studies, mark) =>
      database.transaction().execute(async (transaction) => {
        await saveFound(transaction, found, studies);
        await transaction
          .updateTable('pull_watch')
          .set({ mark, askedAt: sql<Date>`now()`, answeredAt: sql<Date>`now()`, matches: studies.length, failures: 0 })
          .set({ problem: null })
          .where('name', '=', found.by)
          .execute();
      }),
    async watchFailed(name, problem) {
      const { failures } = await database
        .updateTable('pull_watch')
        .set((row) => ({ problem, askedAt: sql<Date>`now()`, failures: row('failures', '+', 1) }))
        .where('name', '=', name)
        .returning('failures')
        .executeTakeFirstOrThrow();
      return failures;
    },
    nextStudy: (peer) => nextStudy(store, peer),
    async progress({ peer, StudyInstanceUID }, held, expected) {
      await database
        .updateTable('pull_study')
        .set({ held, expected })
        .where('peer', '=', peer)
        .where('StudyInstanceUID', '=', StudyInstanceUID)
        .where('state', '=', 'fetching')
        .execute();
    },
    fetched: (study, outcome) => fetched(store, study, outcome),
    async heldBySeries(StudyInstanceUID) {
      const { rows } = await sql<{ uid: string; held: number }>`
        SELECT "SeriesInstanceUID" AS uid, count(*) AS held FROM instance
        WHERE "StudyInstanceUID" = ${StudyInstanceUID} GROUP BY 1`.execute(database);
      return new Map(rows.map(({ uid, held }) => [uid, held]));
    },
    async heldInstances(uids) {
      const { rows } = await sql<{ uid: string }>`
        SELECT "SOPInstanceUID" AS uid FROM instance WHERE "SOPInstanceUID" = ANY(${uids}::text[])
        UNION SELECT "SRSOPInstanceUID" FROM written_report WHERE "SRSOPInstanceUID" = ANY(${uids}::text[])`.execute(
        database,
      );
      return new Set(rows.map(({ uid }) => uid));
    },
  };
}

async function watchMark({ database }: Store, name: string, initial: Date): Promise<Date> {
  await database
    .insertInto('pull_watch')
    .values({ name, mark: initial })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { mark } = await database
    .selectFrom('pull_watch')
    .select('mark')
    .where('name', '=', name)
    .executeTakeFirstOrThrow();
  return mark;
}

/**
 * A study that is known is fetched again only when the peer says it has grown, or does not say how large it is. One that was
 * fetched as a prior, and is now found by a watch, is a study like any other: it is planned again.
 */
export async function saveFound(
  transaction: Transaction<Schema>,
  { peer, by, how, asPrior, rank }: FoundBy,
  studies: readonly FoundStudy[],
): Promise<void> {
  if (studies.length === 0) return;
  const rows = JSON.stringify(studies);
  await sql`
    INSERT INTO pull_study AS known (peer, "StudyInstanceUID", "by", how, "asPrior", rank, announced)
    SELECT ${peer}::text, "StudyInstanceUID", ${by}::text, ${how}::text, ${asPrior}::boolean, ${rank}::smallint, announced
    FROM jsonb_to_recordset(${rows}::jsonb) AS found("StudyInstanceUID" text, announced integer)
    ORDER BY "StudyInstanceUID"
    ON CONFLICT (peer, "StudyInstanceUID") DO UPDATE SET
      "by" = CASE WHEN excluded.rank <= known.rank THEN excluded."by" ELSE known."by" END,
      how = CASE WHEN excluded.rank <= known.rank THEN excluded.how ELSE known.how END,
      "asPrior" = known."asPrior" AND excluded."asPrior",
      rank = least(known.rank, excluded.rank),
      state = 'found', attempts = 0, unreached = 0, "nextAttemptAt" = now(), "changedAt" = now(),
      announced = excluded.announced
    WHERE known.state <> 'fetching' AND (
      (excluded.announced IS NOT NULL AND excluded.announced IS DISTINCT FROM known.announced)
      OR (excluded.announced IS NULL AND known.state = 'complete' AND known."changedAt" < now() - ${RECHECK})
      OR (known."asPrior" AND NOT excluded."asPrior"))`.execute(transaction);
  if (asPrior) return;
  const { rows: wanted } = await sql<{ uid: string }>`
    UPDATE worklist_row SET "asPrior" = false
    WHERE "asPrior" AND "StudyInstanceUID" IN (SELECT found ->> 'StudyInstanceUID' FROM jsonb_array_elements(${rows}::jsonb) found)
    RETURNING "StudyInstanceUID" AS uid`.execute(transaction);
  await sql`
    UPDATE series SET "plannedWatermark" = least("plannedWatermark", watermark - 1)
    WHERE "StudyInstanceUID" = ANY(${wanted.map(({ uid }) => uid)}::text[]) AND watermark > 0`.execute(transaction);
}

/** One that a process left `fetching` when it died is due like the others: there is one who fetches, see `SoleHolder`. */
async function nextStudy({ database }: Store, peer: string) {
  const { rows } = await sql<NonNullable<Awaited<ReturnType<PullStore['nextStudy']>>>>`
    UPDATE pull_study SET state = 'fetching', "changedAt" = now()
    WHERE (peer, "StudyInstanceUID") = (
      SELECT peer, "StudyInstanceUID" FROM pull_study
      WHERE peer = ${peer} AND "nextAttemptAt" <= now()
      ORDER BY rank, "nextAttemptAt" LIMIT 1 FOR UPDATE)
    RETURNING peer, "StudyInstanceUID", "by", how, attempts, unreached, held`.execute(database);
  return rows[0];
}

async function fetched(
  { database }: Store,
  { peer, StudyInstanceUID }: { readonly peer: string; readonly StudyInstanceUID: string },
  { state, expected, held, attempts, unreached, sentence, againSeconds }: FetchOutcome,
): Promise<void> {
  const again =
    againSeconds === undefined ? sql<null>`NULL` : sql<Date>`now() + make_interval(secs => ${againSeconds})`;
  await database
    .updateTable('pull_study')
    .set({ state, held, attempts, unreached, nextAttemptAt: again, changedAt: sql<Date>`now()` })
    .set({ sentence: sentence?.slice(0, 500) ?? null })
    .set(expected === undefined ? {} : { expected })
    .where('peer', '=', peer)
    .where('StudyInstanceUID', '=', StudyInstanceUID)
    .execute();
}
