import { type Kysely, sql } from 'kysely';

/**
 * `worklist_row`: for each study what the worklist filters and sorts by, kept by triggers, so that a page is read from an
 * index however many studies there are. `refresh_worklist` makes the rows of some studies anew from the other tables; its
 * numbers are those of `domain/priority.ts`. Frozen.
 */
export async function up(database: Kysely<never>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

// biome-ignore format: statements read as statements
const STATEMENTS = [
// (0040,1003) as received; null where nothing says it.
`ALTER TABLE study ADD COLUMN "RequestedProcedurePriority" text`,
`ALTER TABLE model ADD COLUMN "switchedAt" timestamptz`,
`CREATE FUNCTION model_switched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW."switchedAt" := now();
  RETURN NEW;
END $$`,
`CREATE TRIGGER model_switch BEFORE UPDATE ON model
  FOR EACH ROW WHEN (NEW.enabled IS DISTINCT FROM OLD.enabled) EXECUTE FUNCTION model_switched()`,
`CREATE TRIGGER model_made BEFORE INSERT ON model FOR EACH ROW WHEN (NOT NEW.enabled) EXECUTE FUNCTION model_switched()`,

`CREATE TABLE worklist_row (
  "StudyInstanceUID"  text PRIMARY KEY REFERENCES study ON DELETE CASCADE,
  -- What a reader ordered; null: as received.
  "orderedPriority"   text CHECK ("orderedPriority" IN ('STAT', 'HIGH', 'ROUTINE')),
  priority            text NOT NULL DEFAULT 'ROUTINE' CHECK (priority IN ('STAT', 'HIGH', 'ROUTINE')),
  "firstArrivalAt"    timestamptz NOT NULL DEFAULT now(),
  -- Its arrival less its head start, with what models found and without.
  "queueAt"           timestamptz NOT NULL DEFAULT now(),
  "plainQueueAt"      timestamptz NOT NULL DEFAULT now(),
  -- When its place last changed.
  "rankedAt"          timestamptz NOT NULL DEFAULT now(),
  critical            boolean NOT NULL DEFAULT false,
  -- Of its runs: arrived, queued, running, partial, findings, none, failed, notApplicable.
  "runsState"         text NOT NULL DEFAULT 'arrived',
  "topScore"          double precision,
  -- Models that gave a result, and of those the ones that may read no more are looked up.
  "resultModels"      text[] NOT NULL DEFAULT '{}',
  modalities          text[] NOT NULL DEFAULT '{}',
  "bodyParts"         text[] NOT NULL DEFAULT '{}',
  sources             text[] NOT NULL DEFAULT '{}',
  "readingState"      text NOT NULL DEFAULT 'OPEN',
  reader              text NOT NULL DEFAULT '',
  "readingChangedAt"  timestamptz,
  "revealedAt"        timestamptz,
  -- In small letters, a line each: name, name without gaps, ID, accession number, description.
  "searchText"        text NOT NULL DEFAULT ''
)`,
`CREATE INDEX worklist_queue ON worklist_row ((priority <> 'STAT'), "queueAt", "StudyInstanceUID")`,
`CREATE INDEX worklist_to_read ON worklist_row ((priority <> 'STAT'), "queueAt", "StudyInstanceUID") WHERE "readingState" <> 'SIGNED'`,
`CREATE INDEX worklist_arrival ON worklist_row ("firstArrivalAt", "StudyInstanceUID")`,
`CREATE INDEX study_name ON study ("PatientName", "StudyInstanceUID")`,
`CREATE INDEX study_of_patient ON study ("PatientID", "IssuerOfPatientID")`,

`CREATE FUNCTION refresh_worklist(uids text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO worklist_row ("StudyInstanceUID")
  SELECT "StudyInstanceUID" FROM study WHERE "StudyInstanceUID" = ANY(uids) ORDER BY 1
  ON CONFLICT DO NOTHING;
  -- Locked before they are read: of two that change one study at once, the later one sees what the earlier one did.
  PERFORM FROM worklist_row WHERE "StudyInstanceUID" = ANY(uids) ORDER BY "StudyInstanceUID" FOR UPDATE;
  UPDATE worklist_row SET
    priority = made.priority, "firstArrivalAt" = made.arrived, "queueAt" = made.queue_at, "plainQueueAt" = made.plain_queue_at,
    critical = made.critical, "runsState" = made.runs_state, "topScore" = made.top_score,
    "resultModels" = made.result_models, modalities = made.modalities, "bodyParts" = made.body_parts, sources = made.sources,
    "readingState" = made.reading_state, reader = made.reader, "readingChangedAt" = made.reading_changed_at,
    "revealedAt" = made.revealed_at, "searchText" = made.search_text,
    "rankedAt" = CASE WHEN (worklist_row.priority, "queueAt", "readingState" = 'SIGNED')
        IS DISTINCT FROM (made.priority, made.queue_at, made.reading_state = 'SIGNED')
      THEN clock_timestamp() ELSE "rankedAt" END
  FROM (
    SELECT uid, arrived, priority, critical, runs_state, top_score, result_models, modalities, body_parts, sources,
      reading_state, reader, reading_changed_at, revealed_at, search_text,
      arrived - make_interval(secs => high_minutes * 60) AS plain_queue_at,
      arrived - make_interval(secs => (high_minutes + CASE WHEN NOT has_findings THEN 0 WHEN acute THEN 480
        ELSE 60 + 180 * top_score END) * 60) AS queue_at
    FROM (
      SELECT study."StudyInstanceUID" AS uid, study."createdAt" AS arrived, ordered.priority,
        CASE WHEN ordered.priority = 'HIGH' THEN 480 ELSE 0 END AS high_minutes,
        runs.has_findings, runs.acute, runs.top_score, runs.result_models,
        runs.has_findings AND (runs.acute OR runs.top_score >= 0.9) AS critical,
        CASE
          WHEN runs.total = 0 THEN 'arrived'
          WHEN runs.results > 0 AND runs.waiting + runs.running + runs.failed > 0 THEN 'partial'
          WHEN runs.has_findings THEN 'findings'
          WHEN runs.results > 0 THEN 'none'
          WHEN runs.running > 0 THEN 'running'
          WHEN runs.waiting > 0 THEN 'queued'
          WHEN runs.failed > 0 THEN 'failed'
          ELSE 'notApplicable'
        END AS runs_state,
        parts.modalities, parts.body_parts, parts.sources,
        coalesce(reading.state, 'OPEN') AS reading_state, coalesce(reading."readerName", '') AS reader,
        reading."changedAt" AS reading_changed_at, reading."revealedAt" AS revealed_at,
        lower(concat_ws(E'\\n', "PatientName", replace("PatientName", '^', ''), "PatientID", "AccessionNumber", "StudyDescription"))
          AS search_text
      FROM study
      JOIN worklist_row kept ON kept."StudyInstanceUID" = study."StudyInstanceUID"
      LEFT JOIN reading ON reading."StudyInstanceUID" = study."StudyInstanceUID"
      CROSS JOIN LATERAL (
        SELECT coalesce(kept."orderedPriority", CASE WHEN study."RequestedProcedurePriority" IN ('STAT', 'HIGH')
          THEN study."RequestedProcedurePriority" ELSE 'ROUTINE' END) AS priority
      ) ordered
      CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(DISTINCT "Modality") FILTER (WHERE "Modality" <> ''), '{}') AS modalities,
          coalesce(array_agg(DISTINCT "BodyPartExamined") FILTER (WHERE "BodyPartExamined" <> ''), '{}') AS body_parts,
          coalesce(array_agg(DISTINCT first."sourceAETitle") FILTER (WHERE first."sourceAETitle" <> ''), '{}') AS sources
        FROM series LEFT JOIN instance first ON first."StudyInstanceUID" = series."StudyInstanceUID"
          AND first."SeriesInstanceUID" = series."SeriesInstanceUID" AND first.watermark = 1
        WHERE series."StudyInstanceUID" = study."StudyInstanceUID"
      ) parts
      CROSS JOIN LATERAL (
        SELECT count(*) AS total,
          count(*) FILTER (WHERE state IN ('FINDINGS', 'NO_FINDINGS')) AS results,
          count(*) FILTER (WHERE state = 'WAITING') AS waiting,
          count(*) FILTER (WHERE state = 'RUNNING') AS running,
          count(*) FILTER (WHERE state = 'FAILED') AS failed,
          coalesce(bool_or(state = 'FINDINGS'), false) AS has_findings,
          max("topScore") FILTER (WHERE state = 'FINDINGS') AS top_score,
          coalesce(array_agg(DISTINCT "modelId") FILTER (WHERE state IN ('FINDINGS', 'NO_FINDINGS')), '{}') AS result_models,
          coalesce(bool_or(state = 'FINDINGS' AND EXISTS (
            SELECT FROM result JOIN finding ON finding."resultId" = result.id
            WHERE result."runId" = run.id AND result.revision = run.revision AND finding.score >= run.threshold
              AND finding.lesion ->> 'label' ~* 'haemorrhage|hemorrhage|pneumothorax|embolism|dissection|perforation'
          )), false) AS acute
        FROM run WHERE run."StudyInstanceUID" = study."StudyInstanceUID" AND run."supersededBy" IS NULL
      ) runs
      WHERE study."StudyInstanceUID" = ANY(uids)
    ) facts
  ) made
  WHERE worklist_row."StudyInstanceUID" = made.uid;
END $$`,

// The first image of a series says modality, body part and sender; the others change nothing here and cost nothing.
`CREATE FUNCTION worklist_of_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM refresh_worklist(ARRAY[NEW."StudyInstanceUID"]);
  RETURN NULL;
END $$`,
`CREATE TRIGGER worklist_instance AFTER INSERT ON instance
  FOR EACH ROW WHEN (NEW.watermark = 1) EXECUTE FUNCTION worklist_of_row()`,
`CREATE TRIGGER worklist_reading AFTER INSERT OR UPDATE ON reading FOR EACH ROW EXECUTE FUNCTION worklist_of_row()`,
`CREATE FUNCTION worklist_of_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM refresh_worklist(ARRAY(SELECT DISTINCT "StudyInstanceUID" FROM changed));
  RETURN NULL;
END $$`,
`CREATE TRIGGER worklist_run_made AFTER INSERT ON run
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION worklist_of_rows()`,
`CREATE TRIGGER worklist_run_changed AFTER UPDATE ON run
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION worklist_of_rows()`,
// Findings are written after their run.
`CREATE FUNCTION worklist_of_findings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM refresh_worklist(ARRAY(SELECT DISTINCT run."StudyInstanceUID" FROM changed
    JOIN result ON result.id = changed."resultId" JOIN run ON run.id = result."runId"));
  RETURN NULL;
END $$`,
`CREATE TRIGGER worklist_finding AFTER INSERT ON finding
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION worklist_of_findings()`,

`SELECT refresh_worklist(ARRAY(SELECT "StudyInstanceUID" FROM study))`,
];
