import { AppError } from '../../domain/errors.ts';
import {
  type InformationModel,
  QUERY_LEVELS,
  type Query,
  type QueryLevel,
  type UniqueKeys,
} from '../../domain/query.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { TAG } from '../dataset/tags.ts';
import { KEY_BY_TAG, QUERY_KEYS, type QueryKey, UNIQUE_KEY } from './keys.ts';

/** What extended negotiation has agreed on (PS3.4 §C.5). */
export interface QueryOptions {
  readonly relational: boolean;
  readonly fuzzy: boolean;
  readonly combinedDateTime: boolean;
}

/** A search, and what of its identifier is not supported. */
export interface ReadQuery extends Query {
  readonly hasUnsupportedKeys: boolean;
}

/** Levels of the information models, and where they begin (PS3.4 §C.6). */
// biome-ignore format: a table
const LEVELS: Readonly<Record<InformationModel, readonly QueryLevel[]>> = {
  'patient root':       ['PATIENT', 'STUDY', 'SERIES', 'IMAGE'],
  'study root':         ['STUDY', 'SERIES', 'IMAGE'],
  'patient/study only': ['PATIENT', 'STUDY'],
};

/** Elements that are no keys: they say how the others are meant, or are answered anyway. */
const NOT_KEYS: ReadonlySet<number> = new Set([
  TAG.SpecificCharacterSet,
  TAG.QueryRetrieveLevel,
  TAG.RetrieveAETitle,
  TAG.InstanceAvailability,
  TAG.TimezoneOffsetFromUTC,
]);

/** VRs in which `*` and `?` are wildcards (PS3.4 §C.2.2.2.4). */
const WILDCARD_VRS = new Set(['AE', 'CS', 'LO', 'LT', 'PN', 'SH', 'ST', 'UC', 'UR', 'UT']);

/**
 * The identifier of a C-FIND request (PS3.4 §C.4.1.1.3.1).
 *
 * @throws {AppError} IDENTIFIER_INVALID when it asks what the model does not know; the message names keys, never values.
 */
export function readQuery(identifier: Dataset, model: InformationModel, options: QueryOptions): ReadQuery {
  const level = levelOf(identifier, model);
  checkHierarchy(identifier, model, level, options.relational);
  const match: Record<string, readonly string[]> = {};
  const wanted = new Set<string>();
  const found = { hasUnsupportedKeys: false };
  for (const tag of identifier.tags()) {
    if (NOT_KEYS.has(tag) || (tag & 0xffff) === 0) continue;
    const key = KEY_BY_TAG.get(tag);
    if (key === undefined || !isWithin(key.level, level)) {
      found.hasUnsupportedKeys = true;
      continue;
    }
    wanted.add(key.keyword);
    const values = valuesOf(identifier, key);
    if (values.length === 0) continue;
    if (key.support === 'answered') found.hasUnsupportedKeys = true;
    else match[key.keyword] = values;
  }
  const { fuzzy, combinedDateTime } = options;
  return { level, match, wanted, fuzzy, combinedDateTime, ...found };
}

/**
 * The identifier of a C-MOVE or C-GET request: unique keys only (PS3.4 §C.4.2.1.4.1); what else it holds is ignored.
 *
 * @throws {AppError} IDENTIFIER_INVALID.
 */
export function readUniqueKeys(identifier: Dataset, model: InformationModel, relational: boolean): UniqueKeys {
  const level = levelOf(identifier, model);
  checkHierarchy(identifier, model, level, relational);
  const keys = QUERY_KEYS.filter((key) => key.support === 'unique' && isWithin(key.level, level)).flatMap((key) => {
    const values = valuesOf(identifier, key);
    return values.length === 0 ? [] : [[key.keyword, values] as const];
  });
  const unique = UNIQUE_KEY[level];
  if (!keys.some(([keyword]) => keyword === unique)) throw invalid(`${unique} is missing at level ${level}`);
  return Object.fromEntries(keys);
}

function levelOf(identifier: Dataset, model: InformationModel): QueryLevel {
  const given = identifier.string(TAG.QueryRetrieveLevel);
  const level = LEVELS[model].find((each) => each === given);
  if (level !== undefined) return level;
  throw invalid(`Query/Retrieve Level must be ${LEVELS[model].join(', ')}`);
}

/** Without relational queries each level above is named by its one unique value (PS3.4 §C.4.1.2.1). */
function checkHierarchy(identifier: Dataset, model: InformationModel, level: QueryLevel, relational: boolean): void {
  const above = LEVELS[model].slice(0, LEVELS[model].indexOf(level));
  for (const each of relational ? [] : above) {
    const key = QUERY_KEYS.find(({ keyword }) => keyword === UNIQUE_KEY[each]);
    const values = key === undefined ? [] : valuesOf(identifier, key);
    if (values.length === 1 && !isPattern(values[0] ?? '', key)) continue;
    throw invalid(`level ${level} needs one ${UNIQUE_KEY[each]}`);
  }
}

const isPattern = (value: string, key: QueryKey | undefined): boolean =>
  WILDCARD_VRS.has(key?.vr ?? '') && /[*?]/.test(value);

/** A key of this level, or of one above, which is tolerated without negotiation: it narrows, and is held. */
const isWithin = (of: QueryLevel, level: QueryLevel): boolean =>
  QUERY_LEVELS.indexOf(of) <= QUERY_LEVELS.indexOf(level);

/** What a key asks for; nothing is universal matching (PS3.4 §C.2.2.2.3). */
function valuesOf(identifier: Dataset, key: QueryKey): readonly string[] {
  const given = key.vr === 'US' ? identifier.numbers(key.tag).map(String) : identifier.strings(key.tag);
  const values = given.filter((value) => value !== '' && !(WILDCARD_VRS.has(key.vr) && /^\*+$/.test(value)));
  // One empty or universal value among others makes the whole universal.
  if (values.length < given.length) return [];
  return values.flatMap((value) => normalized(key, value));
}

const RANGE = /^(\d*)(-?)(\d*)$/;
const TIME_RANGE = /^[\d.]*-?[\d.]*$/;

function normalized({ keyword, vr, support }: QueryKey, value: string): readonly string[] {
  if (support === 'answered') return [value];
  if (vr === 'DA') return rangeOf(keyword, value.replaceAll('.', ''), isDateRange);
  if (vr === 'TM') return rangeOf(keyword, value.replaceAll(':', ''), (text) => TIME_RANGE.test(text));
  if (vr !== 'IS') return [value];
  if (!/^[+-]?\d{1,12}$/.test(value)) throw invalid(`${keyword} is no number`);
  return [String(Number(value))];
}

/** Spaces around the ends, and the forms of earlier editions (`2024.01.05`, `10:15`), are tolerated (PS3.5 §6.2). */
function rangeOf(keyword: string, value: string, isRange: (text: string) => boolean): readonly string[] {
  const text = value.replaceAll(' ', '');
  if (!isRange(text)) throw invalid(`${keyword} is neither a value nor a range`);
  return text === '-' ? [] : [text];
}

function isDateRange(text: string): boolean {
  const [, from = '', , to = ''] = RANGE.exec(text) ?? [];
  return RANGE.test(text) && [from, to].every((date) => date === '' || date.length === 8) && text !== '';
}

const invalid = (why: string): AppError => new AppError('IDENTIFIER_INVALID', why);
