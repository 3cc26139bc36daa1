import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Candidate } from '../../services/detection/candidate.ts';
import { suppressNeighbours } from '../../services/detection/non-maximum-suppression.ts';
import { patientPoint } from '../../services/domain/geometry.ts';

const mark = (x: number, y: number, z: number, diameterMm: number, score: number): Candidate => ({
  center: patientPoint(x, y, z),
  diameterMm,
  score,
  classId: 0,
});
const HALF = { metric: 'centerDistance', threshold: 0.5, classAgnostic: true } as const;
/** On a grid of 1/64 mm, so that moving a mark by whole millimetres rounds nothing. */
const grid = (min: number, max: number) => fc.integer({ min: min * 64, max: max * 64 }).map((n) => n / 64);
const mm = grid(-40, 40);
const marks = fc.array(fc.tuple(mm, mm, mm, grid(3, 30), fc.integer({ min: 1, max: 20 })), { maxLength: 60 });
const built = (list: [number, number, number, number, number][]) =>
  list.map(([x, y, z, d, s]) => mark(x, y, z, d, s / 20));
const gap = (a: Candidate, b: Candidate) =>
  Math.hypot(a.center[0] - b.center[0], a.center[1] - b.center[1], a.center[2] - b.center[2]);

describe('suppression of neighbours by the distance of centres', () => {
  it('keeps the best of two within half of the larger diameter, and both beyond', () => {
    const [best, near, far] = [mark(0, 0, 0, 6, 0.9), mark(0, 4.9, 0, 10, 0.8), mark(0, -5.1, 0, 10, 0.7)];
    expect(suppressNeighbours([far, near, best], HALF)).toEqual([best, far]);
  });

  it('leaves no two that mean the same, and drops none without a better neighbour', () => {
    fc.assert(
      fc.property(marks, (list) => {
        const all = built(list);
        const kept = suppressNeighbours(all, HALF);
        for (const a of kept)
          for (const b of kept)
            if (a !== b) expect(gap(a, b)).toBeGreaterThanOrEqual(0.5 * Math.max(a.diameterMm, b.diameterMm));
        for (const dropped of all.filter((candidate) => !kept.includes(candidate)))
          expect(
            kept.some(
              (better) =>
                better.score >= dropped.score &&
                gap(better, dropped) < 0.5 * Math.max(better.diameterMm, dropped.diameterMm),
            ),
          ).toBe(true);
      }),
    );
  });

  it('does not depend on the order of the candidates', () => {
    fc.assert(
      fc.property(marks, fc.integer(), (list, seed) => {
        const all = built(list);
        const shuffled = all.toSorted(
          (a, b) => Math.sin(a.center[0] * 1e3 + seed) - Math.sin(b.center[0] * 1e3 + seed),
        );
        expect(suppressNeighbours(shuffled, HALF)).toEqual(suppressNeighbours(all, HALF));
      }),
    );
  });

  it('is done once: again changes nothing; and moves with the patient', () => {
    fc.assert(
      fc.property(marks, (list) => {
        const kept = suppressNeighbours(built(list), HALF);
        expect(suppressNeighbours(kept, HALF)).toEqual(kept);
        const moved = built(list.map(([x, y, z, d, s]) => [x + 64, y - 128, z + 32, d, s]));
        expect(suppressNeighbours(moved, HALF).map(({ score }) => score)).toEqual(kept.map(({ score }) => score));
      }),
    );
  });
});
