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

type EdgeLabels = Readonly<Record<'top' | 'bottom' | 'right' | 'left', string>>;

/** The four edges of a panel, from what lies up and right on screen. */
export function edgeLabels(up: Point, right: Point): EdgeLabels {
  return {
    top: orientationLabel(up),
    bottom: orientationLabel(opposite(up)),
    right: orientationLabel(right),
    left: orientationLabel(opposite(right)),
  };
}

const OPPOSITE: Readonly<Record<string, string>> = { A: 'P', P: 'A', L: 'R', R: 'L', H: 'F', F: 'H' };
const opposed = (letters: string): string => [...letters].map((letter) => OPPOSITE[letter]).join('');

/** The same from Patient Orientation: where rows and columns run to. None where it does not say so of a human. */
export function storedEdgeLabels([right = '', bottom = '']: readonly string[]): EdgeLabels | undefined {
  if (![right, bottom].every((letters) => /^[APLRHF]{1,3}$/.test(letters))) return undefined;
  return { top: opposed(bottom), bottom, right, left: opposed(right) };
}
