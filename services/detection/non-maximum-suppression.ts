import { byScore, type Candidate } from './candidate.ts';
import type { PostprocessOp } from './manifest/postprocess.ts';
import { boxIou, gapMm, sphereIou } from './overlap.ts';

type Rule = Pick<PostprocessOp<'nms'>, 'metric' | 'threshold' | 'classAgnostic' | 'preTopK'>;

/**
 * Keeps the best of candidates that mean the same spot: one is dropped when it lies too near to a kept, better one, or
 * overlaps it too much. `centerDistance` counts in the larger of both diameters. Answers by falling score.
 */
export function suppressNeighbours(candidates: readonly Candidate[], rule: Rule): Candidate[] {
  const sorted = candidates.toSorted(byScore).slice(0, rule.preTopK);
  const cellMm = Math.max(1, reachMm(sorted, rule));
  const kept: Candidate[] = [];
  // Kept candidates by cell: one that suppresses lies in the same or a neighbouring cell.
  const cells = new Map<string, Candidate[]>();
  const cellOf = ({ center }: Candidate) => center.map((mm) => Math.floor(mm / cellMm));
  for (const candidate of sorted) {
    const [x = 0, y = 0, z = 0] = cellOf(candidate);
    const near = around(x, y, z).flatMap((key) => cells.get(key) ?? []);
    if (near.some((better) => isSame(better, candidate, rule))) continue;
    kept.push(candidate);
    const key = `${x},${y},${z}`;
    const cell = cells.get(key);
    if (cell) cell.push(candidate);
    else cells.set(key, [candidate]);
  }
  return kept;
}

/** No two centres that are farther apart can mean the same. */
function reachMm(candidates: readonly Candidate[], { metric, threshold }: Rule): number {
  const most = (size: (candidate: Candidate) => number) =>
    candidates.reduce((top, each) => Math.max(top, size(each)), 0);
  if (metric === 'centerDistance') return threshold * most(({ diameterMm }) => diameterMm);
  if (metric === 'sphereIou') return most(({ diameterMm }) => diameterMm);
  return most(({ box }) => (box ? Math.hypot(...box.high.map((mm, a) => mm - (box.low[a] ?? mm))) : 0));
}

function isSame(a: Candidate, b: Candidate, { metric, threshold, classAgnostic }: Rule): boolean {
  if (!classAgnostic && a.classId !== b.classId) return false;
  if (metric === 'centerDistance') return gapMm(a, b) < threshold * Math.max(a.diameterMm, b.diameterMm);
  if (metric === 'sphereIou') return sphereIou(a, b) > threshold;
  return a.box !== undefined && b.box !== undefined && boxIou(a.box, b.box) > threshold;
}

function around(x: number, y: number, z: number): string[] {
  const keys: string[] = [];
  for (let i = -1; i <= 1; i++) {
    for (let j = -1; j <= 1; j++) {
      for (let k = -1; k <= 1; k++) keys.push(`${x + i},${y + j},${z + k}`);
    }
  }
  return keys;
}
