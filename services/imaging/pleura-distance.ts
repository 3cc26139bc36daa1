import { squaredDistance } from './distance-transform.ts';
import { type Triple, toVoxel } from './grid.ts';
import { distanceToLung, type LungMask } from './lung-mask.ts';
import { where } from './voxel-mask.ts';

/** From a point to the nearest surface of the lungs in mm; 0 outside them. */
export type PleuraDistance = (point: Triple) => number;

/**
 * Distances inside the lungs to their surface, towards chest wall, diaphragm or mediastinum. Fissures are not seen. The
 * grid of the mask is 2 mm wide, and so is what this can tell.
 */
export function pleuraDistance(mask: LungMask): PleuraDistance {
  const { shape, spacingMm } = mask.geometry;
  const depth = squaredDistance(
    where(mask.sides, (side) => side !== 0),
    0,
    shape,
    spacingMm,
  );
  const half = spacingMm[0] / 2;
  return (point) => {
    if (distanceToLung(mask, point) > 0) return 0;
    const [i, j, k] = toVoxel(mask.geometry, point).map(Math.round) as [number, number, number];
    return Math.max(0, Math.sqrt(depth[(k * shape[1] + j) * shape[0] + i] as number) - half);
  };
}
