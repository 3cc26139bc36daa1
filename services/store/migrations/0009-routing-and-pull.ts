import { type Kysely, sql } from 'kysely';

/** Rules that route studies, and what is fetched from other archives. Frozen. */
export async function up(database: Kysely<never>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

// biome-ignore format: statements read as statements
const STATEMENTS = [
// Attributes of the first image that only routing asks for; null: received before this version.
`ALTER TABLE series ADD COLUMN technique jsonb`,
// The rule that planned it, and where its report goes; null: no rule, and all that the settings say.
`ALTER TABLE run ADD COLUMN "routeRule" text, ADD COLUMN destinations jsonb`,

// One row: the rules in force, and what is wrong with a newer file.
`CREATE TABLE route_rules (
  id          boolean PRIMARY KEY DEFAULT true CHECK (id),
  rules       jsonb NOT NULL,
  "loadedAt"  timestamptz NOT NULL DEFAULT now(),
  problem     text
)`,
`CREATE TABLE study_route (
  "StudyInstanceUID"  text PRIMARY KEY REFERENCES study ON DELETE CASCADE,
  rules               text[] NOT NULL,
  priority            text CHECK (priority IN ('STAT', 'HIGH', 'ROUTINE')),
  "routedAt"          timestamptz NOT NULL DEFAULT now()
)`,

`CREATE TABLE pull_watch (
  name          text PRIMARY KEY,
  "startedAt"   timestamptz NOT NULL DEFAULT now(),
  -- The beginning of the last query that was answered to its end: what was there before it is known.
  mark          timestamptz NOT NULL,
  "askedAt"     timestamptz,
  "answeredAt"  timestamptz,
  matches       integer NOT NULL DEFAULT 0,
  failures      integer NOT NULL DEFAULT 0,
  problem       text
)`,
// One row: what is wrong with the file of watches.
`CREATE TABLE pull_file (
  id          boolean PRIMARY KEY DEFAULT true CHECK (id),
  "loadedAt"  timestamptz,
  problem     text
)`,
`INSERT INTO pull_file DEFAULT VALUES`,
`CREATE TABLE pull_study (
  peer                text NOT NULL,
  "StudyInstanceUID"  text NOT NULL,
  "by"                text NOT NULL,
  how                 text NOT NULL CHECK (how IN ('C-GET', 'C-MOVE', 'WADO-RS')),
  -- Not analysed; and fetched later than what a watch has found, 1 behind 0.
  "asPrior"           boolean NOT NULL DEFAULT false,
  rank                smallint NOT NULL DEFAULT 0,
  state               text NOT NULL DEFAULT 'found' CHECK (state IN ('found', 'fetching', 'complete', 'incomplete', 'failed')),
  -- Instances that the peer says of the study; and those that its series have by its own count.
  announced           integer,
  expected            integer,
  held                integer NOT NULL DEFAULT 0,
  attempts            integer NOT NULL DEFAULT 0,
  -- Tries in a row that did not reach the peer.
  unreached           integer NOT NULL DEFAULT 0,
  -- Null: it is not tried again.
  "nextAttemptAt"     timestamptz DEFAULT now(),
  sentence            text,
  "foundAt"           timestamptz NOT NULL DEFAULT now(),
  "changedAt"         timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (peer, "StudyInstanceUID")
)`,
`CREATE INDEX pull_study_due ON pull_study (peer, rank, "nextAttemptAt") WHERE "nextAttemptAt" IS NOT NULL`,
`CREATE INDEX pull_study_of ON pull_study ("StudyInstanceUID")`,
`CREATE INDEX pull_study_changed ON pull_study ("changedAt" DESC)`,
`CREATE TABLE pull_prior_search (
  "StudyInstanceUID"  text NOT NULL REFERENCES study ON DELETE CASCADE,
  rule                text NOT NULL,
  attempts            integer NOT NULL DEFAULT 0,
  "nextAttemptAt"     timestamptz DEFAULT now(),
  "doneAt"            timestamptz,
  found               integer NOT NULL DEFAULT 0,
  sentence            text,
  PRIMARY KEY ("StudyInstanceUID", rule)
)`,
`CREATE INDEX pull_prior_due ON pull_prior_search (rule, "nextAttemptAt") WHERE "doneAt" IS NULL`,
`CREATE INDEX pull_study_arrival ON study ("createdAt")`,

// A study that was fetched to be seen beside another is no work of its own.
`ALTER TABLE worklist_row ADD COLUMN "asPrior" boolean NOT NULL DEFAULT false`,
`CREATE FUNCTION pull_marks_prior() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW."asPrior" := EXISTS (SELECT FROM pull_study WHERE "StudyInstanceUID" = NEW."StudyInstanceUID")
    AND NOT EXISTS (SELECT FROM pull_study WHERE "StudyInstanceUID" = NEW."StudyInstanceUID" AND NOT "asPrior");
  RETURN NEW;
END $$`,
`CREATE TRIGGER pull_prior BEFORE INSERT ON worklist_row FOR EACH ROW EXECUTE FUNCTION pull_marks_prior()`,
];
