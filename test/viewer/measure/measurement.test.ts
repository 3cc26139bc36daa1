import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  angleOf,
  axesOf,
  handlesOf,
  type Measurement,
  moveHandle,
  pointsFrom,
} from '../../../viewer/measure/measurement.ts';
import { distance, dot, minus } from '../../../viewer/series/vector.ts';
import type { Point } from '../../../viewer/slice.ts';

const AXES = { right: [1, 0, 0], up: [0, -1, 0], normal: [0, 0, -1] } as const;
const measurement = (tool: Measurement['tool'], ...given: Point[]): Measurement => ({
  ...{ id: 'm1', tool, SeriesInstanceUID: '1.2.3', plane: 'axial', index: 0, normal: AXES.normal },
  points: pointsFrom(tool, given, AXES),
});
const point = fc
  .tuple(fc.integer({ min: -90, max: 90 }), fc.integer({ min: -90, max: 90 }))
  .map(([x, y]): Point => [x, y, 5]);
const apart = fc.tuple(point, point).filter(([a, b]) => distance(a, b) > 2);

describe('measurements', () => {
  it('draw the short axis across the middle of the long one, and name the longer first', () => {
    const [a, b, c, d] = measurement('bidirectional', [0, 0, 5], [20, 0, 5]).points as [Point, Point, Point, Point];
    expect([a, b]).toEqual([
      [0, 0, 5],
      [20, 0, 5],
    ]);
    expect(distance(c, d)).toBeCloseTo(10);
    expect(axesOf([c, d, a, b])).toEqual([20, 10]);
  });

  it('keep two axes at a right angle and crossed, whichever end is moved', () => {
    fc.assert(
      fc.property(
        apart,
        fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), point), { maxLength: 6 }),
        ([a, b], moves) => {
          let moved = measurement('bidirectional', a, b);
          for (const [handle, to] of moves) {
            const next = moveHandle(moved, handle, to);
            if (distance(next.points[0] as Point, next.points[1] as Point) > 1) moved = next;
          }
          const [p, q, r, s] = moved.points as [Point, Point, Point, Point];
          expect(Math.abs(dot(minus(q, p), minus(s, r)))).toBeLessThan(1e-6 * (1 + distance(p, q) * distance(r, s)));
          const t = dot(minus(r, p), minus(q, p)) / distance(p, q) ** 2;
          expect(t).toBeGreaterThan(-1e-6);
          expect(t).toBeLessThan(1 + 1e-6);
        },
      ),
    );
  });

  it('draw an ellipse in the box of a drag, whichever corner it began at', () => {
    fc.assert(
      fc.property(apart, ([a, b]) => {
        const [center, right, top] = measurement('ellipse', a, b).points as [Point, Point, Point];
        expect(center).toEqual([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, 5]);
        expect(distance(center, right)).toBeCloseTo(Math.abs(a[0] - b[0]) / 2);
        expect(distance(center, top)).toBeCloseTo(Math.abs(a[1] - b[1]) / 2);
      }),
    );
  });

  it('move one side of an ellipse and leave the side across where it is', () => {
    const before = measurement('ellipse', [0, 0, 5], [20, 10, 5]);
    const [, , , left] = handlesOf(before);
    const after = moveHandle(before, 1, [30, 99, 5]);
    expect(handlesOf(after)[1]).toEqual([30, 5, 5]);
    expect(handlesOf(after)[3]).toEqual(left);
    expect(handlesOf(moveHandle(before, 2, [77, -4, 5]))[2]).toEqual([10, -4, 5]);
    expect(handlesOf(moveHandle(before, 0, [40, 40, 5]))[1]).toEqual([50, 40, 5]);
  });

  it('tell the angle at the vertex', () => {
    expect(
      angleOf([
        [10, 0, 5],
        [0, 0, 5],
        [0, 7, 5],
      ]),
    ).toBeCloseTo(90);
    expect(
      angleOf([
        [10, 0, 5],
        [0, 0, 5],
        [-3, 0, 5],
      ]),
    ).toBeCloseTo(180);
    expect(
      angleOf([
        [10, 0, 5],
        [0, 0, 5],
        [5, 5 * Math.sqrt(3), 5],
      ]),
    ).toBeCloseTo(60);
  });
});
