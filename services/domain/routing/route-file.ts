import { z } from 'zod';
import { AppError } from '../errors.ts';
import { StudyPriority } from '../priority.ts';
import { Condition, MAX_DEPTH, shapeOf } from './condition.ts';

const Name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_. -]{0,63}$/, 'letters, digits, and _ . - and spaces between');

/** One rule of routing. Rules are asked in their order, and the first that matches decides. */
const RouteRule = z.strictObject({
  name: Name,
  /** Asked of each series with its study; none: every study. */
  when: Condition.optional(),
  /** Ids of models of the setting MODELS; none of them: nothing reads the study. */
  models: z.array(z.string().min(1).max(64)).max(32),
  /** What a model is given: every series that it can read of the study, or only those of which `when` is true. */
  reads: z.enum(['study', 'series']).default('study'),
  /** None: as the images say it. */
  priority: StudyPriority.optional(),
  /** Where results go: names of peers, or what the setting PACS says; absent: to all of PACS; empty: nowhere. */
  destinations: z.array(z.string().min(1).max(300)).max(32).optional(),
  /** Rules behind it are asked too: they may add models. */
  continue: z.boolean().default(false),
});
export type RouteRule = z.infer<typeof RouteRule>;

const MAX_RULES = 500;

/** The file of the setting ROUTES_FILE. */
export const RouteFile = z
  .strictObject({ rules: z.array(RouteRule).max(MAX_RULES) })
  .superRefine(({ rules }, context) => {
    const seen = new Set<string>();
    for (const [at, { name }] of rules.entries()) {
      if (seen.has(name))
        context.addIssue({ code: 'custom', path: ['rules', at, 'name'], message: 'a name of two rules' });
      seen.add(name);
    }
  });
export type RouteFile = z.infer<typeof RouteFile>;

/** The words that rules may use beside attributes. */
export interface RouteWords {
  readonly models: readonly string[];
  /** How a destination is kept with a delivery, by each word for it. */
  readonly destinations: ReadonlyMap<string, string>;
}

/** Objects and arrays around the conditions of a rule: file, rules, rule; each level of a condition is two. */
const MAX_JSON_DEPTH = 2 * MAX_DEPTH + 5;
/** Of all its rules: they are asked of every series. */
const MAX_VALUES = 20_000;

/**
 * A file of rules, held against the words that are known here.
 *
 * @throws {AppError} ROUTES_INVALID; its message names each rule and the word that is wrong in it.
 */
export function parseRoutes(given: unknown, words: RouteWords): RouteFile {
  const { depth, values } = shapeOf(given, MAX_JSON_DEPTH);
  if (depth > MAX_JSON_DEPTH) throw invalid([`conditions lie deeper than ${MAX_DEPTH} in each other`]);
  if (values > MAX_VALUES) throw invalid([`the file holds more than ${MAX_VALUES} values`]);
  const { data, error } = RouteFile.safeParse(given);
  if (error !== undefined)
    throw invalid(error.issues.map((issue) => `${placeOf(given, issue.path)}: ${issue.message}`));
  const unknown = data.rules.flatMap(({ name, models, destinations = [] }) => [
    ...models
      .filter((model) => !words.models.includes(model))
      .map((model) => `rule ${name}: ${model} is no model here`),
    ...destinations
      .filter((destination) => !words.destinations.has(destination))
      .map((destination) => `rule ${name}: ${destination} is neither a peer with an address nor in the setting PACS`),
  ]);
  if (unknown.length > 0) throw invalid(unknown);
  return data;
}

const invalid = (problems: readonly string[]): AppError =>
  new AppError('ROUTES_INVALID', problems.slice(0, 20).join('\n'), { problems: problems.length });

/** `rule chest, when.all.0`: the name where the rule has one. */
function placeOf(given: unknown, [list, at, ...rest]: readonly PropertyKey[]): string {
  if (list !== 'rules' || typeof at !== 'number')
    return [list, at, ...rest].filter((part) => part !== undefined).join('.') || 'file';
  const named = z.object({ rules: z.array(z.unknown()) }).safeParse(given).data?.rules[at];
  const name = z.object({ name: z.string().max(64) }).safeParse(named).data?.name ?? `number ${at + 1}`;
  return rest.length === 0 ? `rule ${name}` : `rule ${name}, ${rest.join('.')}`;
}
