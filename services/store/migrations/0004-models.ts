import { type Kysely, sql } from 'kysely';

/**
 * What is known of each model: whether an operator lets it read studies, and what its last check by a worker gave. A row
 * without a check holds only the switch. Frozen.
 */
export async function up(database: Kysely<never>): Promise<void> {
  await sql
    .raw(`CREATE TABLE model (
      id text PRIMARY KEY,
      enabled boolean NOT NULL DEFAULT true,
      version text NOT NULL DEFAULT '',
      hash text NOT NULL DEFAULT '',
      problem text,
      "check" jsonb,
      "checkedAt" timestamptz
    )`)
    .execute(database);
}
