import { type Kysely, sql } from 'kysely';

/** An arriving object that names no patient contradicts nobody: it is no longer told as one of another patient. Frozen. */
export async function up(database: Kysely<never>): Promise<void> {
  await sql
    .raw(`CREATE OR REPLACE FUNCTION differing_attributes(stored study, arriving jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(a.key, ' ' ORDER BY a.key)
  FROM jsonb_each_text(arriving) a JOIN jsonb_each_text(to_jsonb(stored)) s USING (key)
  WHERE a.value IS DISTINCT FROM s.value AND NOT (a.key = 'PatientID' AND coalesce(a.value, '') = '')
$$`)
    .execute(database);
}
