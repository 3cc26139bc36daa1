import type { Request } from 'express';

/** One element of an Accept list (RFC 9110 §12.5.1). Names are lower case, quotes are gone. */
export interface MediaRange {
  readonly type: string;
  readonly subtype: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly q: number;
}

export const ANY_TYPE: MediaRange = { type: '*', subtype: '*', parameters: new Map(), q: 1 };

/** What the client accepts: the Accept query parameter (PS3.18 §8.3.3.1) before the header; nothing said is anything. */
export function acceptedRanges(req: Request): readonly MediaRange[] {
  const query = req.query.accept;
  return parseAccept(typeof query === 'string' ? query : req.headers.accept);
}

/** Elements that are no media range are left out. */
export function parseAccept(header = ''): readonly MediaRange[] {
  if (header.trim() === '') return [ANY_TYPE];
  return splitOutsideQuotes(header, ',').flatMap((element) => {
    const [range = '', ...parameters] = splitOutsideQuotes(element, ';').map((part) => part.trim());
    const [, type, subtype] = /^([\w!#$&^.+*-]+)\/([\w!#$&^.+*-]+)$/.exec(range.toLowerCase()) ?? [];
    if (type === undefined || subtype === undefined) return [];
    const named = new Map(parameters.flatMap(parameterOf));
    const q = Number(named.get('q') ?? 1);
    named.delete('q');
    return [{ type, subtype, parameters: named, q: q >= 0 && q <= 1 ? q : 0 }];
  });
}

function parameterOf(text: string): [string, string][] {
  const equals = text.indexOf('=');
  if (equals < 1) return [];
  const value = text.slice(equals + 1).trim();
  const unquoted = /^".*"$/s.test(value) ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
  return [[text.slice(0, equals).trim().toLowerCase(), unquoted]];
}

/** Quoted strings may hold separators: `type="a/b;c"`. One pass, for the text is a stranger's. */
function splitOutsideQuotes(text: string, separator: ',' | ';'): string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    if (quoted && text[at] === '\\') at += 1;
    else if (text[at] === '"') quoted = !quoted;
    else if (text[at] === separator && !quoted) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

/** The offer the client likes best; the first of equals, `undefined` when it likes none. */
export const negotiate = <Offer>(
  ranges: readonly MediaRange[],
  offers: readonly Offer[],
  specificity: (range: MediaRange, offer: Offer) => number,
): Offer | undefined => ranked(ranges, offers, specificity)[0];

/**
 * The offers the client likes, best first, equals in their order. `specificity` says how exactly a range names an offer,
 * 0 when it does not; the most exact range decides (RFC 9110 §12.5.1).
 */
export function ranked<Offer>(
  ranges: readonly MediaRange[],
  offers: readonly Offer[],
  specificity: (range: MediaRange, offer: Offer) => number,
): readonly Offer[] {
  const quality = (offer: Offer): number => {
    const matching = ranges
      .map((range) => ({ q: range.q, rank: specificity(range, offer) }))
      .filter(({ rank }) => rank > 0)
      .sort((a, b) => b.rank - a.rank || b.q - a.q);
    return matching[0]?.q ?? 0;
  };
  return offers
    .map((offer) => ({ offer, q: quality(offer) }))
    .filter(({ q }) => q > 0)
    .sort((a, b) => b.q - a.q)
    .map(({ offer }) => offer);
}

export const EXACT = 3;

/** How exactly a range names a media type: `EXACT`, 2 by `type/` and any subtype, 1 by any type, 0 not at all. */
export function typeSpecificity({ type, subtype }: MediaRange, mediaType: string): number {
  if (type === '*' && subtype === '*') return 1;
  const [wantedType, wantedSubtype] = mediaType.split('/');
  if (type !== wantedType) return 0;
  if (subtype === '*') return 2;
  return subtype === wantedSubtype ? EXACT : 0;
}
