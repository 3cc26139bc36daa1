import { z } from 'zod';
import { AppError } from '../errors.ts';
import { Condition, MAX_DEPTH, shapeOf } from '../routing/condition.ts';
import { FetchBy } from './pull-state.ts';

const Name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_. -]{0,63}$/, 'letters, digits, and _ . - and spaces between');
const Hours = z.number().max(24 * 366);

const ASKING = {
  name: Name,
  /** By its name in PEERS_FILE. */
  peer: z.string().min(1).max(64),
  by: z.enum(['C-FIND', 'QIDO-RS']).default('C-FIND'),
  fetch: FetchBy.default('C-GET'),
};

/** New studies of an archive, by a query that is asked again and again. */
const Watch = z.strictObject({
  ...ASKING,
  everySeconds: z.number().min(1).max(86_400).default(60),
  /** Matching keys of the query, by keyword (PS3.4 §C.2.2.2); the dates are the watch's own. */
  keys: z.record(z.string().max(64), z.string().max(256)).default({}),
  /** How far back the first query goes. */
  lookbackHours: Hours.min(0).default(24),
  /** How far behind the mark each later query goes: a study that comes so late is still found. */
  overlapHours: Hours.min(1).default(24),
});
export type Watch = z.infer<typeof Watch>;

/** Earlier studies of the patient of a study that arrived. */
const PriorRule = z.strictObject({
  ...ASKING,
  /** Of the study that arrived; none: every study. */
  when: Condition.optional(),
  /** What priors share with it. */
  same: z.array(z.enum(['Modality', 'bodyRegion'])).default(['Modality', 'bodyRegion']),
  atMost: z.number().int().min(1).max(20).default(3),
  notOlderThanYears: z.number().positive().max(150).default(5),
  /** Whether models read them; else they are only shown beside it. */
  analyse: z.boolean().default(false),
});
export type PriorRule = z.infer<typeof PriorRule>;

/** The file of the setting WATCH_FILE. */
export const WatchFile = z.strictObject({
  watches: z.array(Watch).max(100).default([]),
  priors: z.array(PriorRule).max(100).default([]),
});
export type WatchFile = z.infer<typeof WatchFile>;

/** What a watch may name. */
export interface WatchWords {
  /** Peers by name: which ways lead to them. */
  readonly peers: ReadonlyMap<string, { readonly dimse: boolean; readonly web: boolean }>;
  isKey(keyword: string): boolean;
}

/** Its own of a query: the dates, and the level. */
const RESERVED: ReadonlySet<string> = new Set(['StudyDate', 'StudyInstanceUID', 'QueryRetrieveLevel']);
const MAX_JSON_DEPTH = 2 * MAX_DEPTH + 5;

/** @throws {AppError} WATCHES_INVALID; its message names each watch and the word that is wrong in it. */
export function parseWatches(given: unknown, words: WatchWords): WatchFile {
  if (shapeOf(given, MAX_JSON_DEPTH).depth > MAX_JSON_DEPTH)
    throw invalid([`conditions lie deeper than ${MAX_DEPTH} in each other`]);
  const { data, error } = WatchFile.safeParse(given);
  if (error !== undefined) throw invalid([z.prettifyError(error)]);
  const named = [...data.watches, ...data.priors];
  const problems = [
    ...named.flatMap((each, at) => problemsOf(each, named.slice(0, at), words)),
    ...data.watches.flatMap(({ name, keys }) =>
      Object.keys(keys)
        .filter((key) => RESERVED.has(key) || !words.isKey(key))
        .map((key) => `${name}: ${key} is ${RESERVED.has(key) ? 'asked by the watch itself' : 'no key of a query'}`),
    ),
  ];
  if (problems.length > 0) throw invalid(problems);
  return data;
}

type Asking = Pick<Watch, 'name' | 'peer' | 'by' | 'fetch'>;

function problemsOf(
  { name, peer, by, fetch }: Asking,
  before: readonly Asking[],
  { peers }: WatchWords,
): readonly string[] {
  const ways = peers.get(peer);
  const isTwice = before.some((other) => other.name === name);
  const twice = isTwice ? [`${name}: the name of two`] : [];
  if (ways === undefined) return [...twice, `${name}: ${peer} is no peer of PEERS_FILE`];
  const asked = [by, fetch];
  const [needsWeb, needsDimse] = [asked.some((way) => way.endsWith('-RS')), asked.some((way) => way.startsWith('C-'))];
  return [
    ...twice,
    ...(needsWeb && !ways.web ? [`${name}: ${peer} has no dicomwebUrl`] : []),
    ...(needsDimse && !ways.dimse ? [`${name}: ${peer} has no host and port`] : []),
  ];
}

const invalid = (problems: readonly string[]): AppError =>
  new AppError('WATCHES_INVALID', problems.slice(0, 20).join('\n'), { problems: problems.length });
