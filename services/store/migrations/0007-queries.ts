import { type Kysely, sql } from 'kysely';

/** Patients in an order of their own, so that a search at their level walks along an index. Frozen. */
export async function up(database: Kysely<never>): Promise<void> {
  await sql
    .raw(`CREATE INDEX study_in_patient_order ON study ("PatientID" COLLATE "C", "IssuerOfPatientID" COLLATE "C")`)
    .execute(database);
}
