import { sql } from 'kysely';
import type { RouteFile } from '../domain/routing/route-file.ts';
import type { RouteDecision, StudyFacts } from '../domain/routing/route-study.ts';
import type { Store } from './connect.ts';

/** The rules in force, as they are kept: they outlive a file that became wrong, and a restart with it. */
export interface KeptRoutes {
  readonly rules: RouteFile;
  readonly loadedAt: Date;
  readonly problem: string | null;
}

export function routeStore({ database }: Store) {
  return {
    async keptRoutes(): Promise<KeptRoutes | undefined> {
      return database.selectFrom('route_rules').select(['rules', 'loadedAt', 'problem']).executeTakeFirst();
    },

    async keepRoutes(file: RouteFile): Promise<void> {
      const rules = JSON.stringify(file);
      const loadedAt = sql<Date>`now()`;
      await database
        .insertInto('route_rules')
        .values({ rules, problem: null })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ rules, loadedAt, problem: null }))
        .execute();
    },

    /** A newer file is wrong; the rules before it stay. */
    async keepProblem(problem: string): Promise<void> {
      await database.updateTable('route_rules').set({ problem }).execute();
    },

    /**
     * Which rules matched a study. Their priority is that of the study until a reader orders another, or the study says
     * its own and no rule says one.
     */
    async keepRoute(
      { StudyInstanceUID }: Pick<StudyFacts, 'StudyInstanceUID'>,
      decision: RouteDecision,
    ): Promise<void> {
      const rules = [...decision.rules];
      const priority = decision.priority ?? null;
      await database.transaction().execute(async (transaction) => {
        const before = await transaction
          .selectFrom('study_route')
          .select('priority')
          .where('StudyInstanceUID', '=', StudyInstanceUID)
          .forUpdate()
          .executeTakeFirst();
        await transaction
          .insertInto('study_route')
          .values({ StudyInstanceUID, rules, priority })
          .onConflict((conflict) =>
            conflict.column('StudyInstanceUID').doUpdateSet({ rules, priority, routedAt: sql<Date>`now()` }),
          )
          .execute();
        const { numUpdatedRows } = await transaction
          .updateTable('worklist_row')
          .set({ orderedPriority: priority })
          .where('StudyInstanceUID', '=', StudyInstanceUID)
          .where(sql<boolean>`"orderedPriority" IS NOT DISTINCT FROM ${before?.priority ?? null}::text`)
          .where(sql<boolean>`"orderedPriority" IS DISTINCT FROM ${priority}::text`)
          .executeTakeFirst();
        if (numUpdatedRows > 0n)
          await sql`SELECT refresh_worklist(ARRAY[${StudyInstanceUID}::text])`.execute(transaction);
      });
    },
  };
}
