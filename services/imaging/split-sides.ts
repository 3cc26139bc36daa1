import { bySize, connectedComponents } from './connected-components.ts';
import { squaredDistance } from './distance-transform.ts';
import type { Triple } from './grid.ts';
import { above } from './voxel-mask.ts';

/** 1 = the patient's right, 2 = left. */
export type Side = 1 | 2;

/** Radii in mm by which the lungs are thinned until they come apart: junction lines first, then bronchi, then the trachea. */
const THIN_MM = [2, 4, 6, 8, 10, 12];
/** Two lungs: the smaller at least this part of the larger, their centres this far apart from right to left. */
const SMALLER_PART = 0.1;
const APART_MM = 60;
const AIRWAY = 3;

interface Piece {
  readonly label: number;
  readonly size: number;
  /** Mean index along i, which grows towards the patient's left. */
  readonly x: number;
}

/**
 * Gives each voxel of the lungs its side; the grid runs to the patient's left along i. Lungs, bronchi and trachea are
 * usually one piece of air, so it is thinned until two pieces lie side by side; each voxel then belongs to the piece
 * from which it is reached first. What is reached from a third piece, the trachea, is dropped. When the lungs do not
 * come apart (one lung, a very unusual chest) a piece lies on the side of the body's middle where its centre is.
 */
export function splitSides(lungs: Uint8Array, shape: Triple, spacingMm: Triple, middle: number): Uint8Array {
  const depth = squaredDistance(lungs, 0, shape, spacingMm, Math.max(...THIN_MM));
  for (const thin of THIN_MM) {
    const core = above(depth, thin * thin);
    const { labels, sizes } = connectedComponents(core, shape);
    const pieces = measure(labels, sizes, bySize({ labels, sizes }).slice(0, 3), shape[0]);
    const sides = sidesOf(pieces, APART_MM / spacingMm[0]);
    if (sides) return spread(seeds(labels, sides), lungs, shape);
  }
  const { labels, sizes } = connectedComponents(lungs, shape);
  const pieces = measure(labels, sizes, bySize({ labels, sizes }), shape[0]);
  return seeds(labels, new Map(pieces.map(({ label, x }) => [label, x < middle ? 1 : 2])));
}

/** Right, left and airway of the largest pieces, by label; `undefined` when they are not two lungs side by side. */
function sidesOf([first, second, third]: readonly Piece[], apart: number): Map<number, number> | undefined {
  if (!first || !second || second.size < first.size * SMALLER_PART) return undefined;
  if (Math.abs(first.x - second.x) < apart) return undefined;
  const [right, left] = first.x < second.x ? [first, second] : [second, first];
  const sides = new Map([
    [right.label, 1],
    [left.label, 2],
  ]);
  const margin = (left.x - right.x) / 4;
  if (third && third.x > right.x + margin && third.x < left.x - margin) sides.set(third.label, AIRWAY);
  return sides;
}

function seeds(labels: Int32Array, sides: ReadonlyMap<number, number>): Uint8Array {
  const byLabel = new Uint8Array(Math.max(0, ...sides.keys()) + 1);
  for (const [label, side] of sides) byLabel[label] = side;
  const out = new Uint8Array(labels.length);
  for (let i = 0; i < out.length; i++) out[i] = byLabel[labels[i] as number] ?? 0;
  return out;
}

function measure(labels: Int32Array, sizes: readonly number[], wanted: readonly number[], nx: number): Piece[] {
  const sums = new Float64Array(sizes.length);
  for (let row = 0; row < labels.length; row += nx) {
    for (let x = 0; x < nx; x++) {
      const label = labels[row + x] as number;
      if (label !== 0) sums[label] = (sums[label] as number) + x;
    }
  }
  return wanted.map((label) => {
    const size = sizes[label] ?? 0;
    return { label, size, x: (sums[label] ?? 0) / Math.max(1, size) };
  });
}

/** Grows all seeds at the same pace through the lungs; the airway is cleared in the end. */
function spread(sides: Uint8Array, lungs: Uint8Array, [nx, ny, nz]: Triple): Uint8Array {
  const plane = nx * ny;
  const queue = new Int32Array(lungs.length);
  let end = 0;
  for (let i = 0; i < sides.length; i++) if (sides[i] !== 0) queue[end++] = i;
  const reach = (to: number, side: number, isInGrid: boolean) => {
    if (!isInGrid || lungs[to] === 0 || sides[to] !== 0) return;
    sides[to] = side;
    queue[end++] = to;
  };
  for (let head = 0; head < end; head++) {
    const at = queue[head] as number;
    const side = sides[at] as number;
    const x = at % nx;
    const y = (at % plane) - x;
    reach(at - 1, side, x > 0);
    reach(at + 1, side, x < nx - 1);
    reach(at - nx, side, y > 0);
    reach(at + nx, side, y < plane - nx);
    reach(at - plane, side, at >= plane);
    reach(at + plane, side, at < plane * (nz - 1));
  }
  for (let i = 0; i < sides.length; i++) if (sides[i] === AIRWAY) sides[i] = 0;
  return sides;
}
