import { sql } from 'kysely';
import type { CommitmentRequest, OpenCommitment, ReferencedInstance } from '../domain/commitment.ts';
import type { Store } from './connect.ts';
import { notIntact } from './intact-files.ts';

/** Of one AE title, waiting for their report. */
const MAX_PENDING = 1000;
/** The association of the request has so long to take the report; then another one is opened. */
const OWN_ASSOCIATION_SECONDS = 30;
const LONGEST_PAUSE_SECONDS = 900;
const GIVEN_UP_HOURS = 72;
const KEPT_DAYS = 14;
const MAX_DUE = 20;

/** Requests for commitment from others, on their way to a report. What is here survives every process. */
export function commitmentRequests(store: Store, { instanceDirectory }: { readonly instanceDirectory: string }) {
  // Files of one request at a time are read: whoever asks for everything, again and again, does not take the disk from others.
  const looking = { done: Promise.resolve<unknown>(undefined) };
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = looking.done.then(work);
    looking.done = mine.catch(() => {});
    return mine;
  };
  return {
    remember: (request: CommitmentRequest) => remember(store, request),
    prepare: (id: number) => inTurn(() => prepare(store, instanceDirectory, id)),
    hold: (id: number) => hold(store, id),
    reported: (id: number) => reported(store, id),
    /** Tried again at once by whoever opens associations. */
    notReported: (id: number, why: string) => postpone(store, id, why, 0),
    /** The same after a try of its own: the pause doubles, and after three days it is given up. */
    postponed: (id: number, why: string, attempts: number) =>
      postpone(store, id, why, Math.min(LONGEST_PAUSE_SECONDS, 5 * 2 ** Math.min(attempts, 10))),
    dueRequests: () => dueRequests(store),
    forgetOld: () => forgetOld(store),
  };
}

/**
 * A request that is said again gets its report again; another one under the same Transaction UID is refused.
 */
async function remember({ database }: Store, request: CommitmentRequest): Promise<number | 'in use' | 'too many'> {
  const { callingAETitle, TransactionUID } = request;
  const references = JSON.stringify(request.references);
  return database.transaction().execute(async (transaction) => {
    const { rows: pending } = await sql`
      SELECT FROM commitment_request WHERE "callingAETitle" = ${callingAETitle} AND state = 'PENDING'
      LIMIT ${MAX_PENDING}`.execute(transaction);
    if (pending.length >= MAX_PENDING) return 'too many';
    const { rows } = await sql<{ id: number }>`
      INSERT INTO commitment_request AS known ("callingAETitle", "TransactionUID", "references", "nextAttemptAt")
      VALUES (${callingAETitle}, ${TransactionUID}, ${references}::jsonb, now() + make_interval(secs => ${OWN_ASSOCIATION_SECONDS}))
      ON CONFLICT ("callingAETitle", "TransactionUID") DO UPDATE
        SET state = 'PENDING', failed = NULL, attempts = 0, "createdAt" = now(), "nextAttemptAt" = excluded."nextAttemptAt"
        WHERE known."references" = excluded."references"
      RETURNING id`.execute(transaction);
    return rows[0]?.id ?? 'in use';
  });
}

async function prepare(
  { database, ...rest }: Store,
  directory: string,
  id: number,
): Promise<OpenCommitment | undefined> {
  const row = await database
    .selectFrom('commitment_request')
    .select(['id', 'callingAETitle', 'TransactionUID', 'references', 'failed', 'attempts'])
    .where('id', '=', id)
    .where('state', '=', 'PENDING')
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { callingAETitle, TransactionUID, references, attempts } = row;
  const failed = row.failed ?? (await notIntact({ database, ...rest }, directory, references));
  if (row.failed === null) {
    await database
      .updateTable('commitment_request')
      .set({ failed: JSON.stringify(failed) })
      .where('id', '=', id)
      .execute();
  }
  return { id, callingAETitle, attempts, report: { TransactionUID, committed: without(references, failed), failed } };
}

function without(references: readonly ReferencedInstance[], failed: readonly ReferencedInstance[]) {
  const uids = new Set(failed.map(({ SOPInstanceUID }) => SOPInstanceUID));
  return references.filter(({ SOPInstanceUID }) => !uids.has(SOPInstanceUID));
}

/** For the association of the request: only while no other one was opened for it. */
async function hold({ database }: Store, id: number): Promise<boolean> {
  const { rows } = await sql`
    UPDATE commitment_request SET "nextAttemptAt" = now() + make_interval(secs => ${2 * OWN_ASSOCIATION_SECONDS})
    WHERE id = ${id} AND state = 'PENDING' AND attempts = 0 RETURNING id`.execute(database);
  return rows.length > 0;
}

async function reported({ database }: Store, id: number): Promise<void> {
  await database
    .updateTable('commitment_request')
    .set({ state: 'REPORTED', reportedAt: sql<Date>`now()`, lastError: null })
    .where('id', '=', id)
    .execute();
}

async function postpone({ database }: Store, id: number, why: string, seconds: number): Promise<void> {
  await sql`
    UPDATE commitment_request SET "lastError" = ${why}, "nextAttemptAt" = now() + make_interval(secs => ${seconds}),
      -- Looked at again before the next try.
      failed = NULL,
      state = CASE WHEN "createdAt" < now() - make_interval(hours => ${GIVEN_UP_HOURS}) THEN 'GIVEN_UP' ELSE state END
    WHERE id = ${id} AND state = 'PENDING'`.execute(database);
}

/** Handed out: the pause after a failed try is set before the try, so that a killed process does not try for ever. */
async function dueRequests({ database }: Store): Promise<readonly number[]> {
  const { rows } = await sql<{ id: number }>`
    UPDATE commitment_request SET attempts = attempts + 1,
      "nextAttemptAt" = now() + make_interval(secs => least(${LONGEST_PAUSE_SECONDS}, 60 * 2 ^ least(attempts, 10)))
    WHERE id IN (
      SELECT id FROM commitment_request WHERE state = 'PENDING' AND "nextAttemptAt" <= now()
      ORDER BY "nextAttemptAt" LIMIT ${MAX_DUE} FOR UPDATE SKIP LOCKED)
    RETURNING id`.execute(database);
  return rows.map(({ id }) => id);
}

async function forgetOld({ database }: Store): Promise<void> {
  await sql`
    DELETE FROM commitment_request WHERE state <> 'PENDING' AND "createdAt" < now() - make_interval(days => ${KEPT_DAYS})`.execute(
    database,
  );
}
