/**
 * Wildcard matching of PS3.4 §C.2.2.2.4: `*` is any text, `?` one character. Steps are bounded by the product of both
 * lengths, whatever the pattern: it may come from a file that somebody else wrote.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  const [asked, given] = [[...pattern], [...text]];
  let [at, place] = [0, 0];
  // Where the last `*` stood, and how far its text reaches so far.
  let [star, reached] = [-1, 0];
  while (place < given.length) {
    if (asked[at] === '*') {
      star = at;
      reached = place;
      at += 1;
    } else if (at < asked.length && (asked[at] === '?' || asked[at] === given[place])) {
      at += 1;
      place += 1;
    } else if (star >= 0) {
      reached += 1;
      at = star + 1;
      place = reached;
    } else return false;
  }
  while (asked[at] === '*') at += 1;
  return at === asked.length;
}
