import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toPatient, type VolumeGeometry, voxelPoint } from '../../services/domain/geometry.ts';
import { crop, lpsGrid, toVoxel } from '../../services/imaging/grid.ts';
import { resample } from '../../services/imaging/resample.ts';
import { AXIAL_TURNS, gridAround, sampled } from './chest-volume.ts';

const spacing = fc.double({ min: 0.4, max: 3, noNaN: true });
const angle = fc.double({ min: -10, max: 10, noNaN: true });
const grids = fc
  .record({
    spacingMm: fc.tuple(spacing, spacing, spacing),
    tiltDeg: fc.tuple(angle, angle, angle),
    axes: fc.constantFrom(...AXIAL_TURNS),
    centerMm: fc.tuple(fc.integer({ min: -300, max: 300 }), fc.integer({ min: -300, max: 300 }), angle),
    extentMm: fc.constant([26, 22, 24] as const),
  })
  .map((options) => gridAround(options));

/** The 24 right-handed ways in which rows, columns and slices may run along the axes of the patient. */
const TURNS = [0, 1, 2].flatMap((i) =>
  [1, 2].flatMap((step) =>
    [1, -1].flatMap((first) =>
      [1, -1].map((second) => {
        const axis = (at: number, sign: number) => [0, 1, 2].map((a) => (a === at % 3 ? sign : 0));
        const third = axis(i + 3 - step, first * second * (step === 1 ? 1 : -1));
        return [axis(i, first), axis(i + step, second), third] as unknown as (typeof AXIAL_TURNS)[number];
      }),
    ),
  ),
);
const anyAngle = fc.double({ min: -44, max: 44, noNaN: true });
const anyGrids = fc
  .record({
    spacingMm: fc.tuple(spacing, spacing, spacing),
    tiltDeg: fc.tuple(anyAngle, anyAngle, anyAngle),
    axes: fc.constantFrom(...TURNS),
    centerMm: fc.tuple(anyAngle, anyAngle, fc.double({ min: -2000, max: 2000, noNaN: true })),
    extentMm: fc.constant([34, 32, 33] as const),
  })
  .map((options) => gridAround(options));

describe('the LPS grid of a source', () => {
  it('maps patient to voxel and back within 1e-9 mm', () => {
    fc.assert(
      fc.property(grids, fc.tuple(angle, angle, angle), (grid, [x, y, z]) => {
        const back = toPatient(grid, toVoxel(grid, [x, y, z]));
        expect(Math.hypot(back[0] - x, back[1] - y, back[2] - z)).toBeLessThan(1e-9);
      }),
    );
  });

  it('runs left, back, up; has the centre of the source; covers it to half a voxel', () => {
    fc.assert(
      fc.property(grids, (source) => {
        const grid = lpsGrid(source, [1, 1, 1]);
        for (const a of [0, 1, 2] as const) expect(grid.axes[a][a]).toBeGreaterThan(0.9);
        const center = (g: typeof grid) => toPatient(g, voxelPoint(...half(g.shape)));
        expect(distance(center(grid), center(source))).toBeLessThan(1e-9);
        const volume = source.shape.reduce((mm3, n, a) => mm3 * n * (source.spacingMm[a] ?? 1), 1);
        const [nx, ny, nz] = grid.shape;
        expect(Math.abs(nx * ny * nz - volume) / volume).toBeLessThan(0.08);
      }),
    );
  });

  it('crops to a part that lies where it lay', () => {
    const grid = lpsGrid(gridAround({ tiltDeg: [3, -5, 7] }), [1, 1, 1]);
    const part = crop(grid, [4, 5, 6], [20, 25, 30]);
    expect(part.shape).toEqual([17, 21, 25]);
    expect(distance(toPatient(part, voxelPoint(1, 2, 3)), toPatient(grid, voxelPoint(5, 7, 9)))).toBeLessThan(1e-9);
  });
});

const half = ([a, b, c]: readonly [number, number, number]) => [(a - 1) / 2, (b - 1) / 2, (c - 1) / 2] as const;
const fraction = (value: number) => value - Math.floor(value);
const distance = (a: readonly [number, number, number], b: readonly [number, number, number]) =>
  Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

function forEachVoxel(
  [nx, ny, nz]: VolumeGeometry['shape'],
  margin: number,
  visit: (at: number, i: number, j: number, k: number) => void,
): void {
  for (let k = margin; k < nz - margin; k++) {
    for (let j = margin; j < ny - margin; j++) {
      for (let i = margin; i < nx - margin; i++) visit((k * ny + j) * nx + i, i, j, k);
    }
  }
}

describe('trilinear resampling', () => {
  /** A linear field is its own interpolation: a wrong flip, order, origin or half voxel shows as an error in mm. */
  it('places every voxel within 0.01 mm on flipped, swapped and oblique grids', () => {
    fc.assert(
      fc.property(grids, fc.boolean(), fc.constantFrom(0, 1, 2), (source, antialias, along) => {
        const field = (x: number, y: number, z: number) => [x, y, z][along] as number;
        const geometry = lpsGrid(source, [1, 1, 1]);
        const volume = { geometry: source, voxels: exact(source, field) };
        const values = resample(volume, geometry, antialias);
        const margin = Math.ceil(2 * Math.max(1, ...source.spacingMm)) + 2;
        forEachVoxel(geometry.shape, margin, (at, i, j, k) => {
          const [x, y, z] = toPatient(geometry, voxelPoint(i, j, k));
          const error = Math.abs((values[at] ?? 0) - field(x, y, z));
          if (error > 0.01) throw new Error(`voxel ${i} ${j} ${k} lies ${error} mm off`);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('places every voxel within 0.01 mm whatever the plane, the turn, the crop and the order of rows and slices', () => {
    fc.assert(
      fc.property(anyGrids, fc.boolean(), fc.constantFrom(0, 1, 2), fc.nat(4), (source, antialias, along, cut) => {
        const field = (x: number, y: number, z: number) => [x, y, z][along] as number;
        const full = lpsGrid(source, [1, 1.2, 0.9]);
        const [nx, ny, nz] = full.shape;
        const geometry = crop(full, [cut, 1, 2], [nx - 2, ny - 1 - cut, nz - 1]);
        const values = resample({ geometry: source, voxels: exact(source, field) }, geometry, antialias);
        const margin = Math.ceil(2 * Math.max(1, ...source.spacingMm)) + 2;
        let seen = 0;
        forEachVoxel(geometry.shape, margin, (at, i, j, k) => {
          const [x, y, z] = toPatient(geometry, voxelPoint(i, j, k));
          const error = Math.abs((values[at] ?? 0) - field(x, y, z));
          if (!(error <= 0.01)) throw new Error(`voxel ${i} ${j} ${k} lies ${error} mm off`);
          seen++;
        });
        expect(seen).toBeGreaterThan(50);
      }),
      { numRuns: 60 },
    );
  });

  const exact = (geometry: VolumeGeometry, field: (x: number, y: number, z: number) => number) => {
    const voxels = new Float32Array(geometry.shape[0] * geometry.shape[1] * geometry.shape[2]);
    forEachVoxel(geometry.shape, 0, (at, i, j, k) => {
      const [x, y, z] = toPatient(geometry, voxelPoint(i, j, k));
      voxels[at] = field(x, y, z);
    });
    return voxels;
  };

  it('keeps a constant, also at the edges', () => {
    fc.assert(
      fc.property(grids, fc.boolean(), (source, antialias) => {
        const volume = sampled(source, () => -731);
        const values = resample(volume, lpsGrid(source, [1.3, 0.9, 2.1]), antialias);
        for (const value of values) if (Math.abs(value + 731) > 1e-3) throw new Error(String(value));
      }),
      { numRuns: 40 },
    );
  });

  it('gives back the source on its own grid, bit for bit', () => {
    const source = gridAround({ spacingMm: [1, 1, 1], extentMm: [20, 18, 16] });
    const volume = sampled(source, (x, y, z) => Math.round(100 * Math.sin(x * 7 + y * 3 + z * 5)));
    expect([...resample(volume, lpsGrid(source, [1, 1, 1]), true)]).toEqual([...volume.voxels]);
  });

  it('reads coronal and sagittal stacks like axial ones', () => {
    const field = (x: number, y: number, z: number) => 3 * x - 2 * y + z;
    const axial = sampled(gridAround({ spacingMm: [1, 1, 1], extentMm: [20, 20, 20] }), field);
    const turned = sampled(
      gridAround({
        spacingMm: [1, 1, 1],
        extentMm: [20, 20, 20],
        axes: [
          [0, 1, 0],
          [0, 0, 1],
          [1, 0, 0],
        ],
      }),
      field,
    );
    const values = (v: typeof axial) => [...resample(v, lpsGrid(v.geometry, [1, 1, 1]), false)];
    expect(values(turned)).toEqual(values(axial));
  });

  it('averages noise where it shrinks and picks it where it must not', () => {
    const source = gridAround({ spacingMm: [0.5, 0.5, 0.5], extentMm: [20, 20, 20] });
    const noise = sampled(
      source,
      (x, y, z) => 200 * fraction(Math.sin(x * 12.9898 + y * 78.233 + z * 37.719) * 43758.5453),
    );
    const spread = (values: Float32Array) => Math.max(...values) - Math.min(...values);
    const grid = lpsGrid(source, [2, 2, 2]);
    expect(spread(resample(noise, grid, true))).toBeLessThan(60);
    expect(spread(resample(noise, grid, false))).toBeGreaterThan(100);
  });
});
