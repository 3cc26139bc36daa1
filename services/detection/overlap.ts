import type { Candidate, GridBox } from './candidate.ts';

/** Intersection over union of two boxes; 0 when one has no volume. */
export function boxIou(a: GridBox, b: GridBox): number {
  const volume = ({ low, high }: GridBox) => (high[0] - low[0]) * (high[1] - low[1]) * (high[2] - low[2]);
  let common = 1;
  for (const axis of [0, 1, 2] as const)
    common *= Math.max(0, Math.min(a.high[axis], b.high[axis]) - Math.max(a.low[axis], b.low[axis]));
  const union = volume(a) + volume(b) - common;
  return union > 0 ? common / union : 0;
}

/** The same in plane, whatever the height. */
export function planeIou(a: GridBox, b: GridBox): number {
  const flat = ({ low, high }: GridBox): GridBox => ({ low: [low[0], low[1], 0], high: [high[0], high[1], 1] });
  return boxIou(flat(a), flat(b));
}

type Ball = Pick<Candidate, 'center' | 'diameterMm'>;

/** Intersection over union of two balls. */
export function sphereIou(a: Ball, b: Ball): number {
  const [r, s] = [a.diameterMm / 2, b.diameterMm / 2];
  const distance = gapMm(a, b);
  const volume = (radius: number) => (4 / 3) * Math.PI * radius ** 3;
  const common = distance <= Math.abs(r - s) ? volume(Math.min(r, s)) : distance >= r + s ? 0 : lens(r, s, distance);
  const union = volume(r) + volume(s) - common;
  return union > 0 ? common / union : 0;
}

/** What two balls that cross have in common: two caps. */
const lens = (r: number, s: number, d: number): number =>
  (Math.PI * (r + s - d) ** 2 * (d * d + 2 * d * (r + s) - 3 * (r - s) ** 2)) / (12 * d);

export const gapMm = (a: Ball, b: Ball): number =>
  Math.hypot(a.center[0] - b.center[0], a.center[1] - b.center[1], a.center[2] - b.center[2]);
