import { sql } from 'kysely';
import type { CommitmentReport, CommitmentToAsk, ReferencedInstance } from '../domain/commitment.ts';
import type { Store } from './connect.ts';
import { recordEvents } from './event-store.ts';

export interface DeliveryCommitmentOptions {
  /** First pause before a result that was not committed is sent again; doubles. */
  readonly firstPauseSeconds: number;
}

const MAX_DUE = 10;
/** An answer may take so long; then it is asked for again, under another Transaction UID. */
const ANSWER_HOURS = 6;
const MAX_TRIES = 8;
const LONGEST_PAUSE_SECONDS = 900;

/** Commitment of what was delivered, by the rows of the deliveries: what is asked, and what was answered. */
export function deliveryCommitments(store: Store, options: DeliveryCommitmentOptions) {
  return {
    claimCommitments: (AETitleOf: (destination: string) => string | undefined, newUid: () => string) =>
      claimCommitments(store, AETitleOf, newUid),
    commitmentAsked: (deliveryId: string) => asked(store, deliveryId),
    commitmentUnsupported: (deliveryId: string) => unsupported(store, deliveryId),
    taken: (report: CommitmentReport, AETitle: string) => taken(store, options, report, AETitle),
  };
}

interface DueRow {
  readonly id: string;
  readonly destination: string;
  readonly tries: number;
  readonly SOPClassUID: string;
  readonly SOPInstanceUID: string;
}

/** The transaction is remembered before it is asked for: its report may be faster than the answer. */
async function claimCommitments(
  { database }: Store,
  AETitleOf: (destination: string) => string | undefined,
  newUid: () => string,
): Promise<readonly CommitmentToAsk[]> {
  return database.transaction().execute(async (transaction) => {
    const { rows } = await sql<DueRow>`
      WITH due AS (
        SELECT id FROM delivery WHERE "commitmentDueAt" <= now() AND state = 'DELIVERED'
        ORDER BY "commitmentDueAt" LIMIT ${MAX_DUE} FOR UPDATE SKIP LOCKED
      ), claimed AS (
        UPDATE delivery SET "commitmentTries" = "commitmentTries" + 1,
          "commitmentDueAt" = CASE WHEN "commitmentTries" + 1 < ${MAX_TRIES}
            THEN now() + make_interval(secs => 60 * 2 ^ "commitmentTries") END
        FROM due WHERE delivery.id = due.id RETURNING delivery.*
      )
      SELECT claimed.id, destination, "commitmentTries" - 1 AS tries,
        coalesce(signed_report."SRSOPClassUID", result."SRSOPClassUID") AS "SOPClassUID",
        coalesce(signed_report."SRSOPInstanceUID", result."SRSOPInstanceUID") AS "SOPInstanceUID"
      FROM claimed
      LEFT JOIN result ON result.id = claimed."resultId"
      LEFT JOIN signed_report ON signed_report.id = claimed."signedReportId"`.execute(transaction);
    const claimed: CommitmentToAsk[] = [];
    for (const { id, destination, tries, ...reference } of rows) {
      const [AETitle, TransactionUID] = [AETitleOf(destination), newUid()];
      if (AETitle === undefined) continue;
      const { SOPInstanceUID } = reference;
      await transaction
        .insertInto('delivery_commitment')
        .values({ TransactionUID, deliveryId: id, AETitle, SOPInstanceUID })
        .execute();
      claimed.push({ deliveryId: id, destination, TransactionUID, references: [reference], tries });
    }
    return claimed;
  });
}

/** The peer will answer. What it has answered already stands. */
async function asked({ database }: Store, deliveryId: string): Promise<void> {
  await sql`
    UPDATE delivery SET commitment = 'asked', "commitmentDueAt" = now() + make_interval(hours => ${ANSWER_HOURS})
    WHERE id = ${deliveryId} AND state = 'DELIVERED' AND commitment <> 'committed'`.execute(database);
}

async function unsupported({ database }: Store, deliveryId: string): Promise<void> {
  await database
    .updateTable('delivery')
    .set({ commitmentDueAt: null })
    .where('id', '=', deliveryId)
    .where('commitment', '=', 'none')
    .execute();
}

/**
 * A report on a transaction of ours, by whom it was asked of. What is not committed is sent again, the same bytes, after a
 * pause; an instance that the report does not name is one that is not committed.
 */
async function taken(
  { database }: Store,
  { firstPauseSeconds }: DeliveryCommitmentOptions,
  report: CommitmentReport,
  AETitle: string,
): Promise<boolean> {
  return database.transaction().execute(async (transaction) => {
    const known = await transaction
      .selectFrom('delivery_commitment')
      .selectAll()
      .where('TransactionUID', '=', report.TransactionUID)
      .where('AETitle', '=', AETitle)
      .forUpdate()
      .executeTakeFirst();
    if (known === undefined) return false;
    // A report that comes again changes nothing.
    if (known.outcome !== null) return true;
    const isOurs = ({ SOPInstanceUID }: ReferencedInstance) => SOPInstanceUID === known.SOPInstanceUID;
    const outcome = report.committed.some(isOurs) && !report.failed.some(isOurs) ? 'committed' : 'failed';
    const { TransactionUID } = report;
    await transaction
      .updateTable('delivery_commitment')
      .set({ outcome })
      .where('TransactionUID', '=', TransactionUID)
      .execute();
    const { rows } = await sql<{ destination: string; runId: string | null; StudyInstanceUID: string }>`
      WITH changed AS (
        UPDATE delivery SET commitment = ${outcome}, "commitmentDueAt" = NULL, "commitmentTries" = 0,
          "commitmentFailures" = CASE WHEN ${outcome} = 'failed' THEN "commitmentFailures" + 1 ELSE 0 END,
          state = CASE WHEN ${outcome} = 'failed' THEN 'PENDING' ELSE state END,
          "lastError" = CASE WHEN ${outcome} = 'failed' THEN ${reasonOf(report, isOurs)} ELSE "lastError" END,
          "nextAttemptAt" = now() + make_interval(secs =>
            least(${LONGEST_PAUSE_SECONDS}, ${firstPauseSeconds}::double precision * 2 ^ least("commitmentFailures", 20)))
        WHERE id = ${known.deliveryId} AND state = 'DELIVERED' AND commitment <> 'committed' RETURNING *
      )
      SELECT destination, run.id AS "runId", coalesce(signed_report."StudyInstanceUID", run."StudyInstanceUID") AS "StudyInstanceUID"
      FROM changed
      LEFT JOIN result ON result.id = changed."resultId" LEFT JOIN run ON run.id = result."runId"
      LEFT JOIN signed_report ON signed_report.id = changed."signedReportId"`.execute(transaction);
    await recordEvents(
      transaction,
      rows.map(({ destination, runId, StudyInstanceUID }) => ({
        ...{ kind: `delivery.${outcome === 'failed' ? 'not-committed' : outcome}`, StudyInstanceUID },
        ...(runId !== null && { runId }),
        fields: { destination },
      })),
    );
    return true;
  });
}

function reasonOf({ failed }: CommitmentReport, isOurs: (reference: ReferencedInstance) => boolean): string {
  const reason = failed.find(isOurs)?.reason;
  const code = reason === undefined ? '' : `, reason ${reason.toString(16).toUpperCase().padStart(4, '0')}`;
  return `not committed${code}`;
}
