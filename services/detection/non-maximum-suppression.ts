import { byScore, type Candidate } from './candidate.ts';

/**
 * Keeps the best of candidates that mean the same spot: one is dropped when its centre lies nearer to a kept, better one
 * than `threshold` times the larger of both diameters. Answers by falling score.
 */
export function suppressNeighbours(candidates: readonly Candidate[], threshold: number): Candidate[] {
  const cellMm = Math.max(1, threshold * candidates.reduce((most, { diameterMm }) => Math.max(most, diameterMm), 0));
  const kept: Candidate[] = [];
  // Kept candidates by cell: one that suppresses lies in the same or a neighbouring cell.
  const cells = new Map<string, Candidate[]>();
  const cellOf = ({ center }: Candidate) => center.map((mm) => Math.floor(mm / cellMm));
  for (const candidate of [...candidates].sort(byScore)) {
    const [x = 0, y = 0, z = 0] = cellOf(candidate);
    const near = around(x, y, z).flatMap((key) => cells.get(key) ?? []);
    if (near.some((better) => isSame(better, candidate, threshold))) continue;
    kept.push(candidate);
    const key = `${x},${y},${z}`;
    const cell = cells.get(key);
    if (cell) cell.push(candidate);
    else cells.set(key, [candidate]);
  }
  return kept;
}

function isSame(a: Candidate, b: Candidate, threshold: number): boolean {
  const reach = threshold * Math.max(a.diameterMm, b.diameterMm);
  const [dx, dy, dz] = [a.center[0] - b.center[0], a.center[1] - b.center[1], a.center[2] - b.center[2]];
  return dx * dx + dy * dy + dz * dz < reach * reach;
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
