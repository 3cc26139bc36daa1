import { describe, expect, it } from 'vitest';
import type { ModelManifest } from '../../services/detection/model-manifest.ts';
import { planTiles } from '../../services/detection/plan-tiles.ts';
import type { VolumeGeometry } from '../../services/domain/geometry.ts';
import { alignedGrid } from '../../services/imaging/grid.ts';
import type { LungMask } from '../../services/imaging/lung-mask.ts';
import { gridAround } from '../imaging/chest-volume.ts';

const GRID = gridAround({ spacingMm: [1, 1, 2], extentMm: [30, 20, 40] });
/** Lung in the four lowest layers of 2 mm, which are the first four slices. */
function maskOf(geometry: VolumeGeometry): LungMask {
  const [columns, rows, layers] = geometry.shape;
  const sides = new Uint8Array(columns * rows * layers).fill(1, 0, columns * rows * 4);
  return { geometry, sides, distanceMm: new Float32Array(sides.length), litres: 3 };
}
const mask = maskOf(gridAround({ spacingMm: [2, 2, 2], extentMm: [30, 20, 40] }));

type Tiling = ModelManifest['tiling'];
type Layout = 'NCHW' | 'NCDHW' | 'NCWHD';
const plan = (tiling: Tiling, layout: Layout, more: object = {}, geometry = GRID) => {
  const input = { name: 'x', layout, dtype: 'float32' as const, shape: [1, 1, 'a', 'b', 'c'], ...more };
  return planTiles({ geometry, mask }, { tiling, inputs: [input] });
};
const sizes = (all: ReturnType<typeof plan>) => all.map((tile) => tile.map(({ size }) => size));
const slices = (more: object) => ({ mode: 'slices', step: 1, batch: 1, skipOutsideMask: false, ...more }) as const;

describe('slices', () => {
  it('are read whole, padded to what the graph takes, every one or every third', () => {
    expect(sizes(plan(slices({}), 'NCHW', { multipleOf: [8, 16] }))).toEqual(
      Array.from({ length: 20 }, () => [1, 24, 32]),
    );
    expect(plan(slices({ step: 3 }), 'NCHW').map(([z]) => z.start)).toEqual([0, 3, 6, 9, 12, 15, 18]);
  });

  it('outside the lungs are left out, where that is asked; upside down too', () => {
    const lowest = plan(slices({ skipOutsideMask: true }), 'NCHW').map(([z]) => z.start);
    expect(lowest.slice(0, 4)).toEqual([0, 1, 2, 3]);
    expect(lowest.length).toBeLessThan(7);
    const turned = alignedGrid(GRID, { order: [0, 1, 2], signs: [-1, 1, -1] }, [1, 1, 2], 'center');
    const last = plan(slices({ skipOutsideMask: true }), 'NCHW', {}, turned).map(([z]) => z.start);
    expect(last.slice(-4)).toEqual([16, 17, 18, 19]);
    expect(last.length).toBeLessThan(7);
  });
});

describe('tiles', () => {
  const sliding = (more: object) =>
    ({ mode: 'sliding', stage: 'heads', blend: 'center', batch: 1, skipOutsideMask: false, ...more }) as Tiling;

  it('have their sizes in the order of the layout', () => {
    const tiles = plan(sliding({ roi: [16, 12, 8], overlap: [4, 4, 2] }), 'NCWHD', { multipleOf: [4, 4, 2] });
    expect(new Set(sizes(tiles).map(String))).toEqual(new Set(['8,12,16']));
  });

  it('overlap by a part of their size', () => {
    const tiles = plan(sliding({ roi: [20, 20, 16], overlap: 0.25 }), 'NCDHW', { shape: [1, 1, 20, 20, 16] });
    const starts = [...new Set(tiles.map(([, , x]) => x.start))];
    expect(starts).toEqual([0, 7, 14]);
  });

  it('are the image in one piece where nothing cuts it', () => {
    expect(sizes(plan({ mode: 'none' }, 'NCDHW', { multipleOf: [8, 8, 8] }))).toEqual([[24, 24, 32]]);
  });
});
