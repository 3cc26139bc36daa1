import { type Kysely, sql } from 'kysely';

/**
 * Storage Commitment in both roles, performed procedure steps, and how many images of a series others announce. `series_wait`
 * says from when on a series counts as complete, with what was announced of it. Frozen.
 */
export async function up(database: Kysely<never>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

// biome-ignore format: tables read as tables
const STATEMENTS = [
// What others ask us to keep.
`CREATE TABLE commitment_request (
  id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  "callingAETitle" text NOT NULL,
  "TransactionUID" text NOT NULL,
  "references"     jsonb NOT NULL,
  -- Null until every instance was looked at.
  failed           jsonb,
  state            text NOT NULL DEFAULT 'PENDING' CHECK (state IN ('PENDING', 'REPORTED', 'GIVEN_UP')),
  attempts         integer NOT NULL DEFAULT 0,
  "nextAttemptAt"  timestamptz NOT NULL,
  "lastError"      text,
  "createdAt"      timestamptz NOT NULL DEFAULT now(),
  "reportedAt"     timestamptz,
  UNIQUE ("callingAETitle", "TransactionUID")
)`,
`CREATE INDEX commitment_request_pending ON commitment_request ("nextAttemptAt") WHERE state = 'PENDING'`,
`CREATE INDEX commitment_request_age ON commitment_request ("createdAt")`,

// What we ask others to keep.
`ALTER TABLE delivery
  ADD COLUMN commitment text NOT NULL DEFAULT 'none' CHECK (commitment IN ('none', 'asked', 'committed', 'failed')),
  ADD COLUMN "commitmentTries" integer NOT NULL DEFAULT 0,
  ADD COLUMN "commitmentFailures" integer NOT NULL DEFAULT 0,
  -- When it is asked for next; null: it is not.
  ADD COLUMN "commitmentDueAt" timestamptz`,
`CREATE INDEX delivery_commitment_due ON delivery ("commitmentDueAt") WHERE "commitmentDueAt" IS NOT NULL`,
`CREATE TABLE delivery_commitment (
  "TransactionUID" text PRIMARY KEY,
  "deliveryId"     uuid NOT NULL REFERENCES delivery ON DELETE CASCADE,
  -- Who was asked, and alone may report.
  "AETitle"        text NOT NULL,
  "SOPInstanceUID" text NOT NULL,
  "askedAt"        timestamptz NOT NULL DEFAULT now(),
  outcome          text CHECK (outcome IN ('committed', 'failed'))
)`,
`CREATE INDEX delivery_commitment_of_delivery ON delivery_commitment ("deliveryId")`,

`CREATE TABLE performed_step (
  "SOPInstanceUID" text PRIMARY KEY,
  "AETitle"        text NOT NULL,
  status           text NOT NULL CHECK (status IN ('IN PROGRESS', 'COMPLETED', 'DISCONTINUED')),
  studies          jsonb NOT NULL,
  series           jsonb NOT NULL,
  "createdAt"      timestamptz NOT NULL DEFAULT now(),
  "changedAt"      timestamptz NOT NULL DEFAULT now()
)`,
`CREATE INDEX performed_step_age ON performed_step ("createdAt")`,

// May come before the first image, so it names no row of series.
`CREATE TABLE series_announcement (
  "StudyInstanceUID"  text NOT NULL,
  "SeriesInstanceUID" text NOT NULL,
  source              text NOT NULL CHECK (source IN ('query', 'commitment', 'mpps', 'availability')),
  "AETitle"           text NOT NULL,
  "Modality"          text NOT NULL,
  instances           integer NOT NULL,
  -- The last resort: an announced image that does not come is not waited for longer.
  "waitSeconds"       double precision NOT NULL,
  at                  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY ("StudyInstanceUID", "SeriesInstanceUID", source)
)`,
`CREATE INDEX series_announcement_age ON series_announcement (at)`,

/*
 * A count holds when it is the number of images that are here. What was asked of a sender or committed may be said while the
 * series still grows, so it must be newer than the last image; a commitment also waits for twice the longest pause, for some
 * ask for it image by image. More announced than here: the series waits, in its own rhythm, but not for ever.
 */
`CREATE VIEW series_wait AS
SELECT series."StudyInstanceUID", series."SeriesInstanceUID", "Modality", watermark, "plannedWatermark", "lastArrivalAt",
  said.announced, coalesce(said.missing, 0) AS missing,
  CASE
    WHEN said.missing > 0 THEN greatest("quietAt", "lastArrivalAt" + make_interval(secs =>
      least(greatest(said."waitSeconds", 4 * "longestPauseMs" / 1000.0), 3 * said."waitSeconds")))
    WHEN said."completeAt" IS NOT NULL THEN least("quietAt", said."completeAt")
    -- Nobody says anything: the quiet time, and never less than a rhythm that has been seen.
    ELSE greatest("quietAt", "lastArrivalAt" + make_interval(secs => 2 * "longestPauseMs" / 1000.0))
  END AS "dueAt"
FROM series
LEFT JOIN LATERAL (
  SELECT max(instances) AS announced, max("waitSeconds") AS "waitSeconds",
    greatest(0, max(instances) FILTER (WHERE source <> 'commitment') - watermark) AS missing,
    min(CASE source
      WHEN 'commitment' THEN a.at + make_interval(secs => greatest(0.5, 2 * "longestPauseMs" / 1000.0))
      ELSE greatest(a.at, "lastArrivalAt") END)
    FILTER (WHERE instances = watermark AND (source IN ('mpps', 'availability') OR a.at >= "lastArrivalAt")) AS "completeAt"
  FROM series_announcement a
  WHERE a."StudyInstanceUID" = series."StudyInstanceUID" AND a."SeriesInstanceUID" = series."SeriesInstanceUID"
) said ON true`,

// Announced by who made it, and not a single image is here; its study waits for it as for one that has begun.
`CREATE VIEW awaited_series AS
SELECT a."StudyInstanceUID", a."SeriesInstanceUID", max(a."Modality") AS "Modality", max(a.instances) AS missing,
  (SELECT max("lastArrivalAt") FROM series WHERE series."StudyInstanceUID" = a."StudyInstanceUID")
    + make_interval(secs => max(a."waitSeconds")) AS "waitUntil"
FROM series_announcement a
WHERE a.source IN ('mpps', 'availability') AND NOT EXISTS (
  SELECT FROM series WHERE series."StudyInstanceUID" = a."StudyInstanceUID" AND series."SeriesInstanceUID" = a."SeriesInstanceUID")
GROUP BY a."StudyInstanceUID", a."SeriesInstanceUID"`,
];
