import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toPatient, type VolumeGeometry, voxelPoint } from '../../services/domain/geometry.ts';
import type { Volume } from '../../services/domain/volume.ts';
import { type ImageStack, nearestImage } from '../../services/imaging/image-stack.ts';
import { gridAlongSlices, gridAlongTable, gridOfSlices } from '../../services/imaging/regular-grid.ts';
import { resampleStack } from '../../services/imaging/resample-stack.ts';
import { imageStack, sampledStack, tiltedStack } from './sampled-stack.ts';

const DEG = Math.PI / 180;
const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const stacks = fc.record({
  turnedDeg: fc.tuple(number(-180, 180), number(-180, 180), number(-180, 180)),
  spacingMm: fc.tuple(number(0.4, 2), number(0.4, 2)),
  steps: fc.array(number(0.5, 4), { minLength: 7, maxLength: 12 }),
  slope: fc.tuple(number(-0.5, 0.5), number(-0.5, 0.5)),
  center: fc.tuple(number(-400, 400), number(-400, 400), number(-1500, 1500)),
});

const shearOf = ({ slope }: { slope: readonly [number, number] }, { axes }: ImageStack) => ({
  slope: [0, 1, 2].map((a) => (axes[0][a] ?? 0) * slope[0] + (axes[1][a] ?? 0) * slope[1]) as [number, number, number],
  shearMm: 1,
  tiltDeg: 1,
  isStraight: false,
});

/** Points of a grid that lie inside every image they are looked up on. */
function forEachSeen(
  stack: ImageStack,
  grid: VolumeGeometry,
  visit: (at: number, point: readonly [number, number, number]) => void,
) {
  const [nx, ny, nz] = grid.shape;
  let seen = 0;
  for (let at = 0; at < nx * ny * nz; at++) {
    const point = toPatient(grid, voxelPoint(at % nx, Math.floor(at / nx) % ny, Math.floor(at / nx / ny)));
    const heights = stack.positions.map((position) => {
      const d = [0, 1, 2].map((a) => (point[a] ?? 0) - (position[a] ?? 0));
      return [0, 1, 2].reduce((sum, a) => sum + (d[a] ?? 0) * (stack.axes[2][a] ?? 0), 0);
    });
    const low = heights.findLastIndex((height) => height >= 0);
    if (low < 0 || low === heights.length - 1) continue;
    const part = (heights[low] ?? 0) / ((heights[low] ?? 0) - (heights[low + 1] ?? 0));
    const start = [0, 1, 2].map(
      (a) => (stack.positions[low]?.[a] ?? 0) * (1 - part) + (stack.positions[low + 1]?.[a] ?? 0) * part,
    );
    const onImage = ([0, 1] as const).map((axis) => {
      const mm = [0, 1, 2].reduce(
        (sum, a) => sum + ((point[a] ?? 0) - (start[a] ?? 0)) * (stack.axes[axis][a] ?? 0),
        0,
      );
      return mm / stack.spacingMm[axis];
    });
    const [column = -1, row = -1] = onImage;
    if (column < 0 || row < 0 || column > stack.columns - 1 || row > stack.rows - 1) continue;
    seen++;
    visit(at, point);
  }
  return seen;
}

describe('slices on a right-angled grid', () => {
  /** A linear field is its own interpolation: any wrong place shows as an error in mm. */
  it.each(['slices', 'table'] as const)('keep every point within 0.01 mm of its place, along the %s', (along) => {
    fc.assert(
      fc.property(stacks, fc.constantFrom(0, 1, 2), (options, axis) => {
        const stack = imageStack(options);
        const spacing = { spacingMm: 1.3, count: 9, isEven: false, warnings: [] };
        const grid =
          along === 'slices'
            ? gridAlongSlices(stack, spacing)
            : gridAlongTable(stack, spacing, shearOf(options, stack));
        const field = (...point: readonly [number, number, number]) => (point[axis] ?? 0) - (options.center[axis] ?? 0);
        const { voxels } = resampleStack(sampledStack(stack, field), stack, grid);
        const seen = forEachSeen(stack, grid, (at, point) => {
          const error = Math.abs((voxels[at] ?? Number.NaN) - field(...point));
          if (!(error < 0.01)) throw new Error(`voxel ${at} lies ${error} mm off`);
        });
        expect(seen).toBeGreaterThan(20);
      }),
      { numRuns: 60 },
    );
  });

  it('has right angles, and the images inside it', () => {
    fc.assert(
      fc.property(stacks, (options) => {
        const stack = imageStack(options);
        const spacing = { spacingMm: 1.1, count: 9, isEven: false, warnings: [] };
        for (const grid of [gridAlongSlices(stack, spacing), gridAlongTable(stack, spacing, shearOf(options, stack))]) {
          const [i, j, k] = grid.axes;
          const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, v, n) => sum + v * (b[n] ?? 0), 0);
          const products = [dot(i, j), dot(j, k), dot(i, k), dot(i, i) - 1, dot(j, j) - 1, dot(k, k) - 1];
          for (const product of products) expect(Math.abs(product)).toBeLessThan(1e-9);
        }
      }),
    );
  });

  it('are what they were, bit for bit, on the grid they make themselves', () => {
    const stack = imageStack({
      steps: Array.from({ length: 9 }, () => 1.25),
      turnedDeg: [11, -7, 31],
      spacingMm: [0.7, 0.9],
    });
    const whole = Int16Array.from(sampledStack(stack, (x, y, z) => Math.round(900 * Math.sin(x + 2 * y + 3 * z))));
    expect(resampleStack(whole, stack, gridOfSlices(stack, 1.25)).voxels).toEqual(whole);
  });

  it('repeat the nearest pixel where nothing was seen', () => {
    const stack = tiltedStack(15, 2, 12);
    const grid = gridAlongTable(
      stack,
      { spacingMm: 2 * Math.cos(15 * DEG), count: 12, isEven: true, warnings: [] },
      {
        ...shearOf({ slope: [0, Math.tan(15 * DEG)] }, stack),
      },
    );
    const { voxels } = resampleStack(
      sampledStack(stack, () => 7),
      stack,
      grid,
    );
    expect(new Set(voxels)).toEqual(new Set([7]));
  });
});

/** A ball with an edge of a pixel, as partial volume gives it. */
const ball =
  (center: readonly [number, number, number], radius: number, edge: number) => (x: number, y: number, z: number) =>
    Math.min(1, Math.max(0, 0.5 + (radius - Math.hypot(x - center[0], y - center[1], z - center[2])) / edge));

const BALLS = [
  [0, 0, 0],
  [7.3, -6.1, 9.7],
  [-11.2, 4.4, -12.9],
] as const;

function centerOfMass({ geometry, voxels }: Volume): readonly number[] {
  const [nx, ny] = geometry.shape;
  let mass = 0;
  const sum = [0, 0, 0];
  for (const [at, value] of voxels.entries()) {
    if (value === 0) continue;
    const point = toPatient(geometry, voxelPoint(at % nx, Math.floor(at / nx) % ny, Math.floor(at / nx / ny)));
    mass += value;
    for (const a of [0, 1, 2] as const) sum[a] = (sum[a] ?? 0) + value * point[a];
  }
  return sum.map((total) => total / mass);
}

describe('balls seen by a tilted gantry', () => {
  it.each([-15, 6, 25])('have their centres of mass within 0.02 mm of the truth at %d degrees', (tiltDeg) => {
    const stack = tiltedStack(tiltDeg, 1.25, 60, { shape: [64, 64], spacingMm: [0.8, 0.8] });
    const spacing = { spacingMm: 1.25 * Math.cos(tiltDeg * DEG), count: 60, isEven: true, warnings: [] };
    const shear = shearOf({ slope: [0, Math.tan(tiltDeg * DEG)] }, stack);
    for (const grid of [gridAlongSlices(stack, spacing), gridAlongTable(stack, spacing, shear)]) {
      for (const center of BALLS) {
        const found = centerOfMass(resampleStack(sampledStack(stack, ball(center, 5, 1.25)), stack, grid));
        expect(Math.hypot(...center.map((mm, a) => (found[a] ?? 0) - mm))).toBeLessThan(0.02);
      }
    }
  });

  it('are found again on the image and at the pixel that showed them', () => {
    const stack = tiltedStack(12, 2, 30, { shape: [50, 40], spacingMm: [0.7, 0.9] });
    for (const [column, row, slice] of [
      [10, 30, 3],
      [40, 5, 17],
      [25, 20, 29],
    ] as const) {
      const position = stack.positions[slice] ?? [0, 0, 0];
      const point = [0, 1, 2].map(
        (a) => (position[a] ?? 0) + (stack.axes[0][a] ?? 0) * column * 0.7 + (stack.axes[1][a] ?? 0) * row * 0.9,
      ) as unknown as [number, number, number];
      const found = nearestImage(stack, point);
      expect(found.index).toBe(slice);
      expect([found.column, found.row, found.offMm]).toEqual([
        expect.closeTo(column, 9),
        expect.closeTo(row, 9),
        expect.closeTo(0, 9),
      ]);
    }
  });
});
