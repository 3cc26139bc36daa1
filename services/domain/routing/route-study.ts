import type { StudyPriority } from '../priority.ts';
import { fewest, type Miss, missesOf, missText, type Values } from './misses.ts';
import type { RouteFile, RouteRule } from './route-file.ts';

/** What is known of a stored study without opening a file. */
export interface StudyFacts {
  readonly StudyInstanceUID: string;
  readonly study: Values;
  readonly series: readonly { readonly SeriesInstanceUID: string; readonly values: Values }[];
}

interface RoutedModel {
  readonly modelId: string;
  readonly rule: string;
  /** `undefined`: every series. */
  readonly series: readonly string[] | undefined;
  /** Words of the rule; `undefined`: all that the settings say. */
  readonly destinations: readonly string[] | undefined;
}

export interface RouteDecision {
  /** Names of the rules that matched, in their order. */
  readonly rules: readonly string[];
  readonly models: readonly RoutedModel[];
  readonly priority: StudyPriority | undefined;
}

const MOST_URGENT: readonly StudyPriority[] = ['STAT', 'HIGH', 'ROUTINE'];

/**
 * Which models read a study, for whom. The first rule that matches decides; one that says `continue` lets those behind it
 * add models, and raise the priority. The first rule that names a model says what it reads and where its result goes.
 */
export function routeStudy({ rules }: Pick<RouteFile, 'rules'>, facts: StudyFacts): RouteDecision {
  const matched: { readonly rule: RouteRule; readonly series: readonly string[] }[] = [];
  for (const rule of rules) {
    const series = matchingSeries(rule, facts);
    if (series.length === 0) continue;
    matched.push({ rule, series });
    if (!rule.continue) break;
  }
  const models = new Map<string, RoutedModel>();
  for (const { rule, series } of matched) {
    for (const modelId of rule.models) {
      if (models.has(modelId)) continue;
      const read = rule.reads === 'series' ? series : undefined;
      models.set(modelId, { modelId, rule: rule.name, series: read, destinations: rule.destinations });
    }
  }
  return {
    rules: matched.map(({ rule }) => rule.name),
    models: [...models.values()],
    priority: MOST_URGENT.find((priority) => matched.some(({ rule }) => rule.priority === priority)),
  };
}

/** Series of which a condition is true; all of them without one. */
export function matchingSeries({ when }: Pick<RouteRule, 'when'>, facts: StudyFacts): readonly string[] {
  return facts.series
    .filter(({ values }) => when === undefined || missesOf(when, { ...facts.study, ...values }).length === 0)
    .map(({ SeriesInstanceUID }) => SeriesInstanceUID);
}

export interface RuleMisses {
  readonly rule: string;
  /** What the series that comes nearest lacks; nothing when the rule matches. */
  readonly misses: readonly string[];
}

/** How near the rules come to a study, the nearest first. */
export function nearestRules(rules: readonly RouteRule[], facts: StudyFacts, most: number): readonly RuleMisses[] {
  return rules
    .map(({ name, when }) => ({ rule: name, misses: leastMisses(when, facts).map(missText) }))
    .toSorted((a, b) => a.misses.length - b.misses.length)
    .slice(0, most);
}

function leastMisses(when: RouteRule['when'], { study, series }: StudyFacts): readonly Miss[] {
  if (when === undefined || series.length === 0) return [];
  return fewest(series.map(({ values }) => missesOf(when, { ...study, ...values })));
}
