import { type Kysely, sql } from 'kysely';

/**
 * `record_instances`: a batch of arrivals in one round trip and one commit, for it stands before every C-STORE response.
 * Answers an outcome for each item, by its place in the batch: `new`, `identical` or `differs`. Frozen.
 */
export async function up(database: Kysely<never>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

// biome-ignore format: functions read as functions
const STATEMENTS = [
// Attributes that differ from those of the study's first instance, by name; a value never leaves the study table.
`CREATE FUNCTION differing_attributes(stored study, arriving jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(a.key, ' ' ORDER BY a.key)
  FROM jsonb_each_text(arriving) a JOIN jsonb_each_text(to_jsonb(stored)) s USING (key)
  WHERE a.value IS DISTINCT FROM s.value
$$`,

`CREATE FUNCTION record_instances(items jsonb, "quietSeconds" double precision)
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
        own := EXISTS (SELECT FROM result WHERE "SRSOPInstanceUID" = sop_uid);
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
        IF differing IS NOT NULL AND NOT EXISTS (
          SELECT FROM event WHERE "StudyInstanceUID" = study_uid AND kind = 'study.attributes-differ'
          AND "SeriesInstanceUID" = series_uid)
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
