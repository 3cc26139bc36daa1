import { type Kysely, sql } from 'kysely';
import type { CommitmentState } from '../domain/commitment.ts';
import type { Reading, SignedReport } from '../domain/contract/reading.ts';
import type { DeliveryState } from '../domain/contract/worklist.ts';
import { EMPTY_CONTENT } from '../domain/review.ts';
import type { Schema } from './schema.ts';
import { strangeSeries } from './strange-series.ts';

/** The reading of a study as the contract has it, or `undefined` for a study that is not here. One statement for each table. */
export async function readReading(database: Kysely<Schema>, StudyInstanceUID: string): Promise<Reading | undefined> {
  const row = await database
    .selectFrom('study')
    .leftJoin('reading', 'reading.StudyInstanceUID', 'study.StudyInstanceUID')
    .selectAll('reading')
    .select('study.StudyInstanceUID as known')
    .where('study.StudyInstanceUID', '=', StudyInstanceUID)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const modes = await database.selectFrom('reading_mode').selectAll().orderBy('modelId').execute();
  const { readerName, readerOrganization, revealedAt, changedAt } = row;
  return {
    StudyInstanceUID,
    state: row.state ?? 'OPEN',
    revision: row.revision ?? 0,
    modes: Object.fromEntries(modes.map(({ modelId, mode }) => [modelId, mode])),
    revealedAt: revealedAt?.toISOString() ?? null,
    reader: readerName === null ? null : { name: readerName, organization: readerOrganization ?? '' },
    changedAt: changedAt?.toISOString() ?? null,
    content: row.content ?? EMPTY_CONTENT,
    reports: await signedReports(database, StudyInstanceUID),
    strangers: await strangeSeries(database, StudyInstanceUID),
  };
}

interface DeliveryRow {
  readonly destination: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly lastError: string | null;
  readonly deliveredAt: string | null;
  readonly nextAttemptAt: string;
  readonly commitment: CommitmentState;
}

/** Newest first, each with where it stands on its way. */
async function signedReports(database: Kysely<Schema>, StudyInstanceUID: string): Promise<SignedReport[]> {
  const rows = await database
    .selectFrom('signed_report')
    .select(['SRSOPInstanceUID', 'SRSeriesInstanceUID', 'readerName', 'readerOrganization', 'signedAt'])
    .select(
      sql<readonly DeliveryRow[]>`(
        SELECT coalesce(jsonb_agg(to_jsonb(delivery) ORDER BY destination), '[]')
        FROM delivery WHERE delivery."signedReportId" = signed_report.id)`.as('deliveries'),
    )
    .where('StudyInstanceUID', '=', StudyInstanceUID)
    .orderBy('revision', 'desc')
    .execute();
  return rows.map(({ readerName: name, readerOrganization: organization, signedAt, deliveries, ...uids }) => ({
    ...uids,
    reader: { name, organization },
    signedAt: signedAt.toISOString(),
    deliveries: deliveries.map(
      ({ destination, state, attempts, lastError, deliveredAt, nextAttemptAt, commitment }) => ({
        ...{ destination, state, attempts, lastError, commitment },
        deliveredAt: deliveredAt === null ? null : new Date(deliveredAt).toISOString(),
        nextAttemptAt: state === 'PENDING' ? new Date(nextAttemptAt).toISOString() : null,
      }),
    ),
  }));
}
