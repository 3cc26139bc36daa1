import { sql } from 'kysely';
import type { InstanceIndex, PlanStore } from '../domain/ports.ts';
import type { SeriesKey } from '../domain/study.ts';
import type { Store } from './connect.ts';
import { planStore } from './plan-store.ts';
import { instanceRecorder } from './record-instance.ts';

export interface QuietTimes {
  /** A series whose sender is still connected is complete after this long without a new instance. */
  readonly quietSeconds: number;
  /** The least quiet time after every association that sent it was released. */
  readonly releasedQuietSeconds: number;
}

const PAUSES_TO_WAIT = 4;

/** What arrived, when, and which of it a plan has seen. The watermark is the truth; quiet times only schedule. */
export function seriesIndex(store: Store, quiet: QuietTimes): InstanceIndex & PlanStore {
  return {
    ...planStore(store),
    recordInstance: instanceRecorder(store, quiet.quietSeconds),
    associationEnded: (series, released) => associationEnded(store, quiet, series, released),
  };
}

/**
 * A sender that released in order has likely sent all: the series is quiet after four times its longest pause, within
 * the two quiet times, and never later than it would have been. After an abort more is likely to come, so only the
 * screens are told.
 */
async function associationEnded(
  { database }: Store,
  { quietSeconds, releasedQuietSeconds }: QuietTimes,
  series: readonly SeriesKey[],
  released: boolean,
): Promise<void> {
  if (series.length === 0) return;
  const keys = JSON.stringify(series);
  await database.transaction().execute(async (transaction) => {
    const named = sql`jsonb_to_recordset(${keys}::jsonb) AS named("StudyInstanceUID" text, "SeriesInstanceUID" text)`;
    if (released) {
      const shortest = Math.min(releasedQuietSeconds, quietSeconds);
      // Locked in the order in which arrivals lock them.
      await sql`
        WITH locked AS (
          SELECT "StudyInstanceUID", "SeriesInstanceUID" FROM series JOIN ${named} USING ("StudyInstanceUID", "SeriesInstanceUID")
          ORDER BY "StudyInstanceUID", "SeriesInstanceUID" FOR UPDATE OF series
        )
        UPDATE series SET "quietAt" = least(series."quietAt", now() + make_interval(secs =>
          least(greatest(${PAUSES_TO_WAIT} * series."longestPauseMs" / 1000.0, ${shortest}), ${quietSeconds})))
        FROM locked
        WHERE series."StudyInstanceUID" = locked."StudyInstanceUID"
          AND series."SeriesInstanceUID" = locked."SeriesInstanceUID"`.execute(transaction);
    }
    await sql`
      INSERT INTO event (kind, "StudyInstanceUID", "SeriesInstanceUID", fields)
      SELECT 'series.sent', "StudyInstanceUID", "SeriesInstanceUID",
             jsonb_build_object('released', ${released}::boolean, 'instances', series.watermark)
      FROM series JOIN ${named} USING ("StudyInstanceUID", "SeriesInstanceUID")`.execute(transaction);
  });
}
