import type { Translate } from '../locales/translate.ts';
import type { ImageSeries } from '../series/image-series.ts';
import type { CutPlane, PixelsOf } from '../series/plane-grid.ts';
import type { LengthUnit } from '../series/series-image.ts';
import { distance } from '../series/vector.ts';
import { angleOf, axesOf, type Measurement } from './measurement.ts';
import { ellipseStatistics, probe, samplesOf } from './roi-statistics.ts';

interface Seen {
  readonly series: ImageSeries;
  readonly pixelsOf: PixelsOf;
  readonly slice: CutPlane;
}

/** What a measurement says, a line each; values are those of the pixels, not of what is on screen. */
export function measuredLines(
  { tool, points }: Pick<Measurement, 'tool' | 'points'>,
  { series, pixelsOf, slice }: Seen,
  t: Translate,
): readonly string[] {
  const unit = series.images[slice.plane === 'axial' ? slice.index : 0]?.lengthUnit ?? 'pixel';
  const [first, second] = points;
  if (!first) return [];
  switch (tool) {
    case 'length':
      return [t(LENGTH[unit], { value: second ? distance(first, second).toFixed(1) : '0.0' })];
    case 'bidirectional': {
      const [long, short] = axesOf(points);
      return [t(LENGTH[unit], { value: `${long.toFixed(1)} × ${short.toFixed(1)}` })];
    }
    case 'angle':
      return [t('measure.degrees', { value: angleOf(points).toFixed(1) })];
    case 'probe': {
      const samples = samplesOf(series, pixelsOf, slice);
      const value = samples && probe(samples, first);
      return [value === undefined ? t('measure.noValue') : t(valueUnit(series, pixelsOf), { value: number(value) })];
    }
    default: {
      const samples = samplesOf(series, pixelsOf, slice);
      const statistics = samples && ellipseStatistics(samples, points);
      if (!statistics) return [t('measure.noValue')];
      const { mean, sd, min, max, areaMm2, pixels } = statistics;
      const withUnit = (value: number) => t(valueUnit(series, pixelsOf), { value: number(value) });
      return [
        t('measure.mean', { mean: withUnit(mean), sd: number(sd) }),
        t('measure.range', { min: number(min), max: number(max) }),
        t(AREA[unit], { value: areaMm2 < 100 ? areaMm2.toFixed(1) : areaMm2.toFixed(0), pixels }),
      ];
    }
  }
}

const LENGTH = {
  mm: 'measure.mm',
  detector: 'measure.detectorMm',
  pixel: 'measure.pixels',
} as const satisfies Record<LengthUnit, string>;
const AREA = {
  mm: 'measure.areaMm',
  detector: 'measure.areaDetector',
  pixel: 'measure.areaPixels',
} as const satisfies Record<LengthUnit, string>;

/** HU only where the numbers are what was measured. */
const valueUnit = ({ isHounsfield, images }: ImageSeries, pixelsOf: PixelsOf) => {
  const known = images.findIndex((_image, index) => pixelsOf(index) !== undefined);
  return isHounsfield && pixelsOf(known)?.isMeasured ? 'measure.hu' : 'measure.plain';
};

const number = (value: number): string =>
  Math.abs(value) >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(4)));
