import { describe, expect, it } from 'vitest';
import { cpmOf, frocCurve, frocEvents, LUNA16_RATES, linspace, sensitivityAt } from '../../services/evaluation/froc.ts';
import { scoredScan } from '../../services/evaluation/froc-summary.ts';
import type { MatchedScan } from '../../services/evaluation/match-marks.ts';
import { judged, mark, nodule } from './lesions.ts';

/** Every number below was worked out by hand from the rules. */
function froc(...scans: readonly MatchedScan[]) {
  const curve = frocCurve(frocEvents(scans.map(scoredScan)));
  if (!curve) throw new Error('no curve');
  return { curve, cpm: cpmOf(curve), at: (rate: number) => sensitivityAt(curve, rate) };
}

describe('FROC by the rules of LUNA16, worked out by hand', () => {
  it('a perfect score is 1 at every rate', () => {
    const { cpm, at } = froc(
      judged('a', [nodule(0), nodule(50)], [mark(0, 0.9), mark(51, 0.8)]),
      judged('b', [nodule(0)], [mark(1, 0.7)]),
    );
    expect(cpm).toBe(1);
    expect(at(0.125)).toBe(1);
  });

  it('without a false mark the sensitivity is level, at what was found', () => {
    const { cpm, at } = froc(judged('a', [nodule(0), nodule(50), nodule(100), nodule(150)], [mark(0, 0.9)]));
    expect(at(0.125)).toBe(0.25);
    expect(cpm).toBe(0.25);
  });

  it('joins (0, 0) with the first false mark when that scores highest', () => {
    // One scan: a false mark at 0.9, then the hit at 0.5. Points (0, 0), (1, 0), (1, 1).
    const { curve, at } = froc(judged('a', [nodule(0)], [mark(80, 0.9), mark(0, 0.5)]));
    expect(curve.fpPerScan).toEqual([0, 1, 1]);
    expect(curve.sensitivity).toEqual([0, 0, 1]);
    expect(at(0.5)).toBe(0);
    expect(at(1)).toBe(1); // straight up: the upper end counts
    expect(at(8)).toBe(1);
  });

  it('a hit and a false mark of one score make one slanting step', () => {
    // Two scans, one lesion; both marks at 0.5. Points (0, 0), (0.5, 1).
    const { at, cpm } = froc(judged('a', [nodule(0)], [mark(0, 0.5)]), judged('b', [], [mark(0, 0.5)]));
    expect([0.125, 0.25, 0.5].map(at)).toEqual([0.25, 0.5, 1]);
    expect(cpm).toBeCloseTo((0.25 + 0.5 + 5) / 7, 12);
  });

  it('a missed nodule stays in the denominator and out of the sweep', () => {
    const { curve } = froc(judged('a', [nodule(0), nodule(50)], [mark(0, 0.9), mark(90, 0.1)]));
    expect(curve.sensitivity).toEqual([0, 0.5, 0.5]);
    expect(curve.threshold).toEqual([Number.POSITIVE_INFINITY, 0.9, 0.1]);
  });

  it('a scan without marks and without nodules counts as a scan', () => {
    // The same false mark is 1 per scan on one scan and 0.25 on four.
    const one = judged('a', [nodule(0)], [mark(80, 0.9), mark(0, 0.5)]);
    const empty = ['b', 'c', 'd'].map((id) => judged(id, [], []));
    expect(froc(one).curve.fpPerScan.at(-1)).toBe(1);
    expect(froc(one, ...empty).curve.fpPerScan.at(-1)).toBe(0.25);
    expect(froc(one, ...empty).at(0.25)).toBe(1);
  });

  it('no nodules: there is no sensitivity, not 0 and not 1', () => {
    const scans = [judged('a', [], [mark(0, 0.5)]), judged('b', [nodule(0, { included: false })], [])];
    expect(frocCurve(frocEvents(scans.map(scoredScan)))).toBeUndefined();
    expect(frocCurve(frocEvents([]))).toBeUndefined();
  });

  it('nothing marked at all is 0, not undefined', () => {
    expect(froc(judged('a', [nodule(0)], [])).cpm).toBe(0);
  });

  it('weights count a scan so often', () => {
    const scans = [judged('a', [nodule(0)], [mark(0, 0.9)]), judged('b', [nodule(0)], [mark(80, 0.9)])];
    const events = frocEvents(scans.map(scoredScan));
    expect(frocCurve(events, Int32Array.of(2, 0))?.sensitivity.at(-1)).toBe(1);
    expect(frocCurve(events, Int32Array.of(0, 2))?.fpPerScan.at(-1)).toBe(1);
    expect(frocCurve(events, Int32Array.of(0, 2))?.sensitivity.at(-1)).toBe(0);
  });
});

it('the grid of LUNA16 has 10001 steps and both ends', () => {
  const grid = linspace(0.125, 8, 10_001);
  expect([grid.length, grid[0], grid.at(-1)]).toEqual([10_001, 0.125, 8]);
  expect(grid[1]).toBeCloseTo(0.125 + 7.875 / 10_000, 14);
  expect(LUNA16_RATES).toEqual([0.125, 0.25, 0.5, 1, 2, 4, 8]);
});
