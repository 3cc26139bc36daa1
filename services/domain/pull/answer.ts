import { matchesWildcard } from '../routing/wildcard.ts';

/** A match of a query, C-FIND or QIDO-RS: values as texts by keyword. What the peer does not know is absent. */
export type Answer = Readonly<Record<string, readonly string[]>>;

/** The first value. */
export const firstOf = (answer: Answer, keyword: string): string => answer[keyword]?.[0] ?? '';

/** A count as the peer says it; `undefined` when it does not. */
export function countOf(answer: Answer, keyword: string): number | undefined {
  const text = firstOf(answer, keyword);
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/**
 * Whether a match is one: a peer that does not know a key answers without regard to it. What it does not answer is
 * believed, and so are dates and times.
 */
export function fulfils(answer: Answer, keys: Readonly<Record<string, string>>): boolean {
  return Object.entries(keys).every(([keyword, asked]) => {
    const values = (answer[keyword] ?? []).filter((value) => value !== '');
    if (asked === '' || values.length === 0 || /(Date|Time)$/.test(keyword)) return true;
    const patterns = asked.split('\\').map((pattern) => pattern.trim().toLowerCase());
    return values.some((value) => patterns.some((pattern) => matchesWildcard(pattern, value.trim().toLowerCase())));
  });
}
