import type { VolumeGeometry } from '../domain/geometry.ts';
import { axisMaps } from '../imaging/grid.ts';
import type { LungMask } from '../imaging/lung-mask.ts';
import type { ModelManifest } from './model-manifest.ts';
import type { PreparedInput } from './preprocess/working-image.ts';
import { type Tile, tiles } from './sliding-window.ts';
import { inZyx, type Zyx } from './tensor-layout.ts';

/** Shape of the image the model reads: z, y, x. */
export const shapeOf = ({ shape: [width, height, depth] }: VolumeGeometry): Zyx => [depth, height, width];

/** The tiles that the graph reads, in z, y, x order; of single slices one for each, without those outside the mask. */
export function planTiles(
  { geometry, mask }: Pick<PreparedInput, 'geometry' | 'mask'>,
  { tiling, inputs }: Pick<ModelManifest, 'tiling' | 'inputs'>,
): readonly Tile[] {
  const [{ layout, multipleOf = [] }] = inputs;
  const shape = shapeOf(geometry);
  const multiple = inZyx(layout, multipleOf, 1);
  const all =
    tiling.mode === 'sliding'
      ? slidingTiles(tiling, inputs, shape)
      : wholeTiles(shape, multiple, tiling.mode === 'slices');
  const wanted = tiling.mode === 'slices' ? all.filter((_, k) => k % tiling.step === 0) : all;
  return tiling.mode !== 'none' && tiling.skipOutsideMask && mask ? tilesWithMask(wanted, geometry, mask) : wanted;
}

function slidingTiles(
  { roi, overlap }: ModelManifest['tiling'] & { mode: 'sliding' },
  [{ layout, multipleOf = [], shape: declared }]: ModelManifest['inputs'],
  shape: Zyx,
): readonly Tile[] {
  const size = inZyx(layout, roi, 1);
  const part = typeof overlap === 'number' ? size.map((voxels) => Math.floor(voxels * overlap)) : undefined;
  const common = part ? ([part[0] ?? 0, part[1] ?? 0, part[2] ?? 0] as const) : inZyx(layout, overlap as number[], 0);
  const spatial = layout === 'NHWC' ? declared.slice(1, 3) : declared.slice(2);
  const isFixed = spatial.every((each) => typeof each === 'number');
  return tiles(shape, size, common, inZyx(layout, multipleOf, 1), isFixed);
}

/** The image in one piece, or slice by slice. */
function wholeTiles(shape: Zyx, multiple: Zyx, isSliced: boolean): readonly Tile[] {
  const roi = shape.map((voxels, a) => Math.ceil(voxels / (multiple[a] ?? 1)) * (multiple[a] ?? 1));
  return tiles(shape, [isSliced ? 1 : (roi[0] ?? 1), roi[1] ?? 1, roi[2] ?? 1], [0, 0, 0], multiple);
}

/** Tiles whose counting part holds a voxel of the lungs. */
function tilesWithMask(all: readonly Tile[], grid: VolumeGeometry, mask: LungMask): readonly Tile[] {
  const maps = axisMaps(mask.geometry, grid);
  const [mx, my, mz] = mask.geometry.shape;
  const range = (a: 0 | 1 | 2, span: Tile[number], limit: number) => {
    const { start, step } = maps[a] ?? { start: 0, step: 1 };
    const [one, other] = [start + span.from * step, start + span.to * step];
    return [
      Math.max(0, Math.floor(Math.min(one, other))),
      Math.min(limit - 1, Math.ceil(Math.max(one, other))),
    ] as const;
  };
  return all.filter(([z, y, x]) => {
    const [[x0, x1], [y0, y1], [z0, z1]] = [range(0, x, mx), range(1, y, my), range(2, z, mz)];
    for (let k = z0; k <= z1; k++) {
      for (let j = y0; j <= y1; j++) {
        const row = (k * my + j) * mx;
        if (mask.sides.subarray(row + x0, row + x1 + 1).some((side) => side !== 0)) return true;
      }
    }
    return false;
  });
}
