import { sql } from 'kysely';
import type { PriorSearches, PulledStudy, PullOverview, PullQuery, PullRetry } from '../domain/contract/pull.ts';
import { PullState } from '../domain/pull/pull-state.ts';
import type { Store } from './connect.ts';

const iso = (moment: Date | null): string | null => moment?.toISOString() ?? null;

/** What screens and operators ask of pulling. */
export function pullQueries({ database }: Store) {
  return {
    async overview(query: PullQuery): Promise<Omit<PullOverview, 'configured'>> {
      const file = await database.selectFrom('pull_file').select('problem').executeTakeFirst();
      const watches = await database.selectFrom('pull_watch').selectAll().orderBy('name').execute();
      const counted = await database
        .selectFrom('pull_study')
        .select((row) => ['state', row.fn.countAll<number>().as('count')])
        .groupBy('state')
        .execute();
      const { state, peer, StudyInstanceUID, limit } = query;
      const studies = await database
        .selectFrom('pull_study')
        .selectAll()
        .$if(state !== undefined, (select) => select.where('state', '=', state ?? 'found'))
        .$if(peer !== undefined, (select) => select.where('peer', '=', peer ?? ''))
        .$if(StudyInstanceUID !== undefined, (select) => select.where('StudyInstanceUID', '=', StudyInstanceUID ?? ''))
        .orderBy('changedAt', 'desc')
        .limit(limit)
        .execute();
      const counts = new Map(counted.map((each) => [each.state, each.count]));
      return {
        problem: file?.problem ?? null,
        watches: watches.map(({ startedAt: _, mark, askedAt, answeredAt, ...watch }) => ({
          ...watch,
          ...{ mark: mark.toISOString(), askedAt: iso(askedAt), answeredAt: iso(answeredAt) },
        })),
        counts: Object.fromEntries(
          PullState.options.map((each) => [each, counts.get(each) ?? 0]),
        ) as PullOverview['counts'],
        studies: studies.map(
          ({ rank: _, announced: __, unreached: ___, nextAttemptAt, foundAt, changedAt, ...study }) => ({
            ...study,
            text: textOf(study),
            ...{
              nextAttemptAt: iso(nextAttemptAt),
              foundAt: foundAt.toISOString(),
              changedAt: changedAt.toISOString(),
            },
          }),
        ),
      };
    },

    /** A person's order: it is tried at once, and as often as at first. `false` when it is not known. */
    async retry({ peer, StudyInstanceUID }: PullRetry): Promise<boolean> {
      const { numUpdatedRows } = await database
        .updateTable('pull_study')
        .set({ attempts: 0, unreached: 0, nextAttemptAt: sql<Date>`now()`, changedAt: sql<Date>`now()` })
        .set((row) => ({
          state: row
            .case()
            .when('state', '=', 'fetching')
            .then('fetching' as const)
            .else('found' as const)
            .end(),
        }))
        .where('peer', '=', peer)
        .where('StudyInstanceUID', '=', StudyInstanceUID)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },

    async priorSearches(StudyInstanceUID: string): Promise<PriorSearches> {
      const searches = await database
        .selectFrom('pull_prior_search')
        .select(['rule', 'doneAt', 'found', 'attempts', 'sentence'])
        .where('StudyInstanceUID', '=', StudyInstanceUID)
        .orderBy('rule')
        .execute();
      return { searches: searches.map(({ doneAt, ...search }) => ({ ...search, doneAt: iso(doneAt) })) };
    },
  };
}

function textOf({
  state,
  held,
  expected,
  sentence,
}: Pick<PulledStudy, 'state' | 'held' | 'expected' | 'sentence'>): string {
  if (state === 'failed') return `failed: ${sentence ?? ''}`;
  if (state !== 'incomplete' && state !== 'fetching') return state;
  return expected === null ? state : `${state} ${held} of ${expected}`;
}
