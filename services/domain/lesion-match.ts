/** A lesion as it is matched across time: where it lies (LPS, mm), and its size. */
export interface PlacedLesion {
  readonly center: readonly [number, number, number];
  readonly diameterMm: number;
}

/** Positions in the two lists. */
interface LesionPair {
  readonly now: number;
  readonly before: number;
  readonly distanceMm: number;
}

export interface LesionMatches {
  readonly pairs: readonly LesionPair[];
  /** Without a partner: new, and gone. */
  readonly onlyNow: readonly number[];
  readonly onlyBefore: readonly number[];
}

/** How far a lesion may have moved with breath and position, mm: more than this is another lesion. */
const REACH_MM = 20;

/**
 * The same lesions at two times, by where they lie after `shift` (mm, added to what was before) and by nothing else: nearest
 * pairs first, each lesion once. A large lesion may lie further off than a small one.
 */
export function matchLesions(
  now: readonly PlacedLesion[],
  before: readonly PlacedLesion[],
  shift: readonly [number, number, number],
): LesionMatches {
  const candidates = now
    .flatMap((one, at) => before.map((other, to) => ({ now: at, before: to, distanceMm: apart(one, other, shift) })))
    .filter(({ now: at, before: to, distanceMm }) => distanceMm <= reach(now[at], before[to]))
    .sort((a, b) => a.distanceMm - b.distanceMm);
  const pairs: LesionPair[] = [];
  for (const candidate of candidates) {
    const isTaken = pairs.some((pair) => pair.now === candidate.now || pair.before === candidate.before);
    if (!isTaken) pairs.push(candidate);
  }
  pairs.sort((a, b) => a.now - b.now);
  return {
    pairs,
    onlyNow: now.map((_one, at) => at).filter((at) => !pairs.some((pair) => pair.now === at)),
    onlyBefore: before.map((_one, at) => at).filter((at) => !pairs.some((pair) => pair.before === at)),
  };
}

const reach = (one: PlacedLesion | undefined, other: PlacedLesion | undefined): number =>
  REACH_MM + Math.max(one?.diameterMm ?? 0, other?.diameterMm ?? 0) / 2;

const apart = (
  { center }: PlacedLesion,
  { center: before }: PlacedLesion,
  shift: readonly [number, number, number],
): number =>
  Math.hypot(center[0] - before[0] - shift[0], center[1] - before[1] - shift[1], center[2] - before[2] - shift[2]);

/** A, B, … Z, AA: the letter that matched lesions share. */
export const lesionLetter = (at: number): string =>
  (at >= 26 ? lesionLetter(Math.floor(at / 26) - 1) : '') + String.fromCharCode(65 + (at % 26));
