import type { Triple } from './grid.ts';
import { boundingBox, boxShape, cut, laidBack } from './voxel-mask.ts';

/** Of the 26 straight ways out of a voxel, so many may miss the wall: a cavity may have a hole, or a draining bronchus. */
const MOST_OPEN = 4;
const FAR = 30_000;
/** More than there are. */
const ALL = 100;

/** One of each two opposite directions between a voxel and the 26 around it. */
const LINES: readonly Triple[] = [-1, 0, 1]
  .flatMap((z) => [-1, 0, 1].flatMap((y) => [-1, 0, 1].map((x): Triple => [x, y, z])))
  .slice(14);

/**
 * The lesion with the air that it surrounds: voxels from which nearly every straight way meets it within `reachMm`, and no
 * straight line passes by on both sides, as one does along a bronchus or between two vessels. The mask itself where there
 * is none. `voxelMm` is the edge of a cubic voxel.
 */
export function withEnclosedAir(lesion: Uint8Array, shape: Triple, voxelMm: number, reachMm: number): Uint8Array {
  const box = boundingBox(lesion, shape, 1, (value) => value === 1);
  const [piece, size] = [cut(lesion, shape, box), boxShape(box)];
  const open = openWays(piece, size, reachMm / voxelMm);
  let isHollow = false;
  for (let at = 0; at < piece.length; at++) {
    if (piece[at] === 1 || (open[at] as number) > MOST_OPEN) continue;
    piece[at] = 1;
    isHollow = true;
  }
  return isHollow ? laidBack(piece, shape, box) : lesion;
}

/** How many of the ways out of each voxel do not meet the mask within `reach` voxels; more than all where a line passes by. */
function openWays(mask: Uint8Array, shape: Triple, reach: number): Uint8Array {
  const open = new Uint8Array(mask.length);
  const [ahead, behind] = [new Int16Array(mask.length), new Int16Array(mask.length)];
  for (const [x, y, z] of LINES) {
    const most = Math.floor(reach / Math.hypot(x, y, z));
    stepsToMask(mask, shape, [x, y, z], ahead);
    stepsToMask(mask, shape, [-x, -y, -z], behind);
    for (let at = 0; at < mask.length; at++) {
      const misses = Number((ahead[at] as number) > most) + Number((behind[at] as number) > most);
      open[at] = misses === 2 ? ALL : Math.min(ALL, (open[at] as number) + misses);
    }
  }
  return open;
}

/** How many steps along a direction the next voxel of the mask is away; FAR where there is none, and on the faces of the grid. */
function stepsToMask(mask: Uint8Array, [nx, ny, nz]: Triple, [x, y, z]: Triple, steps: Int16Array): void {
  steps.fill(FAR);
  const next = (z * ny + y) * nx + x;
  // From the far end, so that the next one is known.
  const way = next > 0 ? -1 : 1;
  const first = (count: number) => (next > 0 ? count - 2 : 1);
  for (let k = first(nz), left = nz - 2; left > 0; left--, k += way) {
    for (let j = first(ny), rows = ny - 2; rows > 0; rows--, j += way) {
      for (let i = first(nx), voxels = nx - 2; voxels > 0; voxels--, i += way) {
        const at = (k * ny + j) * nx + i;
        steps[at] = mask[at + next] === 1 ? 1 : Math.min(FAR, (steps[at + next] as number) + 1);
      }
    }
  }
}
