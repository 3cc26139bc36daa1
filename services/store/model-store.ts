import type { ModelState } from '../domain/model.ts';
import type { ModelStore } from '../domain/ports.ts';
import type { Store } from './connect.ts';

/** What is known of the models: the switch of an operator, and the last check of a worker. */
export function modelStore({ database }: Store): ModelStore {
  return {
    async modelStates() {
      const rows = await database.selectFrom('model').selectAll().orderBy('id').execute();
      return rows.map(stateOf);
    },
    async saveCheck({ id, version, hash }, outcome) {
      const result =
        'problem' in outcome
          ? { problem: outcome.problem, check: null }
          : { problem: null, check: JSON.stringify(outcome.check) };
      const checked = { version, hash, ...result, checkedAt: new Date() };
      await database
        .insertInto('model')
        .values({ id, ...checked })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(checked))
        .execute();
    },
    async switchModel(id, enabled) {
      await database
        .insertInto('model')
        .values({ id, enabled })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ enabled }))
        .execute();
    },
  };
}

interface Row {
  readonly id: string;
  readonly enabled: boolean;
  readonly version: string;
  readonly hash: string;
  readonly problem: string | null;
  readonly check: ModelState['check'];
  readonly checkedAt: Date | null;
}

function stateOf({ id, version, hash, problem, check, enabled, checkedAt }: Row): ModelState {
  const failed = problem ?? (check?.selfTest?.passed === false ? check.selfTest.detail : null);
  const status = enabled ? (checkedAt === null ? 'UNCHECKED' : failed === null ? 'READY' : 'FAILED') : 'SWITCHED_OFF';
  return { id, version, hash, check, status, problem: failed, checkedAt };
}
