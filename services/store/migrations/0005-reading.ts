import { type Kysely, sql } from 'kysely';

/**
 * What a reader decides about the findings of a study, the reports that were signed with it, and the account of both.
 * A delivery now belongs to a result or to a signed report. `record_instances` knows both kinds of own reports when a PACS
 * sends them back, and tells of every way in which the images of a series differ from their study. Frozen.
 */
export async function up(database: Kysely<never>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

// biome-ignore format: tables read as tables
const STATEMENTS = [
// No row: nothing was ever decided, revision 0.
`CREATE TABLE reading (
  "StudyInstanceUID"   text PRIMARY KEY REFERENCES study,
  state                text NOT NULL CHECK (state IN ('OPEN', 'DRAFT', 'SIGNED')),
  revision             integer NOT NULL CHECK (revision > 0),
  "readerName"         text NOT NULL,
  "readerOrganization" text NOT NULL,
  content              jsonb NOT NULL,
  "judgedRuns"         jsonb NOT NULL,
  "revealedAt"         timestamptz,
  "changedAt"          timestamptz NOT NULL
)`,

`CREATE TABLE signed_report (
  id                    uuid PRIMARY KEY,
  "StudyInstanceUID"    text NOT NULL REFERENCES study,
  revision              integer NOT NULL,
  "readerName"          text NOT NULL,
  "readerOrganization"  text NOT NULL,
  "signedAt"            timestamptz NOT NULL,
  "predecessorId"       uuid REFERENCES signed_report,
  content               jsonb NOT NULL,
  "judgedRuns"          jsonb NOT NULL,
  "SRSOPInstanceUID"    text NOT NULL UNIQUE,
  "SRSOPClassUID"       text NOT NULL,
  "SRSeriesInstanceUID" text NOT NULL,
  "srDataset"           bytea NOT NULL,
  UNIQUE ("StudyInstanceUID", revision)
)`,

`ALTER TABLE delivery ALTER COLUMN "resultId" DROP NOT NULL`,
`ALTER TABLE delivery ADD COLUMN "signedReportId" uuid REFERENCES signed_report`,
`ALTER TABLE delivery ADD CHECK (num_nonnulls("resultId", "signedReportId") = 1)`,
`ALTER TABLE delivery ADD UNIQUE ("signedReportId", destination)`,

`CREATE TABLE reading_action (
  id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at                   timestamptz NOT NULL DEFAULT now(),
  "StudyInstanceUID"   text NOT NULL REFERENCES study,
  actor                text NOT NULL,
  "actorOrganization"  text NOT NULL,
  action               text NOT NULL CHECK (action IN ('SAVE', 'REVEAL', 'SIGN', 'AMEND')),
  "revisionBefore"     integer NOT NULL,
  "revisionAfter"      integer NOT NULL,
  changes              jsonb NOT NULL DEFAULT '[]'
)`,
`CREATE INDEX reading_action_of_study ON reading_action ("StudyInstanceUID", id)`,
`CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME;
END $$`,
`CREATE TRIGGER reading_action_append_only BEFORE UPDATE OR DELETE ON reading_action
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
`CREATE TRIGGER signed_report_append_only BEFORE UPDATE OR DELETE ON signed_report
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,

// Written by every web server before it listens; a model without a row is read concurrently.
`CREATE TABLE reading_mode (
  "modelId" text PRIMARY KEY,
  mode      text NOT NULL CHECK (mode IN ('concurrent', 'second', 'triage'))
)`,

// A run as a screen may have it. Hidden: that there are findings, and that there are none, look the same.
`CREATE VIEW shown_run AS
SELECT run.id, run."StudyInstanceUID", run."seriesSet", run."modelId", run."modelVersion", run."modelHash",
       run.watermarks, masked.hidden, coalesce(mode, 'concurrent') AS mode,
       -- Its marks, and the report that holds them, may be sent.
       NOT masked.hidden AND coalesce(mode, 'concurrent') <> 'triage' AS "marksShown",
       CASE WHEN masked.hidden THEN 'FINDINGS' ELSE run.state END AS state,
       run.reason, run.revision, run.crashes, run.threshold,
       CASE WHEN masked.hidden THEN 0 ELSE run."findingCount" END AS "findingCount",
       CASE WHEN masked.hidden THEN NULL ELSE run."largestMm" END AS "largestMm",
       CASE WHEN masked.hidden THEN NULL ELSE run."topScore" END AS "topScore",
       run."createdAt", run."startedAt", run."finishedAt", run."supersededBy"
FROM run
LEFT JOIN reading_mode ON reading_mode."modelId" = run."modelId"
LEFT JOIN reading ON reading."StudyInstanceUID" = run."StudyInstanceUID"
CROSS JOIN LATERAL (
  SELECT coalesce(mode = 'second', false) AND reading."revealedAt" IS NULL
         AND run.state IN ('FINDINGS', 'NO_FINDINGS') AS hidden
) masked`,

// Reports of models that hold marks nobody may see yet, or ever; also when a PACS has sent them back.
`CREATE VIEW withheld_report AS
SELECT run."StudyInstanceUID", result."SRSeriesInstanceUID", result."SRSOPInstanceUID"
FROM run
JOIN reading_mode ON reading_mode."modelId" = run."modelId"
JOIN result ON result."runId" = run.id
LEFT JOIN reading ON reading."StudyInstanceUID" = run."StudyInstanceUID"
WHERE result."SRSOPInstanceUID" IS NOT NULL AND run.state IN ('FINDINGS', 'NO_FINDINGS')
  AND (mode = 'triage' OR (mode = 'second' AND reading."revealedAt" IS NULL))`,

// Every report of ours, whoever says it.
`CREATE VIEW written_report AS
SELECT "SRSOPInstanceUID" FROM result WHERE "SRSOPInstanceUID" IS NOT NULL
UNION ALL
SELECT "SRSOPInstanceUID" FROM signed_report`,

`CREATE OR REPLACE FUNCTION record_instances(items jsonb, "quietSeconds" double precision)
RETURNS TABLE (place integer, outcome text) LANGUAGE plpgsql AS $$
DECLARE
  item jsonb;
  study_uid text;
  series_uid text;
  sop_uid text;
  at_study study;
  at_series series;
  known instance;
  differing text;
  own boolean;
  at timestamptz;
BEGIN
  -- In one order everywhere, so that two batches wait for each other but never crosswise.
  FOR item IN
    SELECT value FROM jsonb_array_elements(items)
    ORDER BY value #>> '{study,StudyInstanceUID}', value #>> '{series,SeriesInstanceUID}',
             value #>> '{instance,SOPInstanceUID}', value ->> 'place'
  LOOP
    place := (item ->> 'place')::integer;
    study_uid := item #>> '{study,StudyInstanceUID}';
    series_uid := item #>> '{series,SeriesInstanceUID}';
    sop_uid := item #>> '{instance,SOPInstanceUID}';
    at := clock_timestamp();

    SELECT * INTO known FROM instance WHERE "SOPInstanceUID" = sop_uid;
    IF NOT FOUND THEN
      -- First values win. A later writer waits here for the first one's commit.
      SELECT * INTO at_study FROM study WHERE "StudyInstanceUID" = study_uid;
      IF NOT FOUND THEN
        INSERT INTO study SELECT * FROM jsonb_populate_record(NULL::study, item -> 'study' || jsonb_build_object('createdAt', at))
        ON CONFLICT DO NOTHING;
        SELECT * INTO at_study FROM study WHERE "StudyInstanceUID" = study_uid;
      END IF;
      INSERT INTO series SELECT * FROM jsonb_populate_record(NULL::series, item -> 'series' || jsonb_build_object(
        'StudyInstanceUID', study_uid, 'watermark', 0, 'plannedWatermark', 0, 'longestPauseMs', 0,
        'lastArrivalAt', at, 'quietAt', at))
      ON CONFLICT DO NOTHING;
      SELECT * INTO at_series FROM series
      WHERE "StudyInstanceUID" = study_uid AND "SeriesInstanceUID" = series_uid FOR UPDATE;

      INSERT INTO instance SELECT * FROM jsonb_populate_record(NULL::instance, item -> 'instance' || jsonb_build_object(
        'StudyInstanceUID', study_uid, 'SeriesInstanceUID', series_uid, 'receivedAt', at,
        'watermark', at_series.watermark + 1))
      ON CONFLICT ("SOPInstanceUID") DO NOTHING;
      IF FOUND THEN
        outcome := 'new';
        -- A report of ours that a PACS sends back is kept but is nothing to plan and nothing to wait for.
        own := EXISTS (SELECT FROM written_report WHERE "SRSOPInstanceUID" = sop_uid);
        UPDATE series SET
          watermark = at_series.watermark + 1,
          "plannedWatermark" = at_series."plannedWatermark" + own::integer,
          "lastArrivalAt" = at,
          -- A pause that outlasted the quiet time was an end, not a pause.
          "longestPauseMs" = CASE WHEN at_series.watermark > 0 AND at <= at_series."quietAt"
            THEN greatest(at_series."longestPauseMs", (extract(epoch FROM at - at_series."lastArrivalAt") * 1000)::integer)
            ELSE at_series."longestPauseMs" END,
          "quietAt" = CASE WHEN own THEN at_series."quietAt"
            ELSE greatest(at_series."quietAt", at + make_interval(secs => "quietSeconds")) END
        WHERE "StudyInstanceUID" = study_uid AND "SeriesInstanceUID" = series_uid;
        -- Screens follow once a second and series; the end of the association tells the rest.
        IF at_series.watermark = 0 OR date_trunc('second', at) <> date_trunc('second', at_series."lastArrivalAt") THEN
          INSERT INTO event (kind, "StudyInstanceUID", "SeriesInstanceUID", fields)
          VALUES ('series.received', study_uid, series_uid, jsonb_build_object('instances', at_series.watermark + 1));
        END IF;
        differing := differing_attributes(at_study, item -> 'study');
        -- Once for each set of attributes: a later instance of the series may differ in more, and in whose it is.
        IF differing IS NOT NULL AND NOT own AND NOT EXISTS (
          SELECT FROM event WHERE "StudyInstanceUID" = study_uid AND kind = 'study.attributes-differ'
          AND "SeriesInstanceUID" = series_uid AND fields ->> 'attributes' = differing)
        THEN
          INSERT INTO event (kind, "StudyInstanceUID", "SeriesInstanceUID", fields)
          VALUES ('study.attributes-differ', study_uid, series_uid, jsonb_build_object('attributes', differing));
        END IF;
        RETURN NEXT;
        CONTINUE;
      END IF;
      -- Another association was faster with the same instance.
      SELECT * INTO known FROM instance WHERE "SOPInstanceUID" = sop_uid;
    END IF;

    IF known.path = item #>> '{instance,path}' THEN
      -- The commit of this very file was done but not heard of: its row must keep its file.
      outcome := 'new';
    ELSIF known.sha256 = item #>> '{instance,sha256}' AND known."StudyInstanceUID" = study_uid
      AND known."SeriesInstanceUID" = series_uid
    THEN
      outcome := 'identical';
    ELSE
      outcome := 'differs';
      INSERT INTO quarantine ("SOPInstanceUID", path, sha256, "sourceAETitle")
      VALUES (sop_uid, item #>> '{instance,path}', item #>> '{instance,sha256}', item #>> '{instance,sourceAETitle}')
      ON CONFLICT (path) DO NOTHING;
      INSERT INTO event (kind, "StudyInstanceUID", "SeriesInstanceUID", fields)
      VALUES ('instance.quarantined', known."StudyInstanceUID", known."SeriesInstanceUID",
        jsonb_build_object('SOPInstanceUID', sop_uid, 'sourceAETitle', item #>> '{instance,sourceAETitle}'));
    END IF;
    RETURN NEXT;
  END LOOP;
END $$`,
];
