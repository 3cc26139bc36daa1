import type { VolumeGeometry } from '../domain/geometry.ts';
import { axisMaps } from './grid.ts';
import type { LungMask } from './lung-mask.ts';

/** 1 for each voxel of a grid in LPS order that lies farther than so many mm from the lungs, or beyond their mask. */
export function farFromLung(mask: LungMask, grid: VolumeGeometry, mm: number): Uint8Array {
  const [nx, ny, nz] = grid.shape;
  const [mx, my, mz] = mask.geometry.shape;
  const maps = axisMaps(mask.geometry, grid);
  /** Index into the mask along one axis; -1 beyond it. */
  const along = (a: 0 | 1 | 2, count: number, limit: number) => {
    const { start, step } = maps[a] ?? { start: 0, step: 1 };
    return Int32Array.from({ length: count }, (_, i) => {
      const index = Math.round(start + i * step);
      return index >= 0 && index < limit ? index : -1;
    });
  };
  const [atX, atY, atZ] = [along(0, nx, mx), along(1, ny, my), along(2, nz, mz)];
  const far = new Uint8Array(nx * ny * nz).fill(1);
  for (let k = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      if ((atZ[k] as number) < 0 || (atY[j] as number) < 0) continue;
      const row = ((atZ[k] as number) * my + (atY[j] as number)) * mx;
      const target = (k * ny + j) * nx;
      for (let i = 0; i < nx; i++) {
        const x = atX[i] as number;
        if (x >= 0 && (mask.distanceMm[row + x] as number) <= mm) far[target + i] = 0;
      }
    }
  }
  return far;
}
