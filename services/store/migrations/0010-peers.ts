import { type Kysely, sql } from 'kysely';

/** What was last heard of each application entity, each way. Frozen. */
export async function up(database: Kysely<never>): Promise<void> {
  await sql
    .raw(`CREATE TABLE peer_contact (
      direction text NOT NULL CHECK (direction IN ('in', 'out')),
      who text NOT NULL,
      "isPeer" boolean NOT NULL,
      "AETitle" text NOT NULL,
      address text NOT NULL,
      associations bigint NOT NULL DEFAULT 0,
      failures bigint NOT NULL DEFAULT 0,
      "lastAssociationAt" timestamptz,
      "lastFailureAt" timestamptz,
      "lastFailure" jsonb,
      "changedAt" timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (direction, who, "isPeer")
    )`)
    .execute(database);
  await sql.raw(`CREATE INDEX peer_contact_by_change ON peer_contact ("changedAt")`).execute(database);
}
