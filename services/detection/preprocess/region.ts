import type { VolumeGeometry } from '../../domain/geometry.ts';
import { axisMaps, crop, type Triple } from '../../imaging/grid.ts';
import type { LungMask } from '../../imaging/lung-mask.ts';
import { boundingBox } from '../../imaging/voxel-mask.ts';

/** The part of a grid that holds every voxel within `marginMm` of the lungs. */
export function cropToMask(grid: VolumeGeometry, mask: LungMask, marginMm: number): VolumeGeometry {
  const box = boundingBox(mask.distanceMm, mask.geometry.shape, 0, (mm) => mm <= marginMm);
  const maps = axisMaps(grid, mask.geometry);
  const place = (corner: Triple, half: number, round: (n: number) => number) =>
    corner.map((index, a) => {
      const { start, step } = maps[a] ?? { start: 0, step: 1 };
      return Math.min(Math.max(round(start + (index + half) * step), 0), (grid.shape[a] ?? 1) - 1);
    });
  const [x0 = 0, y0 = 0, z0 = 0] = place(box.from, -0.5, Math.floor);
  const [x1 = 0, y1 = 0, z1 = 0] = place(box.to, 0.5, Math.ceil);
  return crop(grid, [x0, y0, z0], [x1, y1, z1]);
}

/** Puts `value` wherever the lungs are farther than `marginMm`. */
export function fillOutside(
  image: Float32Array,
  grid: VolumeGeometry,
  mask: LungMask,
  marginMm: number,
  value: number,
): void {
  const [nx, ny, nz] = grid.shape;
  const [mx, my, mz] = mask.geometry.shape;
  const lookup = (a: 0 | 1 | 2, count: number, limit: number) => {
    const { start, step } = axisMaps(mask.geometry, grid)[a] ?? { start: 0, step: 1 };
    return Int32Array.from({ length: count }, (_, i) => Math.min(limit - 1, Math.max(0, Math.round(start + i * step))));
  };
  const [atX, atY, atZ] = [lookup(0, nx, mx), lookup(1, ny, my), lookup(2, nz, mz)];
  for (let k = 0, at = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      const row = ((atZ[k] as number) * my + (atY[j] as number)) * mx;
      for (let i = 0; i < nx; i++, at++) {
        if ((mask.distanceMm[row + (atX[i] as number)] as number) > marginMm) image[at] = value;
      }
    }
  }
}
