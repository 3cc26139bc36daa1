import { sql } from 'kysely';
import { type Diagnosis, toldDiagnosis } from '../domain/diagnosis.ts';
import type { Store } from './connect.ts';

/** Associations and failures of one application entity, one way, since they were last written. */
export interface ContactSum {
  readonly direction: 'in' | 'out';
  /** Name of a peer, or address of a stranger. */
  readonly who: string;
  readonly isPeer: boolean;
  readonly AETitle: string;
  readonly address: string;
  readonly associations: number;
  readonly failures: number;
  readonly lastAssociationAt: Date | null;
  readonly lastFailureAt: Date | null;
  readonly lastFailure: Diagnosis | null;
}

/** What is kept of strangers: whoever reaches the port makes rows. */
const MAX_STRANGERS = 1000;

/** The account of contacts with other application entities: a row for each, however often they call. */
export function peerContacts({ database }: Store, { maxStrangers = MAX_STRANGERS } = {}) {
  return {
    async addContacts(sums: readonly ContactSum[]): Promise<void> {
      if (sums.length === 0) return;
      const changedAt = new Date();
      const rows = sums.map(({ lastFailure, ...sum }) => ({
        ...{ ...sum, changedAt },
        lastFailure: lastFailure === null ? null : JSON.stringify(lastFailure),
      }));
      await database
        .insertInto('peer_contact')
        .values(rows)
        .onConflict((conflict) =>
          conflict.columns(['direction', 'who', 'isPeer']).doUpdateSet({
            AETitle: sql`excluded."AETitle"`,
            address: sql`excluded.address`,
            associations: sql`peer_contact.associations + excluded.associations`,
            failures: sql`peer_contact.failures + excluded.failures`,
            lastAssociationAt: sql`coalesce(excluded."lastAssociationAt", peer_contact."lastAssociationAt")`,
            lastFailureAt: sql`coalesce(excluded."lastFailureAt", peer_contact."lastFailureAt")`,
            lastFailure: sql`coalesce(excluded."lastFailure", peer_contact."lastFailure")`,
            changedAt,
          }),
        )
        .execute();
      if (sums.some(({ isPeer }) => !isPeer)) await forgetOldest();
    },
    /** Of peers and strangers, newest first. */
    async contacts() {
      const rows = await database.selectFrom('peer_contact').selectAll().orderBy('changedAt', 'desc').execute();
      return rows.map(({ changedAt: _, lastFailure, lastAssociationAt, lastFailureAt, ...row }) => ({
        ...row,
        lastAssociationAt: lastAssociationAt?.toISOString() ?? null,
        lastFailureAt: lastFailureAt?.toISOString() ?? null,
        lastFailure: lastFailure && toldDiagnosis(lastFailure),
      }));
    },
  };

  async function forgetOldest(): Promise<void> {
    const kept = database
      .selectFrom('peer_contact')
      .select('changedAt')
      .where('isPeer', '=', false)
      .orderBy('changedAt', 'desc')
      .offset(maxStrangers)
      .limit(1);
    await database.deleteFrom('peer_contact').where('isPeer', '=', false).where('changedAt', '<=', kept).execute();
  }
}
