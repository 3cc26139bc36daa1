import { sql } from 'kysely';
import type { AnnouncedSeries } from '../domain/announcement.ts';
import type { Store } from './connect.ts';

interface SilentRow {
  readonly StudyInstanceUID: string;
  readonly AETitle: string;
  readonly lastArrivalAt: Date;
}

const MAX_STUDIES = 50;
/** Shorter than a person notices; a series that has just begun has shown no rhythm yet. */
const [SILENCE_SECONDS, FIRST_SILENCE_SECONDS] = [0.5, 1.5];
const FEW_IMAGES = 3;
const PAUSES = 2;

/**
 * Studies with images that no plan has seen, whose last image came from one of these AE titles, and since then for twice the
 * longest pause none has come.
 */
export async function silentStudies({ database }: Store, AETitles: readonly string[]): Promise<readonly SilentRow[]> {
  const { rows } = await sql<SilentRow>`
    SELECT DISTINCT ON (waits."StudyInstanceUID") waits."StudyInstanceUID", "sourceAETitle" AS "AETitle",
      max("lastArrivalAt") OVER study AS "lastArrivalAt"
    FROM series_wait waits
    JOIN instance last ON last."StudyInstanceUID" = waits."StudyInstanceUID"
      AND last."SeriesInstanceUID" = waits."SeriesInstanceUID" AND last.watermark = waits.watermark
    WHERE waits.watermark > waits."plannedWatermark" AND "dueAt" > now() AND "sourceAETitle" = ANY(${AETitles}::text[])
      AND NOT EXISTS (
        SELECT FROM series WHERE series."StudyInstanceUID" = waits."StudyInstanceUID"
          AND series."lastArrivalAt" + make_interval(secs => greatest(${PAUSES} * series."longestPauseMs" / 1000.0,
            CASE WHEN series.watermark < ${FEW_IMAGES} THEN ${FIRST_SILENCE_SECONDS}::double precision
              ELSE ${SILENCE_SECONDS}::double precision END)) > now())
    WINDOW study AS (PARTITION BY waits."StudyInstanceUID")
    ORDER BY waits."StudyInstanceUID", waits."lastArrivalAt" DESC
    LIMIT ${MAX_STUDIES}`.execute(database);
  return rows;
}

/** What is here of a study, by series. */
export async function heldImages({ database }: Store, StudyInstanceUID: string): Promise<readonly AnnouncedSeries[]> {
  return database
    .selectFrom('series')
    .select(['StudyInstanceUID', 'SeriesInstanceUID', 'Modality', 'watermark as instances'])
    .where('StudyInstanceUID', '=', StudyInstanceUID)
    .execute();
}
