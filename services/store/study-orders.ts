import { sql } from 'kysely';
import type { StudyOrders } from '../domain/ports.ts';
import type { Store } from './connect.ts';
import { recordEvents } from './event-store.ts';

/** What a reader orders of a study from the list; each is told to the screens. */
export function studyOrders({ database }: Store): StudyOrders {
  return {
    orderPriority: (StudyInstanceUID, priority) =>
      database.transaction().execute(async (transaction) => {
        const { numUpdatedRows } = await transaction
          .updateTable('worklist_row')
          .set({ orderedPriority: priority })
          .where('StudyInstanceUID', '=', StudyInstanceUID)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) return false;
        await sql`SELECT refresh_worklist(ARRAY[${StudyInstanceUID}::text])`.execute(transaction);
        await recordEvents(transaction, [{ kind: 'study.prioritised', StudyInstanceUID, fields: { priority } }]);
        return true;
      }),

    /** One image of each analysed series counts as new, so that the planner takes the study up at once. */
    orderAnalysis: (StudyInstanceUID) =>
      database.transaction().execute(async (transaction) => {
        const { rows } = await sql`
          UPDATE series SET "plannedWatermark" = least("plannedWatermark", watermark - 1), "quietAt" = least("quietAt", now())
          WHERE "StudyInstanceUID" = ${StudyInstanceUID} AND watermark > 0 AND EXISTS (
            SELECT FROM run WHERE run."StudyInstanceUID" = series."StudyInstanceUID" AND run."supersededBy" IS NULL
              AND run.watermarks ? series."SeriesInstanceUID")
          RETURNING 1`.execute(transaction);
        if (rows.length === 0) return false;
        // Who orders it wants it read, for whatever reason it came.
        await sql`UPDATE worklist_row SET "asPrior" = false WHERE "StudyInstanceUID" = ${StudyInstanceUID} AND "asPrior"`.execute(
          transaction,
        );
        await recordEvents(transaction, [{ kind: 'study.analysis-ordered', StudyInstanceUID }]);
        return true;
      }),

    presenceChanged: (StudyInstanceUID, readers) =>
      database
        .transaction()
        .execute((transaction) =>
          recordEvents(transaction, [{ kind: 'study.presence-changed', StudyInstanceUID, fields: { readers } }]),
        ),
  };
}
