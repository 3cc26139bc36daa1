import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Candidate } from '../../services/detection/candidate.ts';
import { linkSlices } from '../../services/detection/link-slices.ts';
import { suppressNeighbours } from '../../services/detection/non-maximum-suppression.ts';
import { boxIou, sphereIou } from '../../services/detection/overlap.ts';
import { postprocess } from '../../services/detection/postprocess.ts';
import { patientPoint, type VolumeGeometry } from '../../services/domain/geometry.ts';

type Point = readonly [number, number, number];
/** A grid that starts at the origin of the patient, 0.5 x 0.5 x 2 mm. */
const GRID: VolumeGeometry = {
  shape: [100, 80, 40],
  origin: patientPoint(0, 0, 0),
  axes: [patientPoint(1, 0, 0), patientPoint(0, 1, 0), patientPoint(0, 0, 1)],
  spacingMm: [0.5, 0.5, 2],
};
const boxed = (center: Point, sides: Point, score: number, classId = 0): Candidate => ({
  center: patientPoint(...center),
  diameterMm: (sides[0] + sides[1]) / 2,
  score,
  classId,
  box: {
    low: [center[0] - sides[0] / 2, center[1] - sides[1] / 2, center[2] - sides[2] / 2],
    high: [center[0] + sides[0] / 2, center[1] + sides[1] / 2, center[2] + sides[2] / 2],
  },
});
const ball = (x: number, diameterMm: number) => ({ center: patientPoint(x, 0, 0), diameterMm });

describe('overlap', () => {
  it('of two balls is what a sum over thin discs says', () => {
    const length = fc.double({ min: 1, max: 10, noNaN: true });
    fc.assert(
      fc.property(length, length, fc.double({ min: 0, max: 12, noNaN: true }), (d, e, apart) => {
        const [r, s] = [d / 2, e / 2];
        const step = 0.002;
        let common = 0;
        for (let x = -r; x < r; x += step) {
          const [a, b] = [r * r - x * x, s * s - (x - apart) ** 2];
          common += Math.PI * Math.max(0, Math.min(a, b)) * step;
        }
        const union = (4 / 3) * Math.PI * (r ** 3 + s ** 3) - common;
        expect(sphereIou(ball(0, d), ball(apart, e))).toBeCloseTo(common / union, 2);
      }),
      { numRuns: 20 },
    );
  });

  it('of two boxes: none side by side, a third when half of each is common, all of the same', () => {
    const box = (x: number) => boxed([x, 0, 0], [2, 3, 4], 1).box ?? { low: [0, 0, 0], high: [0, 0, 0] };
    expect([box(0), box(1), box(2), box(9)].map((other) => boxIou(box(0), other))).toEqual([1, 1 / 3, 0, 0]);
  });
});

describe('suppression by overlap', () => {
  const rule = { metric: 'iou', threshold: 0.3, classAgnostic: false } as const;
  const [best, same, other] = [
    boxed([0, 0, 0], [2, 2, 2], 0.9),
    boxed([1, 0, 0], [2, 2, 2], 0.8),
    boxed([0, 0, 0], [2, 2, 2], 0.7, 1),
  ];

  it('keeps another class, unless classes do not count', () => {
    expect(suppressNeighbours([same, other, best], rule)).toEqual([best, other]);
    expect(suppressNeighbours([same, other, best], { ...rule, classAgnostic: true })).toEqual([best]);
  });

  it('looks only at the best, where that is asked', () => {
    expect(suppressNeighbours([other, boxed([9, 9, 9], [1, 1, 1], 0.1), best], { ...rule, preTopK: 2 })).toEqual([
      best,
      other,
    ]);
  });

  it('is by balls where there are no boxes', () => {
    const balls = [best, same].map(({ box: _, ...rest }) => ({ ...rest, diameterMm: 4 }));
    expect(suppressNeighbours(balls, { metric: 'sphereIou', threshold: 0.4, classAgnostic: true })).toHaveLength(1);
    expect(suppressNeighbours(balls, { metric: 'sphereIou', threshold: 0.6, classAgnostic: true })).toHaveLength(2);
  });
});

describe('boxes on neighbouring slices', () => {
  const rule = {
    op: 'linkSlices',
    metric: 'iou',
    threshold: 0.3,
    maxGapMm: 4,
    minSlices: 2,
    score: 'max',
    z: 'scoreWeighted',
  } as const;
  const onSlice = (k: number, x: number, score: number, classId = 0) => boxed([x, 5, 2 * k], [4, 4, 2], score, classId);

  it('become one candidate: the box of the best, the height by score', () => {
    const [linked, ...none] = linkSlices(
      [onSlice(7, 10.4, 0.3), onSlice(5, 10, 0.3), onSlice(6, 10.2, 0.9)],
      rule,
      GRID,
    );
    expect(none).toEqual([]);
    expect(linked?.score).toBe(0.9);
    expect(linked?.center).toEqual([10.2, 5, 12].map((mm) => expect.closeTo(mm, 9)));
    expect(linked?.diameterMm).toBeCloseTo(4, 9);
    expect([linked?.box?.low[2], linked?.box?.high[2]]).toEqual([9, 15].map((mm) => expect.closeTo(mm, 9)));
    const [leaning] = linkSlices([onSlice(5, 10, 0.2), onSlice(6, 10, 0.6)], rule, GRID);
    expect(leaning?.center[2]).toBeCloseTo((0.2 * 10 + 0.6 * 12) / 0.8, 9);
  });

  it('are linked over a gap that is allowed, and no farther', () => {
    expect(linkSlices([onSlice(5, 10, 0.5), onSlice(7, 10, 0.5)], rule, GRID)).toHaveLength(1);
    expect(linkSlices([onSlice(5, 10, 0.5), onSlice(8, 10, 0.5)], rule, GRID)).toEqual([]);
  });

  it('of two lesions beside each other stay two, those of another class too', () => {
    const two = [5, 6, 7].flatMap((k) => [onSlice(k, 10, 0.5), onSlice(k, 13, 0.6)]);
    expect(linkSlices(two, rule, GRID).map(({ center }) => Math.round(center[0]))).toEqual([10, 13]);
    expect(linkSlices([onSlice(5, 10, 0.5), onSlice(6, 10, 0.5, 1)], rule, GRID)).toEqual([]);
  });
});

describe('other steps after decoding', () => {
  const found = { grid: GRID, mask: undefined, dims: '3d' } as const;

  it('calibrate a score by its logit', () => {
    const [platt] = postprocess(
      [boxed([0, 0, 0], [1, 1, 1], 0.8)],
      [{ op: 'calibrate', method: 'platt', a: 2, b: -1 }],
      found,
    );
    expect(platt?.score).toBeCloseTo(1 / (1 + Math.exp(-(2 * Math.log(4) - 1))), 9);
    const [cooler] = postprocess(
      [boxed([0, 0, 0], [1, 1, 1], 0.8)],
      [{ op: 'calibrate', method: 'temperature', t: 2 }],
      found,
    );
    expect(cooler?.score).toBeCloseTo(1 / (1 + Math.exp(-Math.log(4) / 2)), 9);
  });

  it('believe a candidate more for being larger, where the calibration says so', () => {
    const [first, second] = postprocess(
      [boxed([0, 0, 0], [4, 4, 4], 0.8), boxed([9, 9, 9], [8, 8, 8], 0.75)],
      [{ op: 'calibrate', method: 'platt', a: 2, b: -1, size: 1.5 }],
      found,
    );
    expect(first?.score).toBeCloseTo(1 / (1 + Math.exp(-(2 * Math.log(3) - 1 + 1.5 * Math.log(8)))), 9);
    expect(second?.score).toBeCloseTo(1 / (1 + Math.exp(-(2 * Math.log(4) - 1 + 1.5 * Math.log(4)))), 9);
    const [nothing] = postprocess(
      [{ ...boxed([0, 0, 0], [4, 4, 4], 0.8), diameterMm: 0 }],
      [{ op: 'calibrate', method: 'platt', a: 2, b: -1, size: 1.5 }],
      found,
    );
    expect(nothing?.score).toBeGreaterThan(0);
  });

  it('cut boxes off at the edge of the image, half a voxel beyond its centres, and drop what is outside', () => {
    const [cut, ...none] = postprocess(
      [boxed([0, 10, 10], [4, 4, 4], 0.8), boxed([-9, 10, 10], [4, 4, 4], 0.9)],
      [{ op: 'clipToImage' }],
      found,
    );
    expect(none).toEqual([]);
    expect(cut?.box?.low[0]).toBe(-0.25);
    expect(cut?.center[0]).toBeCloseTo((2 - 0.25) / 2, 9);
  });

  it('filter by score and size and count', () => {
    const many = [3, 5, 7, 9].map((mm) => ({ ...boxed([mm * 9, 0, 0], [mm, mm, mm], mm / 10), diameterMm: mm }));
    const sizes = (steps: Parameters<typeof postprocess>[1]) =>
      postprocess(many, steps, found).map(({ diameterMm }) => diameterMm);
    expect(sizes([{ op: 'scoreFilter', min: 0.5 }])).toEqual([9, 7, 5]);
    expect(sizes([{ op: 'sizeFilter', minMm: 4, maxMm: 8 }])).toEqual([7, 5]);
    expect(sizes([{ op: 'limit', max: 1 }])).toEqual([9]);
  });
});
