import type { LesionDensity } from '../domain/finding.ts';
import { squaredDistance } from './distance-transform.ts';
import { type LesionRegion, sphereMm } from './segment-lesion.ts';
import { above, atMost, boundingBox, boxShape, cut, voxelsIn, where } from './voxel-mask.ts';

/** What the voxels of a lesion weigh. */
export interface DensityOfLesion {
  /** Of all its voxels but enclosed air. */
  readonly meanHu: number;
  /** `null` where the lesion, or the wall of a cavity, is too thin for its inside to be seen apart from its edge. */
  readonly density: LesionDensity | null;
  /** Diameter of the sphere of its solid voxels; 0 when there are none. */
  readonly solidMm: number;
}

/** Between ground glass (about -700 to -400) and tissue (above 0). */
const SOLID_ABOVE_HU = -250;
/** Depth of the edge at which even a solid lesion stays below that: blur of scanner and grid. */
const EDGE_MM = 0.7;
/** Below this nearly every voxel is edge: a solid nodule of 5 mm in slices of 2.5 mm looked part-solid. */
const LEAST_MM = 6;
/** Of the share a wholly solid lesion of its size would have. */
const WHOLLY_SOLID = 0.55;
/** A solid part that counts holds a ball of this radius; thinner ones are vessels that pass through. */
const SOLID_BALL_MM = 1.1;

/**
 * Solid, part-solid or ground glass, by the share of solid voxels against that of a solid ball of the same size. Air that
 * the lesion surrounds weighs nothing: a cavity is as dense as its wall.
 */
export function densityOf(region: LesionRegion): DensityOfLesion {
  const { block, inside, borderHu } = region;
  const solid = new Uint8Array(inside.length);
  let voxels = 0;
  let sum = 0;
  for (let at = 0; at < inside.length; at++) {
    const hu = block.hu[at] as number;
    if (inside[at] === 0 || hu <= borderHu) continue;
    voxels++;
    sum += hu;
    if (hu > SOLID_ABOVE_HU) solid[at] = 1;
  }
  const solidVoxels = voxelsIn(solid);
  const diameterMm = sphereMm(region);
  const wholly = Math.max(0, 1 - (2 * EDGE_MM) / diameterMm) ** 3;
  const meanHu = sum / Math.max(1, voxels);
  if (solidVoxels / voxels >= WHOLLY_SOLID * wholly)
    return { meanHu, density: 'solid', solidMm: sphereMm({ ...region, voxels: solidVoxels }) };
  if (diameterMm < LEAST_MM || isThinWalled(region)) return { meanHu, density: null, solidMm: 0 };
  const parts = thickParts(region, solid);
  return {
    meanHu,
    density: parts === 0 ? 'groundGlass' : 'partSolid',
    solidMm: sphereMm({ ...region, voxels: parts }),
  };
}

/** A cavity whose wall is nowhere as thick as the smallest lesion that shows its density. */
function isThinWalled({ block, inside, borderHu, isHollow }: LesionRegion): boolean {
  if (!isHollow) return false;
  const { shape, spacingMm } = block.geometry;
  const wall = where(inside, (value, at) => value === 1 && (block.hu[at] as number) > borderHu);
  return !above(squaredDistance(wall, 0, shape, spacingMm, LEAST_MM), (LEAST_MM / 2) ** 2).includes(1);
}

/** Voxels of a mask in which a ball fits that a vessel could not hold. */
function thickParts({ block }: LesionRegion, mask: Uint8Array): number {
  const { shape: whole, spacingMm } = block.geometry;
  const reachMm = SOLID_BALL_MM + spacingMm[0] / 2;
  const box = boundingBox(mask, whole, 1, (value) => value === 1);
  const [piece, shape] = [cut(mask, whole, box), boxShape(box)];
  const core = above(squaredDistance(piece, 0, shape, spacingMm, reachMm), reachMm ** 2);
  if (!core.includes(1)) return 0;
  const thick = atMost(squaredDistance(core, 1, shape, spacingMm, reachMm), reachMm ** 2);
  for (let at = 0; at < thick.length; at++) if (piece[at] === 0) thick[at] = 0;
  return voxelsIn(thick);
}
