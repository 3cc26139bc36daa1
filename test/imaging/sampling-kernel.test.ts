import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toPatient, type VolumeGeometry, voxelPoint } from '../../services/domain/geometry.ts';
import { alignedGrid, lpsOrder } from '../../services/imaging/grid.ts';
import { resample } from '../../services/imaging/resample.ts';
import { type Interpolation, kernelAround } from '../../services/imaging/sampling-kernel.ts';
import { gridAround } from './chest-volume.ts';

const center = fc.double({ min: -20, max: 20, noNaN: true });
/** The value of a function of the place, as a kernel sees it. */
const seen = (kind: Interpolation, size: number, at: number, value: (x: number) => number) => {
  const { low, weights } = kernelAround(kind, size).at(at);
  return weights.reduce((sum, weight, n) => sum + weight * value(low + n), 0);
};

describe('a sampling kernel', () => {
  it.each<Interpolation>(['linear', 'nearest', 'cubic', 'area'])(
    '%s leaves a constant as it is, at any width',
    (kind) => {
      fc.assert(
        fc.property(center, fc.double({ min: 1, max: 5, noNaN: true }), (at, size) => {
          expect(seen(kind, size, at, () => 7)).toBeCloseTo(7, 9);
          expect(kernelAround(kind, size).at(at).weights.length).toBeLessThanOrEqual(kernelAround(kind, size).width);
        }),
      );
    },
  );

  it('cubic leaves a parabola as it is, linear a line, nearest the nearest voxel', () => {
    fc.assert(
      fc.property(center, (at) => {
        expect(seen('cubic', 1, at, (x) => x * x - 3 * x)).toBeCloseTo(at * at - 3 * at, 6);
        expect(seen('linear', 1, at, (x) => 2 * x + 1)).toBeCloseTo(2 * at + 1, 9);
        expect(Math.abs(seen('nearest', 1, at, (x) => x) - at)).toBeLessThanOrEqual(0.5);
      }),
    );
  });

  it('area is the mean of what a new voxel covers, parts of voxels too', () => {
    const squares = (x: number) => x * x;
    expect(seen('area', 2, 0.5, squares)).toBeCloseTo((0 + 1) / 2, 9);
    expect(seen('area', 3, 4, squares)).toBeCloseTo((9 + 16 + 25) / 3, 9);
    expect(seen('area', 1.5, 0.25, squares)).toBeCloseTo((1 * 0 + 0.5 * 1) / 1.5, 9);
  });
});

const line: VolumeGeometry = { ...gridAround(), shape: [9, 1, 1], spacingMm: [2, 1, 1] };

describe('a grid for a model', () => {
  it('has its edges on those of the source, or its outermost centres on theirs', () => {
    const ends = (grid: VolumeGeometry) =>
      [0, grid.shape[0] - 1].map((i) => toPatient(grid, voxelPoint(i, 0, 0))[0] - line.origin[0]);
    const wider = alignedGrid(line, lpsOrder(line), [4.5, 1, 1], 'center');
    // 18 mm from edge to edge: from -1 to 17.
    expect(wider.shape[0]).toBe(4);
    expect(ends(wider)).toEqual([1.25, 14.75].map((mm) => expect.closeTo(mm, 9)));
    const corners = alignedGrid(line, lpsOrder(line), [4.5, 1, 1], 'corner');
    expect(corners.shape[0]).toBe(4);
    expect(ends(corners)).toEqual([0, 16].map((mm) => expect.closeTo(mm, 9)));
    expect(corners.spacingMm[0]).toBeCloseTo(16 / 3, 9);
  });

  it('takes a field of the patient along, in the order of the source too', () => {
    const source = gridAround({
      spacingMm: [1, 2, 3],
      extentMm: [20, 24, 30],
      axes: [
        [0, 1, 0],
        [0, 0, 1],
        [1, 0, 0],
      ],
    });
    const field = ([x, y, z]: readonly number[]) => 3 * (x ?? 0) - 2 * (y ?? 0) + (z ?? 0);
    const [nx, ny, nz] = source.shape;
    const voxels = Float32Array.from({ length: nx * ny * nz }, (_, at) =>
      field(toPatient(source, voxelPoint(at % nx, Math.floor(at / nx) % ny, Math.floor(at / nx / ny)))),
    );
    const turns = [
      { order: [0, 1, 2], signs: [1, 1, 1] },
      { order: [2, 0, 1], signs: [-1, -1, 1] },
    ] as const;
    for (const turn of turns) {
      const grid = alignedGrid(source, turn, [1.5, 1.5, 1.5], 'center');
      const out = resample({ geometry: source, voxels }, grid, false);
      const [ni, nj] = grid.shape;
      const at = voxelPoint(4, 5, 6);
      expect(out[(6 * nj + 5) * ni + 4]).toBeCloseTo(field(toPatient(grid, at)), 3);
    }
  });
});
