import { type RawBuilder, sql } from 'kysely';
import { containsPattern, wildcardPattern } from './like-pattern.ts';

/** What a value asks of a column, as a condition (PS3.4 §C.2.2.2). */
export type Match = (value: string) => RawBuilder<unknown>;

type Column = RawBuilder<unknown>;

const hasWildcard = (value: string): boolean => /[*?]/.test(value);

/** Single value or wildcard matching; upper and lower case differ. */
export const textMatch =
  (column: Column): Match =>
  (value) =>
    hasWildcard(value) ? sql`${column} LIKE ${wildcardPattern(value)}` : sql`${column} = ${value}`;

/** Would single value or wildcard matching find `text`? For what is known without asking the database. */
export function matchesText(value: string, text: string | undefined): boolean {
  if (text === undefined) return false;
  const literal = value.replace(/[\\^$.|+()[\]{}]/g, '\\$&');
  return new RegExp(`^${literal.replace(/\*+/g, '.*').replaceAll('?', '.')}$`, 's').test(text);
}

/**
 * Case does not matter in names, nor how a letter with its accent is composed, and any of the three component groups may
 * match, or the whole (PS3.5 §6.2.1). `groups` are prepared as the column `nameGroups` is.
 */
export const nameMatch =
  (groups: Column): Match =>
  (value) =>
    sql`${groups} LIKE lower(${`%=${wildcardPattern(value.normalize())}=%`})`;

/** More words are no name. */
const MAX_FUZZY_WORDS = 16;

/**
 * Fuzzy matching of names (PS3.18 §8.3.4.2): each word asked for begins a word of the name, in any order and group. A name
 * written without gaps, as Chinese, Japanese and Korean ones are, begins its group. Half width is full width. `words` are
 * prepared as the column `nameWords` is.
 */
export const fuzzyNameMatch =
  (words: Column): Match =>
  (value) => {
    const asked = value
      .normalize('NFKC')
      .split(/[\s^=,.*?-]+/)
      .filter((word) => word !== '');
    if (asked.length === 0) return sql`true`;
    return sql`(${sql.join(
      asked.slice(0, MAX_FUZZY_WORDS).map((word) => sql`${words} LIKE lower(${containsPattern(` ${word}`)})`),
      sql` AND `,
    )})`;
  };

/** One UID, or several separated by backslashes. */
export const uidMatch =
  (column: Column): Match =>
  (value) =>
    sql`${column} = ANY(${value.split(/[\\,]/)}::text[])`;

/** `YYYYMMDD`, or a range with one end or both. A study without a date is in no range. */
export const dateMatch =
  (column: Column): Match =>
  (value) => {
    const [from = '', to] = value.split('-');
    return to === undefined ? sql`${column} = ${from}` : within(column, from, to);
  };

/** Times are written to any precision: compared by what both have, the end of a range includes all it begins. */
export const timeMatch =
  (column: Column): Match =>
  (value) => {
    const [from = '', to] = value.split('-');
    return within(column, from, to === undefined ? `${from}~` : to && `${to}~`);
  };

function within(column: Column, from: string, to: string): RawBuilder<unknown> {
  const lower = from === '' ? sql`true` : sql`${column} >= ${from}`;
  const upper = to === '' ? sql`true` : sql`${column} <= ${to}`;
  return sql`(${column} <> '' AND ${lower} AND ${upper})`;
}

/**
 * A range of dates and one of times taken together: from the first moment to the last (PS3.4 §C.2.2.2.5.4). An end without a
 * time is the whole day. A study without a date is in no range.
 */
export function momentMatch(date: Column, time: Column, dates: string, times: string): RawBuilder<unknown> {
  const [fromDate = '', toDate = fromDate] = dates.split('-');
  const [fromTime = '', toTime = fromTime] = times.split('-');
  const begin = fromTime === '' ? sql`true` : sql`(${date} > ${fromDate} OR ${time} >= ${fromTime})`;
  const end = toTime === '' ? sql`true` : sql`(${date} < ${toDate} OR ${time} <= ${`${toTime}~`})`;
  const first = fromDate === '' ? sql`true` : sql`(${date} >= ${fromDate} AND ${begin})`;
  const last = toDate === '' ? sql`true` : sql`(${date} <= ${toDate} AND ${end})`;
  return sql`(${date} <> '' AND ${first} AND ${last})`;
}

export const numberMatch =
  (column: Column): Match =>
  (value) =>
    sql`${column}::text = ${value.trim()}`;

/** Every key that `matches` knows; an unknown one asks nothing, as the standard has it. */
export function allOf(
  matches: Readonly<Record<string, Match>>,
  asked: Readonly<Record<string, string>>,
): RawBuilder<unknown> {
  const conditions = Object.entries(asked).flatMap(([keyword, value]) => {
    const match = Object.hasOwn(matches, keyword) ? matches[keyword] : undefined;
    return match === undefined || value === '' || value === '*' ? [] : [match(plain(value))];
  });
  return conditions.length === 0 ? sql`true` : sql.join(conditions, sql` AND `);
}

/** No text holds a NUL, so nothing can match one. */
const plain = (value: string): string => value.replaceAll('\0', '\uFFFD').toWellFormed();
