import type { DryRun, DryRunStudy } from '../contract/routes.ts';
import type { RouteFile } from './route-file.ts';
import { nearestRules, routeStudy, type StudyFacts } from './route-study.ts';

const MAX_NEAREST = 3;

export interface DryRunOptions {
  /** How near every study comes to this rule. */
  readonly rule?: string | undefined;
  readonly limit: number;
}

/** What rules would do with the studies there are. */
export async function dryRun(
  { rules }: Pick<RouteFile, 'rules'>,
  studies: AsyncIterable<readonly StudyFacts[]>,
  options: DryRunOptions,
): Promise<DryRun> {
  const matched = new Map(rules.map(({ name }) => [name, 0]));
  const counts = { studies: 0, unmatched: 0 };
  const listed: DryRunStudy[] = [];
  for await (const batch of studies) {
    for (const facts of batch) {
      const study = tried({ rules }, facts, options);
      counts.studies += 1;
      if (study.rules.length === 0) counts.unmatched += 1;
      for (const name of study.rules) matched.set(name, (matched.get(name) ?? 0) + 1);
      if (listed.length < options.limit) listed.push(study);
    }
  }
  return { ...counts, rules: [...matched].map(([name, count]) => ({ name, matched: count })), listed };
}

function tried({ rules }: Pick<RouteFile, 'rules'>, facts: StudyFacts, { rule }: DryRunOptions): DryRunStudy {
  const decision = routeStudy({ rules }, facts);
  const isWanted = rule === undefined ? decision.rules.length > 0 : decision.rules.includes(rule);
  const asked = rules.filter(({ name }) => rule === undefined || name === rule);
  return {
    StudyInstanceUID: facts.StudyInstanceUID,
    rules: [...decision.rules],
    priority: decision.priority ?? null,
    models: decision.models.map(({ series, destinations, ...model }) => ({
      ...model,
      series: series === undefined ? null : [...series],
      destinations: destinations === undefined ? null : [...destinations],
    })),
    nearest: isWanted
      ? []
      : nearestRules(asked, facts, MAX_NEAREST).map(({ rule: name, misses }) => ({ rule: name, misses: [...misses] })),
  };
}
