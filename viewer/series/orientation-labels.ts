import type { Point } from '../slice.ts';

/** Letters of the patient directions (PS3.3 §C.7.6.1.1.1): + and - of x, y, z in LPS. */
const LETTERS = [
  ['L', 'R'],
  ['P', 'A'],
  ['H', 'F'],
] as const;
/** A direction within 15 degrees of an axis gets one letter. */
const SECOND_LETTER = 0.2588;

/** Where a direction points in the patient, strongest axis first: `R`, `AR`, `LHP`. */
export function orientationLabel(direction: Point): string {
  return direction
    .map((value, axis) => ({ size: Math.abs(value), letter: LETTERS[axis]?.[value < 0 ? 1 : 0] ?? '' }))
    .filter(({ size }) => size > SECOND_LETTER)
    .sort((a, b) => b.size - a.size)
    .map(({ letter }) => letter)
    .join('');
}

const opposite = (direction: Point): Point => [-direction[0], -direction[1], -direction[2]];

/** The four edges of a panel, from what lies up and right on screen. */
export function edgeLabels(up: Point, right: Point) {
  return {
    top: orientationLabel(up),
    bottom: orientationLabel(opposite(up)),
    right: orientationLabel(right),
    left: orientationLabel(opposite(right)),
  } as const;
}
