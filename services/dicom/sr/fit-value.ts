import { createHash } from 'node:crypto';

/**
 * Values from the data made to fit their Value Representation (PS3.5 §6.2), so that no name, number or identifier of a
 * hostile or merely sloppy modality can make an object of ours invalid. What already fits comes back unchanged.
 */

/** Control characters, line and paragraph separators, and the overrides that make text read in another order. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is searched for
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
/** The same without LF, FF and CR, which UT may hold. It may hold TAB too, but not by the editions validators go by. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is searched for
const UNSAFE_IN_TEXT = /[\u0000-\u0009\u000b\u000e-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

const HASH_DIGITS = 12;

/** UC, and what LO, SH and PN have in common: one line without control characters or the backslash that parts values. */
export const fitLine = (value: string): string =>
  value.toWellFormed().replace(UNSAFE, ' ').replaceAll('\\', '/').trim();

/** Lengths of the standard count characters, not bytes and not UTF-16 units. */
const characters = (value: string): string[] => [...value];

const ELLIPSIS = '...';

/** Ends in an ellipsis of ASCII, for some readers hold the limit against bytes. */
const cut = (value: string, limit: number): string => {
  const all = characters(value);
  if (all.length <= limit) return value;
  const kept = all.slice(0, limit - ELLIPSIS.length).join('');
  return `${kept.trimEnd()}${ELLIPSIS}`;
};

/** LO or SH for people to read: too long ends in an ellipsis. */
export const fitText = (value: string, limit: number): string => cut(fitLine(value), limit);

/**
 * LO or SH that tells one thing from another, such as a PatientID. One that does not fit keeps its beginning and gets a
 * hash of the whole, so that two different ones stay different.
 */
export function fitIdentifier(value: string, limit: number): string {
  const line = fitLine(value);
  if (line === value.trim() && characters(line).length <= limit) return line;
  const hash = createHash('sha256').update(value).digest('hex').slice(0, HASH_DIGITS);
  return `${characters(line)
    .slice(0, limit - HASH_DIGITS - 1)
    .join('')
    .trimEnd()}~${hash}`;
}

/** Whether the value can stand in an LO or SH of this length as it is. */
export const fits = (value: string, limit: number): boolean =>
  fitLine(value) === value.trim() && characters(value.trim()).length <= limit;

/** UT: of any length, several lines, no other control characters. */
export const fitLongText = (value: string): string => value.toWellFormed().replace(UNSAFE_IN_TEXT, ' ').trimEnd();

const NAME_GROUPS = 3;
const NAME_COMPONENTS = 5;
const NAME_GROUP_LIMIT = 64;

/** PN: at most three groups of at most five components and 64 characters each (PS3.5 §6.2.1). */
export function fitPersonName(value: string): string {
  const groups = splitKeepingRest(fitLine(value), '=', NAME_GROUPS);
  return groups
    .map((group) => cut(splitKeepingRest(group, '^', NAME_COMPONENTS).join('^').trim(), NAME_GROUP_LIMIT))
    .join('=')
    .replace(/=+$/, '');
}

/** Splits into at most `limit` parts; further separators become spaces of the last part. */
function splitKeepingRest(value: string, separator: string, limit: number): string[] {
  const parts = value.split(separator);
  return parts.length <= limit ? parts : [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(' ')];
}

/** DA as `YYYYMMDD` of a day that exists, else empty. Reads the `YYYY.MM.DD` of before 1993 too. */
export function fitDate(value: string): string {
  const match = /^(\d{4})\.?(\d{2})\.?(\d{2})$/.exec(value.trim());
  if (!match) return '';
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? match.slice(1).join('') : '';
}

/** TM, else empty. Reads the `HH:MM:SS` of before 1993 too. */
export function fitTime(value: string): string {
  const time = value.trim().replaceAll(':', '');
  return /^([01]\d|2[0-3])([0-5]\d(([0-5]\d|60)(\.\d{1,6})?)?)?$/.test(time) ? time : '';
}

/** AS, else empty. */
export const fitAge = (value: string): string => (/^\d{3}[DWMY]$/.test(value.trim()) ? value.trim() : '');

/** PatientSex has three enumerated values (PS3.3 §C.7.1.1); anything else is not known. */
export const fitSex = (value: string): string => (/^[MFO]$/.test(value.trim()) ? value.trim() : '');

const DS_LIMIT = 16;

/** DS: at most 16 characters, `decimals` of them after the point where there is room. */
export function fitNumber(value: number, decimals: number): string {
  const fixed = Math.abs(value) < 1e12 ? String(Number(value.toFixed(decimals))) : value.toPrecision(8);
  return fixed.length <= DS_LIMIT ? fixed : value.toExponential(6);
}
