import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import { Uid } from '../domain/uid.ts';
import { type Keyword, keywordOf, vrOf } from './attributes.ts';

/** A search as a client wrote it (PS3.18 §8.3.4). */
export interface Search {
  readonly match: Readonly<Partial<Record<Keyword, string>>>;
  readonly limit: number;
  readonly offset: number;
  /** Names are matched by the beginnings of their words. */
  readonly fuzzy: boolean;
  /** Attributes asked for beyond those that the resource always answers with (§8.3.4.3). */
  readonly include: ReadonlySet<Keyword> | 'all';
  /** For the Warning header: parameters this service does not have and ignores, as every origin server shall (§8.3). */
  readonly warnings: readonly string[];
}

/** Most results in one answer; more are had by `offset`. */
const MAX_RESULTS = 5000;

const Count = z
  .string()
  .regex(/^\d{1,9}$/, 'a number from 0')
  .transform(Number);
const Paging = z.object({
  limit: Count.default(MAX_RESULTS),
  offset: Count.default(0),
  fuzzymatching: z.stringbool({ truthy: ['true'], falsy: ['false', ''] }).default(false),
});
const DateRange = z
  .string()
  .regex(/^(\d{8}|\d{8}-|-\d{8}|\d{8}-\d{8})$/, 'a date is YYYYMMDD, a range YYYYMMDD-YYYYMMDD');
/** Parameters with a meaning of their own; what they ask for beyond this service's powers is told in a warning. */
const NOT_MATCHED = new Set(['limit', 'offset', 'includefield', 'fuzzymatching', 'accept']);
const NOT_DONE: Readonly<Record<string, string>> = {
  emptyvaluematching: 'The emptyvaluematching parameter is not supported. Empty Value Matching has not been performed.',
  multiplevaluematching:
    'The multiplevaluematching parameter is not supported. Multiple Value Matching has not been performed.',
};

/** @throws {AppError} BAD_REQUEST when a value cannot be understood or an attribute is given twice */
export function parseSearch(query: Readonly<Record<string, unknown>>, matchable: readonly Keyword[]): Search {
  const { limit, offset, fuzzymatching: fuzzy } = Paging.parse(query);
  const match: Partial<Record<Keyword, string>> = {};
  const warnings: string[] = [];
  for (const [name, value] of Object.entries(query)) {
    const keyword = matchable.find((each) => each === keywordOf(name));
    if (keyword === undefined) {
      const warning = warningOf(name, value);
      if (warning !== undefined) warnings.push(warning);
    } else {
      addMatch(match, keyword, value);
    }
  }
  const { include, unknown } = includedFields(query.includefield);
  if (unknown > 0) warnings.push(`${unknown} of the attributes in includefield are not indexed and were left out.`);
  return { match, limit: Math.min(limit, MAX_RESULTS), offset, fuzzy, include, warnings };
}

function addMatch(match: Partial<Record<Keyword, string>>, keyword: Keyword, value: unknown): void {
  if (typeof value !== 'string' || keyword in match)
    throw new AppError('BAD_REQUEST', `${keyword} is given more than once`);
  // Nothing, and everything, are universal matching (PS3.4 §C.2.2.2.3).
  if (value !== '' && value !== '*') match[keyword] = matchValue(keyword, value);
}

/** `all`, or names by keyword or tag: a list, or the parameter several times. */
function includedFields(given: unknown): { include: Search['include']; unknown: number } {
  const texts = (Array.isArray(given) ? given : [given]).filter((text) => typeof text === 'string');
  const names = texts.flatMap((text) => text.split(',')).filter((name) => name !== '');
  if (names.includes('all')) return { include: 'all', unknown: 0 };
  const known = names.flatMap((name) => keywordOf(name) ?? []);
  return { include: new Set(known), unknown: names.length - known.length };
}

function warningOf(name: string, value: unknown): string | undefined {
  if (NOT_MATCHED.has(name)) return undefined;
  if (Object.hasOwn(NOT_DONE, name)) return value === 'true' ? NOT_DONE[name] : undefined;
  return `${/^[\w.]{1,80}$/.test(name) ? name : 'A parameter'} is not matched here and was ignored.`;
}

function matchValue(keyword: Keyword, value: string): string {
  const vr = vrOf(keyword);
  // A list of UIDs is separated by commas on the web, by backslashes in DICOM (PS3.4 §C.2.2.2.2).
  if (vr === 'UI')
    return value
      .split(/[,\\]/)
      .map((uid) => Uid.parse(uid))
      .join('\\');
  if (vr === 'DA') return DateRange.parse(value);
  if (vr === 'IS') return String(z.coerce.number().int().parse(value));
  return value;
}
