import { type Kysely, sql } from 'kysely';

/**
 * All tables of the first version. Frozen: a later change is a later migration.
 *
 * A series is named by study and series together, so that a series UID used twice mixes nothing. The series set of a
 * run may be longer than an index entry, hence its digest in the key.
 */
export async function up(database: Kysely<never>): Promise<void> {
  for (const statement of TABLES) await sql.raw(statement).execute(database);
}

// biome-ignore format: tables read as tables
const TABLES = [
`CREATE TABLE installation (
  id                      text PRIMARY KEY,
  "createdAt"             timestamptz NOT NULL DEFAULT now()
)`,
// One row, made once: part of every UID we derive.
`CREATE UNIQUE INDEX installation_once ON installation ((true))`,
`INSERT INTO installation (id) VALUES (gen_random_uuid()::text)`,

`CREATE TABLE study (
  "StudyInstanceUID"       text PRIMARY KEY,
  "PatientName"            text NOT NULL,
  "PatientID"              text NOT NULL,
  "IssuerOfPatientID"      text NOT NULL,
  "PatientBirthDate"       text NOT NULL,
  "PatientSex"             text NOT NULL,
  "PatientAge"             text NOT NULL,
  "StudyDate"              text NOT NULL,
  "StudyTime"              text NOT NULL,
  "StudyID"                text NOT NULL,
  "AccessionNumber"        text NOT NULL,
  "ReferringPhysicianName" text NOT NULL,
  "StudyDescription"       text NOT NULL,
  "createdAt"              timestamptz NOT NULL DEFAULT now()
)`,

// Updated with every instance: room on the page keeps these updates out of the index.
`CREATE TABLE series (
  "SeriesInstanceUID"   text NOT NULL,
  "StudyInstanceUID"    text NOT NULL REFERENCES study,
  "Modality"            text NOT NULL,
  "SeriesNumber"        integer,
  "SeriesDescription"   text NOT NULL,
  "BodyPartExamined"    text NOT NULL,
  "FrameOfReferenceUID" text NOT NULL,
  watermark             integer NOT NULL DEFAULT 0,
  "plannedWatermark"    integer NOT NULL DEFAULT 0,
  "lastArrivalAt"       timestamptz NOT NULL,
  "longestPauseMs"      integer NOT NULL DEFAULT 0,
  "quietAt"             timestamptz NOT NULL,
  PRIMARY KEY ("StudyInstanceUID", "SeriesInstanceUID")
) WITH (fillfactor = 50)`,

`CREATE TABLE instance (
  "SOPInstanceUID"    text PRIMARY KEY,
  "SeriesInstanceUID" text NOT NULL,
  "StudyInstanceUID"  text NOT NULL,
  "SOPClassUID"       text NOT NULL,
  "TransferSyntaxUID" text NOT NULL,
  "InstanceNumber"    integer,
  "Rows"              integer,
  "Columns"           integer,
  "NumberOfFrames"    integer,
  "ImageType"         text NOT NULL,
  path                text NOT NULL UNIQUE,
  sha256              text NOT NULL CHECK (length(sha256) = 64),
  bytes               bigint NOT NULL,
  "sourceAETitle"     text NOT NULL,
  "receivedAt"        timestamptz NOT NULL DEFAULT now(),
  watermark           integer NOT NULL,
  FOREIGN KEY ("StudyInstanceUID", "SeriesInstanceUID") REFERENCES series
)`,
`CREATE INDEX instance_of_series ON instance ("StudyInstanceUID", "SeriesInstanceUID", watermark)`,

`CREATE TABLE quarantine (
  id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  "SOPInstanceUID" text NOT NULL,
  path             text NOT NULL UNIQUE,
  sha256           text NOT NULL,
  "sourceAETitle"  text NOT NULL,
  "receivedAt"     timestamptz NOT NULL DEFAULT now()
)`,
`CREATE INDEX quarantine_of_instance ON quarantine ("SOPInstanceUID")`,

`CREATE TABLE run (
  id                 uuid PRIMARY KEY,
  "StudyInstanceUID" text NOT NULL REFERENCES study,
  "seriesSet"        text NOT NULL,
  "modelId"          text NOT NULL,
  "modelVersion"     text NOT NULL,
  "modelHash"        text NOT NULL,
  "inputDigest"      text NOT NULL,
  watermarks         jsonb NOT NULL,
  state              text NOT NULL
                     CHECK (state IN ('WAITING', 'RUNNING', 'FINDINGS', 'NO_FINDINGS', 'NOT_ANALYSABLE', 'FAILED')),
  reason             jsonb,
  fence              integer NOT NULL DEFAULT 0,
  generation         integer NOT NULL DEFAULT 1,
  crashes            integer NOT NULL DEFAULT 0,
  revision           integer NOT NULL DEFAULT 1,
  threshold          double precision NOT NULL,
  "findingCount"     integer NOT NULL DEFAULT 0,
  "largestMm"        double precision,
  "topScore"         double precision,
  "createdAt"        timestamptz NOT NULL DEFAULT now(),
  "startedAt"        timestamptz,
  "finishedAt"       timestamptz,
  "supersededBy"     uuid REFERENCES run
)`,
`CREATE UNIQUE INDEX run_key ON run ("StudyInstanceUID", md5("seriesSet"), "modelId", "modelHash", "inputDigest")`,
`CREATE INDEX run_current ON run ("StudyInstanceUID") WHERE "supersededBy" IS NULL`,
`CREATE INDEX run_unfinished ON run ("createdAt") WHERE state IN ('WAITING', 'RUNNING')`,

`CREATE TABLE result (
  id                  uuid PRIMARY KEY,
  "runId"             uuid NOT NULL REFERENCES run,
  revision            integer NOT NULL,
  series              jsonb,
  provider            text,
  "stageSeconds"      jsonb NOT NULL,
  "SRSOPInstanceUID"  text UNIQUE,
  "SRSOPClassUID"     text,
  "SRSeriesInstanceUID" text,
  "srDataset"         bytea,
  "createdAt"         timestamptz NOT NULL DEFAULT now(),
  UNIQUE ("runId", revision)
)`,

`CREATE TABLE finding (
  "TrackingUID" text NOT NULL,
  "resultId"    uuid NOT NULL REFERENCES result,
  index         integer NOT NULL,
  score         double precision NOT NULL,
  "diameterMm"  double precision NOT NULL,
  lesion        jsonb NOT NULL,
  PRIMARY KEY ("resultId", index)
)`,

`CREATE TABLE delivery (
  id              uuid PRIMARY KEY,
  "resultId"      uuid NOT NULL REFERENCES result,
  destination     text NOT NULL,
  state           text NOT NULL CHECK (state IN ('PENDING', 'DELIVERED', 'REFUSED')),
  attempts        integer NOT NULL DEFAULT 0,
  generation      integer NOT NULL DEFAULT 1,
  "lastStatus"    text,
  "lastError"     text,
  "nextAttemptAt" timestamptz NOT NULL DEFAULT now(),
  "deliveredAt"   timestamptz,
  "createdAt"     timestamptz NOT NULL DEFAULT now(),
  UNIQUE ("resultId", destination)
)`,
`CREATE INDEX delivery_pending ON delivery ("nextAttemptAt") WHERE state = 'PENDING'`,

`CREATE TABLE event (
  id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at                  timestamptz NOT NULL DEFAULT now(),
  kind                text NOT NULL,
  "StudyInstanceUID"  text NOT NULL,
  "SeriesInstanceUID" text,
  "runId"             uuid,
  fields              jsonb NOT NULL DEFAULT '{}'
)`,
`CREATE INDEX event_of_study ON event ("StudyInstanceUID", kind)`,
// Listeners hear of an event when, and only when, its transaction has committed.
`CREATE FUNCTION notify_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('overread_event', NEW.id::text);
  RETURN NULL;
END $$`,
`CREATE TRIGGER event_notify AFTER INSERT ON event FOR EACH ROW EXECUTE FUNCTION notify_event()`,
];
