import { describe, expect, it } from 'vitest';
import { averagePrecision, meanAveragePrecision } from '../../services/evaluation/average-precision.ts';
import { calibration } from '../../services/evaluation/calibration.ts';
import { examAuroc } from '../../services/evaluation/exam-auroc.ts';
import { sizeBand } from '../../services/evaluation/froc-summary.ts';
import { boxIou, cubeAround } from '../../services/evaluation/lesion.ts';
import { localizationError } from '../../services/evaluation/localization-error.ts';
import { operatingPoint } from '../../services/evaluation/operating-point.ts';
import { parityOf } from '../../services/evaluation/parity.ts';
import { judged, mark, nodule } from './lesions.ts';

describe('average precision at IoU 0.1 (as COCO)', () => {
  const scan = (lesions: ReturnType<typeof nodule>[], marks: ReturnType<typeof mark>[]) => ({
    truth: { id: 'a', lesions },
    marks,
  });

  it('is 1 for a perfect list and 0 for one of false marks', () => {
    expect(averagePrecision([scan([nodule(0), nodule(50)], [mark(0, 0.9), mark(50, 0.8)])], 0.1)).toBe(1);
    expect(averagePrecision([scan([nodule(0)], [mark(90, 0.9)])], 0.1)).toBe(0);
    expect(averagePrecision([scan([], [mark(90, 0.9)])], 0.1)).toBeUndefined();
  });

  it('counts a second mark on a lesion as false', () => {
    // hit, double, hit: precision 1, 1/2, 2/3; 51 recalls up to 0.5 at 1, 50 at 2/3.
    const value = averagePrecision([scan([nodule(0), nodule(50)], [mark(0, 0.9), mark(1, 0.8), mark(50, 0.7)])], 0.1);
    expect(value).toBeCloseTo((51 + (50 * 2) / 3) / 101, 12);
  });

  it('leaves out a mark on nothing but an excluded finding', () => {
    const excluded = nodule(100, { included: false });
    expect(averagePrecision([scan([nodule(0), excluded], [mark(100, 0.99), mark(0, 0.5)])], 0.1)).toBe(1);
  });

  it('falls with the overlap that is asked', () => {
    // Cubes of 10 mm moved by 5 mm overlap by 1/3: found at .10 … .30, not at .35 … .50.
    expect(meanAveragePrecision([scan([nodule(0)], [mark(5, 0.9)])])).toBeCloseTo(5 / 9, 12);
    expect(boxIou(cubeAround([0, 0, 0], 10), cubeAround([5, 0, 0], 10))).toBeCloseTo(1 / 3, 12);
  });
});

it('AUROC of examinations counts ties half and no mark as lowest', () => {
  const exam = (isPositive: boolean, score: number | undefined) => ({ isPositive, score });
  expect(examAuroc([exam(true, 0.9), exam(false, 0.1), exam(false, undefined)])).toBe(1);
  expect(examAuroc([exam(true, 0.5), exam(false, 0.5)])).toBe(0.5);
  expect(examAuroc([exam(true, undefined), exam(true, 0.8), exam(false, 0.5), exam(false, undefined)])).toBe(
    (0 + 0.5 + 1 + 1) / 4,
  );
  expect(examAuroc([exam(true, 0.5)])).toBeUndefined();
});

describe('errors of place and size', () => {
  it('are those of the best marks: bias, spread, limits of agreement', () => {
    const error = localizationError([
      judged('a', [nodule(0), nodule(50)], [mark(1, 0.9, 12), mark(0, 0.2, 99), mark(53, 0.8, 9)]),
      judged('b', [nodule(0), nodule(90)], [mark(2, 0.5, 11)]),
    ]);
    expect(error).toMatchObject({ hits: 3, centerMedianMm: 2 });
    // Differences 2, -1, 1: mean 2/3, sd sqrt(7/3).
    expect(error?.diameter?.biasMm).toBeCloseTo(2 / 3, 12);
    expect(error?.diameter?.medianMm).toBe(1);
    expect(error?.diameter?.sdMm).toBeCloseTo(Math.sqrt(7 / 3), 12);
    expect(error?.diameter?.limitsMm[1]).toBeCloseTo(2 / 3 + 1.96 * Math.sqrt(7 / 3), 12);
  });

  it('are none when nothing was found, and without size when nobody measured it', () => {
    expect(localizationError([judged('a', [nodule(0)], [])])).toBeUndefined();
    expect(localizationError([judged('a', [nodule(0, { diameterMm: -1 })], [mark(1, 0.9)])])?.diameter).toBeUndefined();
  });
});

describe('calibration', () => {
  const scans = (hits: number, of: number, score: number) =>
    Array.from({ length: of }, (_, at) => judged(`${score} ${at}`, at < hits ? [nodule(0)] : [], [mark(0, score)]));

  it('is 0 when a tenth of the marks of 0.1 are hits and nine tenths of those of 0.9', () => {
    expect(calibration([...scans(1, 10, 0.1), ...scans(9, 10, 0.9)])?.ece).toBeLessThan(0.25);
    const exact = calibration([...scans(0, 15, 0), ...scans(15, 15, 1)]);
    expect(exact?.ece).toBe(0);
    expect(exact?.bins).toHaveLength(15);
  });

  it('is the distance when every score is too high', () => {
    expect(calibration(scans(0, 30, 0.8))?.ece).toBeCloseTo(0.8, 12);
  });

  it('does not exist for scores that are no probability, or without marks', () => {
    expect(calibration([judged('a', [], [mark(0, 3)])])).toBeUndefined();
    expect(calibration([judged('a', [nodule(0)], [])])).toBeUndefined();
  });
});

it('an operating point counts what a reader sees', () => {
  const point = operatingPoint(
    [
      judged('a', [nodule(0), nodule(50)], [mark(0, 0.8), mark(50, 0.4), mark(90, 0.6), mark(99, 0.5)]),
      judged('b', [], [mark(0, 0.2)]),
    ],
    'default',
    0.5,
  );
  expect(point).toEqual({
    id: 'default',
    threshold: 0.5,
    found: 1,
    lesions: 2,
    sensitivity: 0.5,
    falseMarks: 2,
    fpPerScan: 1,
    precision: 1 / 3,
    negativeScans: 1,
    cleanNegativeScans: 1,
  });
});

it('sizes fall into the bands of LUNA16 reports', () => {
  expect([3, 4, 5.99, 6, 8, 15, 30, -1].map(sizeBand)).toEqual([
    '< 4 mm',
    '4-6 mm',
    '4-6 mm',
    '6-8 mm',
    '8-15 mm',
    '>= 15 mm',
    '>= 15 mm',
    'not measured',
  ]);
});

it('parity pairs marks of one spot and names those without a partner', () => {
  const reference = [mark(0, 0.9), mark(50, 0.5)];
  expect(parityOf(reference, reference)).toEqual({ matched: 2, unmatched: 0, maxScoreDifference: 0, maxCenterMm: 0 });
  const other = parityOf(reference, [mark(0.5, 0.88), mark(90, 0.5)]);
  expect(other).toMatchObject({ matched: 1, unmatched: 2, maxCenterMm: 0.5 });
  expect(other.maxScoreDifference).toBeCloseTo(0.02, 12);
});
