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
export function peerContacts({ database }: Store) {
  return {
    async addContacts(sums: readonly ContactSum[]): Promise<void> {
      for (const sum of sums) {
        const lastFailure = sum.lastFailure === null ? null : JSON.stringify(sum.lastFailure);
        await database
          .insertInto('peer_contact')
          .values({ ...sum, lastFailure, changedAt: new Date() })
          .onConflict((conflict) =>
            conflict.columns(['direction', 'who', 'isPeer']).doUpdateSet({
              AETitle: sum.AETitle,
              address: sum.address,
              associations: sql`peer_contact.associations + ${sum.associations}`,
              failures: sql`peer_contact.failures + ${sum.failures}`,
              lastAssociationAt: sql`coalesce(excluded."lastAssociationAt", peer_contact."lastAssociationAt")`,
              lastFailureAt: sql`coalesce(excluded."lastFailureAt", peer_contact."lastFailureAt")`,
              lastFailure: sql`coalesce(excluded."lastFailure", peer_contact."lastFailure")`,
              changedAt: new Date(),
            }),
          )
          .execute();
      }
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
      .offset(MAX_STRANGERS)
      .limit(1);
    await database.deleteFrom('peer_contact').where('isPeer', '=', false).where('changedAt', '<=', kept).execute();
  }
}
