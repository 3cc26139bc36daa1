import { componentOf } from './connected-components.ts';
import { squaredDistance } from './distance-transform.ts';
import { crop } from './grid.ts';
import { forBall, type LocalBlock, place } from './local-block.ts';
import { above, atMost, boundingBox, cut, indexInBox, laidBack } from './voxel-mask.ts';

/** Vessels: where no ball of such a part of the lesion's depth fits; the first that leaves something round counts. */
const OPENINGS = [0.5, 0.65, 0.8];
const ROUND = 0.5;
const REBUILD = 1.15;

/** Openings of growing strength around the deepest voxel near the seed, until what is left is round. */
export function withoutVessels(block: LocalBlock, whole: Uint8Array, seed: number, radius: number): Uint8Array {
  if (whole[seed] !== 1) return whole;
  const box = boundingBox(whole, block.geometry.shape, 1, (value) => value === 1);
  const opened = openedAround(
    { ...block, geometry: crop(block.geometry, box.from, box.to) },
    cut(whole, block.geometry.shape, box),
    indexInBox(place(block, seed), box),
    radius,
  );
  return laidBack(opened, block.geometry.shape, box);
}

/** The same within the box of what is opened: most of a block is not. */
function openedAround(block: Pick<LocalBlock, 'geometry'>, whole: Uint8Array, seed: number, radius: number) {
  const { shape, spacingMm } = block.geometry;
  const depth = squaredDistance(whole, 0, shape, spacingMm);
  const middle = { index: seed };
  forBall(block, place(block, seed), radius, (index) => {
    if ((depth[index] as number) > (depth[middle.index] as number)) middle.index = index;
  });
  let opened = whole;
  for (const part of OPENINGS) {
    const opening = Math.sqrt(depth[middle.index] as number) * part;
    const reach = opening * REBUILD + spacingMm[0] / 2;
    const core = componentOf(above(depth, opening * opening), shape, middle.index);
    opened = atMost(squaredDistance(core, 1, shape, spacingMm, reach), reach * reach);
    for (let at = 0; at < opened.length; at++) if (whole[at] === 0) opened[at] = 0;
    if (roundness(block, opened, middle.index) > ROUND) break;
  }
  return opened;
}

/** Radius of the sphere of its volume over the distance of its farthest voxel: 1 for a ball, small for a branch. */
function roundness(block: Pick<LocalBlock, 'geometry'>, mask: Uint8Array, middle: number): number {
  const [nx, ny, nz] = block.geometry.shape;
  const [x, y, z] = place(block, middle);
  let voxels = 0;
  let farthest = 1;
  for (let at = 0, k = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      const away = (j - y) ** 2 + (k - z) ** 2;
      for (let i = 0; i < nx; i++, at++) {
        if (mask[at] === 0) continue;
        voxels++;
        farthest = Math.max(farthest, (i - x) ** 2 + away);
      }
    }
  }
  return ((3 / (4 * Math.PI)) * voxels) ** (1 / 3) / (Math.sqrt(farthest) + 0.5);
}
