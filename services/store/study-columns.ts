import { type RawBuilder, sql } from 'kysely';

/** Study `study` and its row `w` of the worklist, with series counts and runs as a screen may have them. */
export const STUDY_COLUMNS = sql`
  study.*, counts.modalities, counts."seriesCount", counts."instanceCount", counts."lastArrivalAt",
  greatest(counts."dueAt", absent."waitUntil") AS "quietAt", 
  coalesce(counts.announced, CASE WHEN absent.missing > 0 THEN counts."instanceCount"::integer END) + coalesce(absent.missing, 0)
    AS announced,
  counts.missing + CASE WHEN absent."waitUntil" > now() THEN absent.missing ELSE 0 END AS missing,
  w."firstArrivalAt", w.priority, w.critical AND NOT shown.masked AS "aiCritical", shown."aiState", w.sources, w."bodyParts",
  w."readingState", w.reader, w."readingChangedAt", coalesce(runs.runs, '[]') AS runs`;

/** Models whose results a reader must not know before an own read. */
const SECOND_MODELS = sql`(SELECT coalesce(array_agg("modelId"), '{}') FROM reading_mode WHERE mode = 'second')`;

/** A result of theirs is in row `w`, and no own read was committed. */
export const IS_MASKED = sql`(w."revealedAt" IS NULL AND w."resultModels" && ${SECOND_MODELS})`;

/** The state of row `w`, see `domain/ai-state.ts`. */
const AI_STATE = stateWhere(sql`true`);

/**
 * The same, to be asked of many rows: whether images came later is looked up only for studies with images that no plan has
 * seen, which are read once for all of them.
 */
export const AI_STATE_OF_MANY = stateWhere(
  sql`w."StudyInstanceUID" IN (SELECT "StudyInstanceUID" FROM series WHERE watermark > "plannedWatermark")`,
);

function stateWhere(mayBeOutdated: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`CASE
  WHEN w."readingState" = 'SIGNED' THEN 'signed'
  WHEN w."runsState" = 'arrived' THEN CASE WHEN EXISTS (
    SELECT FROM series_wait WHERE series_wait."StudyInstanceUID" = w."StudyInstanceUID" AND "dueAt" > now()
  ) THEN 'receiving' ELSE 'queued' END
  WHEN w."resultModels" && (SELECT coalesce(array_agg(id), '{}') FROM model WHERE NOT enabled) THEN 'withdrawn'
  WHEN w."runsState" IN ('findings', 'none', 'partial', 'notApplicable') AND ${mayBeOutdated} AND EXISTS (
      SELECT FROM run JOIN series USING ("StudyInstanceUID")
      WHERE run."StudyInstanceUID" = w."StudyInstanceUID" AND run."supersededBy" IS NULL
        AND run.state IN ('FINDINGS', 'NO_FINDINGS', 'NOT_ANALYSABLE') AND watermark > "plannedWatermark" AND "Modality" IN (
          SELECT "Modality" FROM series planned
          WHERE planned."StudyInstanceUID" = run."StudyInstanceUID" AND run.watermarks ? planned."SeriesInstanceUID"))
    THEN 'outdated'
  WHEN ${IS_MASKED} AND w."runsState" IN ('findings', 'none') THEN 'hidden'
  ELSE w."runsState" END`;
}

export const STUDY_DETAILS = sql`
  JOIN worklist_row w ON w."StudyInstanceUID" = study."StudyInstanceUID"
  CROSS JOIN LATERAL (SELECT ${IS_MASKED} AS masked, ${AI_STATE} AS "aiState") shown
  CROSS JOIN LATERAL (
    SELECT array_agg(DISTINCT "Modality" ORDER BY "Modality") AS modalities, count(*) AS "seriesCount",
           sum(watermark) AS "instanceCount", max("lastArrivalAt") AS "lastArrivalAt", max("dueAt") AS "dueAt",
           sum(greatest(announced, watermark)) FILTER (WHERE announced IS NOT NULL)::integer AS announced,
           sum(missing)::integer AS missing
    FROM series_wait WHERE series_wait."StudyInstanceUID" = study."StudyInstanceUID"
  ) counts
  CROSS JOIN LATERAL (
    SELECT sum(missing)::integer AS missing, max("waitUntil") AS "waitUntil"
    FROM awaited_series WHERE awaited_series."StudyInstanceUID" = study."StudyInstanceUID"
  ) absent
  CROSS JOIN LATERAL (
    SELECT jsonb_agg(to_jsonb(run) || jsonb_build_object(
      'routeRule', (SELECT "routeRule" FROM run planned WHERE planned.id = run.id),
      'newInstances', (
        SELECT coalesce(sum(watermark - "plannedWatermark"), 0) FROM series
        WHERE series."StudyInstanceUID" = run."StudyInstanceUID" AND "Modality" IN (
          SELECT "Modality" FROM series planned
          WHERE planned."StudyInstanceUID" = run."StudyInstanceUID" AND run.watermarks ? planned."SeriesInstanceUID")),
      'belowCount', CASE WHEN run.hidden THEN 0 ELSE (
        SELECT count(*) FROM finding JOIN result ON result.id = finding."resultId"
        WHERE result."runId" = run.id AND result.revision = run.revision AND finding.score < run.threshold) END,
      'queuePosition', CASE WHEN run.state = 'WAITING' THEN (
        SELECT count(*) + 1 FROM run ahead
        WHERE ahead.state IN ('WAITING', 'RUNNING') AND ahead.state = 'WAITING' AND ahead."supersededBy" IS NULL
          AND ahead."createdAt" < run."createdAt") END,
      'withdrawnAt', (SELECT coalesce("switchedAt", "checkedAt", now()) FROM model WHERE id = run."modelId" AND NOT enabled),
      'deliveries', (
        SELECT coalesce(jsonb_agg(to_jsonb(delivery) ORDER BY destination), '[]')
        FROM delivery JOIN result ON result.id = delivery."resultId"
        WHERE result."runId" = run.id AND result.revision = run.revision)
      ) ORDER BY run."modelId", run."createdAt") AS runs
    FROM shown_run run WHERE run."StudyInstanceUID" = study."StudyInstanceUID" AND run."supersededBy" IS NULL
  ) runs`;
