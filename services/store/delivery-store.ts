import { sql, type Transaction } from 'kysely';
import type { WaitingJob } from '../domain/job.ts';
import type { DeliveryStore, DeliveryToSend } from '../domain/ports.ts';
import type { Store } from './connect.ts';
import { recordEvents } from './event-store.ts';
import { EXPLICIT_VR_LITTLE_ENDIAN } from './own-reports.ts';
import type { Schema } from './schema.ts';

const MAX_DUE = 500;

/** Reports on their way to a PACS. The bytes come from the result, or from the signed report: every try sends the same object. */
export function deliveryStore(store: Store): DeliveryStore {
  return {
    claimDelivery: (id) => claimDelivery(store, id),
    delivered: (id, status) => delivered(store, id, status),
    postponed: (id, error, nextAttemptAt) => postponed(store, id, error, nextAttemptAt),
    dueDeliveries: () => dueDeliveries(store),
    renewDelivery: (id) => renewDelivery(store, id),
  };
}

/**
 * Pending, and the run of a result still current unless an earlier try may have reached the PACS already. What a person
 * signed is always sent.
 */
const TO_SEND = sql<boolean>`delivery.state = 'PENDING' AND (delivery.attempts > 0 OR run."supersededBy" IS NULL)`;

/** Of the result or of the signed report, whichever it belongs to. */
const ofReport = <T>(column: string) =>
  sql<T | null>`coalesce(${sql.ref(`signed_report.${column}`)}, ${sql.ref(`result.${column}`)})`;

/** Counts the try before it is made: from here on the report may have left. Answers with the tries before this one. */
async function claimDelivery({ database }: Store, id: string): Promise<DeliveryToSend | undefined> {
  return database.transaction().execute(async (transaction) => {
    const row = await transaction
      .selectFrom('delivery')
      .leftJoin('result', 'result.id', 'delivery.resultId')
      .leftJoin('run', 'run.id', 'result.runId')
      .leftJoin('signed_report', 'signed_report.id', 'delivery.signedReportId')
      .select(['destination', 'attempts'])
      .select([
        ofReport<string>('SRSOPClassUID').as('SRSOPClassUID'),
        ofReport<string>('SRSOPInstanceUID').as('SRSOPInstanceUID'),
        ofReport<string>('SRSeriesInstanceUID').as('SRSeriesInstanceUID'),
        ofReport<Buffer>('srDataset').as('srDataset'),
      ])
      .where('delivery.id', '=', id)
      .where(TO_SEND)
      .forUpdate('delivery')
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const { destination, attempts, SRSOPClassUID, SRSOPInstanceUID, SRSeriesInstanceUID, srDataset } = row;
    if (SRSOPClassUID === null || SRSOPInstanceUID === null || SRSeriesInstanceUID === null || srDataset === null) {
      return undefined;
    }
    await transaction
      .updateTable('delivery')
      .set({ attempts: attempts + 1 })
      .where('id', '=', id)
      .execute();
    return {
      ...{ deliveryId: id, destination, attempts },
      report: {
        SOPClassUID: SRSOPClassUID,
        SOPInstanceUID: SRSOPInstanceUID,
        SeriesInstanceUID: SRSeriesInstanceUID,
        TransferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN,
        dataset: srDataset,
      },
    };
  });
}

async function delivered({ database }: Store, id: string, status: string): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    const row = await transaction
      .updateTable('delivery')
      .set({ state: 'DELIVERED', lastStatus: status, lastError: null, deliveredAt: sql<Date>`now()` })
      .set({ commitmentDueAt: sql<Date>`now()` })
      .where('id', '=', id)
      .where('state', '=', 'PENDING')
      .returning('destination')
      .executeTakeFirst();
    if (row !== undefined) await record(transaction, id, 'delivered', row.destination);
  });
}

async function postponed({ database }: Store, id: string, error: string, nextAttemptAt: Date): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    const row = await transaction
      .updateTable('delivery')
      .set({ lastError: error, nextAttemptAt })
      .where('id', '=', id)
      .where('state', '=', 'PENDING')
      .returning('destination')
      .executeTakeFirst();
    if (row !== undefined) await record(transaction, id, 'postponed', row.destination);
  });
}

type Outcome = 'delivered' | 'postponed';

/** `result.delivered` with its run, or `report.delivered` of a signed report. */
async function record(transaction: Transaction<Schema>, deliveryId: string, outcome: Outcome, destination: string) {
  const { runId, ofRun, ofReading } = await transaction
    .selectFrom('delivery')
    .leftJoin('result', 'result.id', 'delivery.resultId')
    .leftJoin('run', 'run.id', 'result.runId')
    .leftJoin('signed_report', 'signed_report.id', 'delivery.signedReportId')
    .select(['run.id as runId', 'run.StudyInstanceUID as ofRun', 'signed_report.StudyInstanceUID as ofReading'])
    .where('delivery.id', '=', deliveryId)
    .executeTakeFirstOrThrow();
  const StudyInstanceUID = ofRun ?? ofReading;
  if (StudyInstanceUID === null) throw new Error('a delivery belongs to a result or to a signed report');
  const kind = `${runId === null ? 'report' : 'result'}.${outcome}`;
  await recordEvents(transaction, [
    { kind, StudyInstanceUID, ...(runId !== null && { runId }), fields: { destination } },
  ]);
}

async function dueDeliveries({ database }: Store): Promise<readonly WaitingJob[]> {
  return database
    .selectFrom('delivery')
    .leftJoin('result', 'result.id', 'delivery.resultId')
    .leftJoin('run', 'run.id', 'result.runId')
    .select(['delivery.id', 'delivery.generation'])
    .where(TO_SEND)
    .where('nextAttemptAt', '<=', sql<Date>`now()`)
    .orderBy('nextAttemptAt')
    .limit(MAX_DUE)
    .execute();
}

async function renewDelivery({ database }: Store, id: string): Promise<WaitingJob | undefined> {
  return database
    .updateTable('delivery')
    .set((row) => ({ generation: row('generation', '+', 1) }))
    .where('id', '=', id)
    .where('state', '=', 'PENDING')
    .returning(['id', 'generation'])
    .executeTakeFirst();
}
