import { type Kysely, sql } from 'kysely';

/** A finding on a single image has no size in the patient. Frozen. */
export async function up(database: Kysely<never>): Promise<void> {
  await sql`ALTER TABLE finding ALTER COLUMN "diameterMm" DROP NOT NULL`.execute(database);
}
