import { describe, expect, it } from 'vitest';
import { ellipseStatistics, probe, samplesOf } from '../../../viewer/measure/roi-statistics.ts';
import { distance } from '../../../viewer/series/vector.ts';
import type { Point } from '../../../viewer/slice.ts';
import { pixelStack } from '../../support/pixel-stack.ts';

const CENTER: Point = [3, -4, 0];
const HEIGHTS = Array.from({ length: 21 }, (_none, at) => (at - 10) * 1.5);
/** A ball of 8 mm radius and 40 in -800; pixels are half as wide as high. */
const ball = {
  ...{ columns: 80, rows: 40, heights: HEIGHTS, spacingMm: [0.5, 1] as const },
  valueAt: (point: Point) => (distance(point, CENTER) <= 8 ? 40 : -800),
};
const planes = {
  axial: { plane: 'axial', index: 10, focalPoint: [0, 0, 0], right: [1, 0, 0], up: [0, -1, 0], normal: [0, 0, -1] },
  coronal: { plane: 'coronal', index: 16, focalPoint: [0, -4, 0], right: [1, 0, 0], up: [0, 0, 1], normal: [0, -1, 0] },
  sagittal: { plane: 'sagittal', index: 46, focalPoint: [3, 0, 0], right: [0, 1, 0], up: [0, 0, 1], normal: [1, 0, 0] },
} as const;

const ellipse = (
  { right, up }: (typeof planes)['axial' | 'coronal' | 'sagittal'],
  a: number,
  b: number,
): readonly Point[] => [
  CENTER,
  [CENTER[0] + right[0] * a, CENTER[1] + right[1] * a, CENTER[2] + right[2] * a],
  [CENTER[0] + up[0] * b, CENTER[1] + up[1] * b, CENTER[2] + up[2] * b],
];

describe('values below a measurement', () => {
  const { series, pixelsOf } = pixelStack(ball);

  it.each(['axial', 'coronal', 'sagittal'] as const)('are those of the pixels inside an ellipse, %s', (plane) => {
    const samples = samplesOf(series, pixelsOf, planes[plane]);
    const inside = samples && ellipseStatistics(samples, ellipse(planes[plane], 6, 5));
    expect(inside).toMatchObject({ mean: 40, sd: 0, min: 40, max: 40 });
    expect(inside?.areaMm2).toBeCloseTo(Math.PI * 30);
    // As many pixels as fit in: their number times their size is the area, within the rim.
    const [across = 1, down = 1] = samples?.grid.stepMm ?? [];
    expect(((inside?.pixels ?? 0) * across * down) / (Math.PI * 30)).toBeCloseTo(1, 0);
    const around = samples && ellipseStatistics(samples, ellipse(planes[plane], 12, 12));
    expect(around?.min).toBe(-800);
    expect(around?.sd).toBeGreaterThan(100);
  });

  it('are found at a point of every plane, and nowhere outside', () => {
    for (const slice of Object.values(planes)) {
      const samples = samplesOf(series, pixelsOf, slice);
      expect(samples && probe(samples, CENTER)).toBe(40);
      expect(samples && probe(samples, [300, 300, 300])).toBeUndefined();
    }
  });

  it('are found where the volume lies at an angle to the patient', () => {
    const [c, s] = [Math.cos(0.3), Math.sin(0.3)];
    const tilted = pixelStack({ ...ball, row: [c, s, 0], column: [-s, c, 0] });
    const samples = samplesOf(tilted.series, tilted.pixelsOf, planes.coronal);
    expect(samples && ellipseStatistics(samples, ellipse(planes.coronal, 5, 5))).toMatchObject({ mean: 40, sd: 0 });
    expect(samples && probe(samples, [CENTER[0] + 11, CENTER[1], 0])).toBe(-800);
  });

  it('leave out padding, and say nothing where there is no pixel', () => {
    const padded = (index: number) => {
      const pixels = pixelsOf(index);
      return pixels && { ...pixels, low: 0 };
    };
    const samples = samplesOf(series, padded, planes.axial);
    expect(samples && ellipseStatistics(samples, ellipse(planes.axial, 12, 12))).toMatchObject({ min: 40, mean: 40 });
    const none = samplesOf(series, () => undefined, planes.axial);
    expect(none && ellipseStatistics(none, ellipse(planes.axial, 5, 5))).toBeUndefined();
  });

  it('are stretched as the series says', () => {
    const scaled = (index: number) => {
      const pixels = pixelsOf(index);
      return pixels && { ...pixels, scale: { zero: 10, unit: 0.5 } };
    };
    const samples = samplesOf(series, scaled, planes.axial);
    expect(samples && probe(samples, CENTER)).toBe(30);
  });
});
