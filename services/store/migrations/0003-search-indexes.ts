import { type Kysely, sql } from 'kysely';

/**
 * What searches over many studies need: an index in the order of the answers, indexes of what names one patient or order, and
 * names prepared for matching. They are columns that a trigger fills and not generated ones, for `record_instances` inserts
 * whole rows. Frozen.
 */
export async function up(database: Kysely<never>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

// biome-ignore format: statements read as statements
const STATEMENTS = [
// `=zhang^san=张^三=`: a component group stands between two equals signs.
`ALTER TABLE study ADD COLUMN "nameGroups" text NOT NULL DEFAULT ''`,
// ` zhang san 张 三 zhangsan 张三`: a word begins behind a space, and so does a group written without gaps.
`ALTER TABLE study ADD COLUMN "nameWords" text NOT NULL DEFAULT ''`,

`CREATE FUNCTION name_groups(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT '=' || lower(normalize(name)) || '='
$$`,
`CREATE FUNCTION name_words(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT ' ' || translate(lower(normalize(name, NFKC)), E'^=,.-\\t\\n\\r\\f\\v', '          ') ||
         ' ' || translate(lower(normalize(name, NFKC)), '=^', ' ')
$$`,
`CREATE FUNCTION prepare_names() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW."nameGroups" := name_groups(NEW."PatientName");
  NEW."nameWords" := name_words(NEW."PatientName");
  RETURN NEW;
END $$`,
`CREATE TRIGGER study_names BEFORE INSERT OR UPDATE OF "PatientName" ON study
  FOR EACH ROW EXECUTE FUNCTION prepare_names()`,
`UPDATE study SET "PatientName" = "PatientName"`,

// The order of every search; its first column serves date ranges.
`CREATE INDEX study_newest ON study ("StudyDate" DESC, "StudyTime" DESC, "StudyInstanceUID")`,
`CREATE INDEX study_patient ON study ("PatientID" text_pattern_ops)`,
`CREATE INDEX study_accession ON study ("AccessionNumber" text_pattern_ops)`,
`CREATE INDEX series_modality ON series ("Modality", "StudyInstanceUID")`,
`CREATE INDEX series_uid ON series ("SeriesInstanceUID")`,
];
