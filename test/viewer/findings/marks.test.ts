import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../services/domain/finding.ts';
import { crosshairLines } from '../../../viewer/findings/crosshair-lines.ts';
import { cutSphere } from '../../../viewer/findings/cut-sphere.ts';
import { cornerTicks, frameHalves, marksOnSlice } from '../../../viewer/findings/marks-on-slice.ts';
import { atThreshold, neighbour } from '../../../viewer/findings/operating-point.ts';
import type { SeenFinding } from '../../../viewer/findings/place.ts';
import type { Slice } from '../../../viewer/slice.ts';

const finding = (
  index: number,
  center: readonly [number, number, number],
  diameterMm = 10,
  score = 0.5,
): Finding & SeenFinding => ({
  state: 'unreviewed',
  place: { shape: 'sphere', center, diameterMm, index: undefined },
  center: [...center],
  diameterMm,
  volumeMm3: 500,
  score,
  label: 'nodule',
  laterality: null,
  SeriesInstanceUID: '1.2',
  region: { SOPClassUID: '1.2', SOPInstanceUID: '1.2.3', frame: 1, left: 0, top: 0, right: 1, bottom: 1 },
  index,
  TrackingUID: `2.25.${index}`,
});

/** An axial slice at height `z`: the patient's left on the right, 2 px per mm, the origin at (100, 100). */
const axial = (z: number): Slice => ({
  plane: 'axial',
  index: 0,
  count: 1,
  focalPoint: [0, 0, z],
  normal: [0, 0, -1],
  up: [0, -1, 0],
  right: [1, 0, 0],
  width: 200,
  height: 200,
  zoom: 1,
  window: undefined,
  failure: undefined,
  toCanvas: ([x, y]) => [100 + 2 * x, 100 + 2 * y],
  toPatient: ([x, y]) => [(x - 100) / 2, (y - 100) / 2, z],
});

describe('a plane through a sphere', () => {
  it('cuts a circle by Pythagoras, its centre on the plane', () => {
    expect(cutSphere([1, 2, 3], 5, [0, 0, 0], [0, 0, 1])).toEqual({ center: [1, 2, 0], radiusMm: 4 });
  });

  it('misses it at its radius and beyond', () => {
    expect(cutSphere([0, 0, 5], 5, [0, 0, 0], [0, 0, 1])).toBeUndefined();
    expect(cutSphere([0, 0, -5.1], 5, [0, 0, 0], [0, 0, 1])).toBeUndefined();
  });

  it('is the same from both sides', () => {
    fc.assert(
      fc.property(fc.float({ min: -9, max: 9, noNaN: true }), (z) => {
        const above = cutSphere([0, 0, z], 10, [0, 0, 0], [0, 0, 1]);
        const below = cutSphere([0, 0, z], 10, [0, 0, 0], [0, 0, -1]);
        expect(above?.radiusMm).toBeCloseTo(below?.radiusMm ?? -1, 9);
      }),
    );
  });
});

describe('marks on a slice', () => {
  it('lie where the finding is, as large as its cut', () => {
    expect(marksOnSlice([finding(1, [10, -20, 0])], axial(0))).toMatchObject([{ x: 120, y: 60, halves: [10, 10] }]);
    const [off] = marksOnSlice([finding(1, [10, -20, 3])], axial(0));
    expect(off?.halves[0]).toBeCloseTo(8, 9);
  });

  it('are only those that meet the slice', () => {
    const findings = [finding(1, [0, 0, 0]), finding(2, [0, 0, 30])];
    expect(marksOnSlice(findings, axial(0)).map((mark) => mark.finding.index)).toEqual([1]);
    expect(marksOnSlice(findings, axial(30)).map((mark) => mark.finding.index)).toEqual([2]);
  });

  it('offer a target of 24 px however small the lesion (WCAG 2.2, 2.5.8)', () => {
    const [mark] = marksOnSlice([finding(1, [0, 0, 0], 2)], axial(0));
    for (const half of mark ? frameHalves(mark) : [0]) expect(half * 2).toBeGreaterThanOrEqual(24);
  });

  it('have corners that leave the lesion free', () => {
    const [mark] = marksOnSlice([finding(1, [0, 0, 0], 20)], axial(0));
    const numbers = [...(mark ? cornerTicks(mark) : '').matchAll(/M(-?[\d.]+) (-?[\d.]+)/g)];
    expect(numbers).toHaveLength(4);
    for (const [, x, y] of numbers)
      expect(Math.hypot(Number(x) - 100, Number(y) - 100)).toBeGreaterThan(mark?.halves[0] ?? 99);
  });

  it('have a crosshair that never covers them', () => {
    const [mark] = marksOnSlice([finding(1, [0, 0, 0], 40)], axial(0));
    const inner = [...crosshairLines(axial(0), [0, 0, 0], mark).matchAll(/H(-?[\d.]+)/g)].map(([, x]) => Number(x));
    expect(inner[0]).toBeLessThan(100 - (mark?.halves[0] ?? 99));
  });
});

describe('display threshold', () => {
  const findings = [0.9, 0.7, 0.42, 0.3, 0.1].map((score, at) => finding(at + 1, [0, 0, 0], 10, score));

  it('shows or counts every finding, at every position', () => {
    fc.assert(
      fc.property(fc.float({ min: 0, max: 1, noNaN: true }), (threshold) => {
        const { shown, hidden } = atThreshold(findings, threshold);
        expect(shown.length + hidden).toBe(findings.length);
        expect(shown.every(({ score }) => score >= threshold)).toBe(true);
      }),
    );
    expect(atThreshold(findings, 0.42)).toMatchObject({ hidden: 2 });
  });

  it('steps through what is shown, around both ends', () => {
    const { shown } = atThreshold(findings, 0.42);
    const order = ['2.25.1', '2.25.2', '2.25.3', '2.25.1'];
    for (const [at, uid] of order.entries()) {
      const previous = at === 0 ? undefined : order[at - 1];
      expect(neighbour(shown, previous, 1)?.TrackingUID).toBe(uid);
    }
    expect(neighbour(shown, '2.25.1', -1)?.TrackingUID).toBe('2.25.3');
    expect(neighbour(shown, undefined, -1)?.TrackingUID).toBe('2.25.3');
    expect(neighbour([], undefined, 1)).toBeUndefined();
    expect(neighbour(shown, '2.25.5', 1)?.TrackingUID).toBe('2.25.1');
  });
});
