import { AppError } from '../domain/errors.ts';
import { sensitivityAt } from '../evaluation/froc.ts';
import type { AccuracyMetrics } from './accuracy-metrics.ts';
import type { SpeedMetrics } from './speed-metrics.ts';

/** A number that gates and comparisons speak of. */
export interface GateMetric {
  readonly name: string;
  readonly title: string;
  readonly better: 'higher' | 'lower';
  readonly scope: 'accuracy' | 'speed';
  /** Digits after the point. */
  readonly digits: number;
  accuracy?(metrics: AccuracyMetrics): number | null | undefined;
  speed?(metrics: SpeedMetrics): number | null | undefined;
}

type Row = readonly [title: string, better: GateMetric['better'], digits: number];
type Accuracy = (metrics: AccuracyMetrics) => number | null | undefined;
type Speed = (metrics: SpeedMetrics) => number | null | undefined;

const defaultPoint = ({ operatingPoints }: AccuracyMetrics) => operatingPoints.find(({ isDefault }) => isDefault);

// biome-ignore format: a table
const ACCURACY: Readonly<Record<string, readonly [...Row, Accuracy]>> = {
  cpm:            ['CPM',                                     'higher', 3, ({ froc }) => froc?.cpm],
  'ap@0.1':       ['AP at IoU 0.1',                           'higher', 3, ({ averagePrecision }) => averagePrecision?.ap10],
  map:            ['mAP at IoU 0.1 to 0.5',                   'higher', 3, ({ averagePrecision }) => averagePrecision?.map10to50],
  auroc:          ['AUROC of examinations',                   'higher', 3, ({ examAuroc }) => examAuroc],
  ece:            ['calibration error (ECE)',                 'lower',  3, ({ calibration }) => calibration?.ece],
  found:          ['lesions found at the default point',      'higher', 0, (metrics) => defaultPoint(metrics)?.found],
  sensitivity:    ['sensitivity at the default point',        'higher', 3, (metrics) => defaultPoint(metrics)?.sensitivity],
  fpPerScan:      ['false marks per scan, default point',     'lower',  2, (metrics) => defaultPoint(metrics)?.fpPerScan],
  centerMm:       ['median error of centres, mm',             'lower',  2, ({ localization }) => localization?.centerMedianMm],
  diameterBiasMm: ['median error of diameters, absolute, mm', 'lower',  2, ({ localization }) => absolute(localization?.diameter?.medianMm)],
};

// biome-ignore format: a table
const SPEED: Readonly<Record<string, readonly [...Row, Speed]>> = {
  p50:            ['end to end p50, s',            'lower',  2, ({ singleStream }) => singleStream?.endToEnd.p50],
  p90:            ['end to end p90, s',            'lower',  2, ({ singleStream }) => singleStream?.endToEnd.p90],
  p95:            ['end to end p95, s',            'lower',  2, ({ singleStream }) => singleStream?.endToEnd.p95],
  p99:            ['end to end p99, s',            'lower',  2, ({ singleStream }) => singleStream?.endToEnd.p99],
  graphP95:       ['graph p95, s',                 'lower',  2, ({ singleStream }) => singleStream?.graph.p95],
  graphShare:     ['share of the graph',           'higher', 2, ({ singleStream }) => singleStream?.graphShare],
  cpuSeconds:     ['CPU seconds per study',        'lower',  1, ({ singleStream, offline }) => (singleStream ?? offline)?.cpuSecondsPerStudy],
  rssMb:          ['peak resident memory, MB',     'lower',  0, ({ singleStream, offline }) => (singleStream ?? offline)?.peakRssMb],
  studiesPerHour: ['studies per hour, Offline',    'higher', 0, ({ offline }) => offline?.studiesPerHour],
  servedPerHour:  ['studies per hour, Server',     'higher', 0, ({ server }) => server?.studiesPerHour],
  parity:         ['largest difference of scores', 'lower',  6, ({ matrix }) => worstParity(matrix)],
};

/** @throws {AppError} BENCH_INVALID for a name that is none. */
export function gateMetric(name: string): GateMetric {
  const rate = Number(/^sens@([\d.]+)$/.exec(name)?.[1] ?? Number.NaN);
  if (Number.isFinite(rate)) {
    const title = `sensitivity at ${rate} false marks per scan`;
    const accuracy: Accuracy = ({ froc }) => froc && sensitivityAt(curveOf(froc.curve), rate);
    return { name, title, better: 'higher', scope: 'accuracy', digits: 3, accuracy };
  }
  const [ofAccuracy, ofSpeed] = [ACCURACY[name], SPEED[name]];
  if (ofAccuracy) {
    const [title, better, digits, accuracy] = ofAccuracy;
    return { name, title, better, scope: 'accuracy', digits, accuracy };
  }
  if (ofSpeed) {
    const [title, better, digits, speed] = ofSpeed;
    return { name, title, better, scope: 'speed', digits, speed };
  }
  const known = ['sens@RATE', ...Object.keys(ACCURACY), ...Object.keys(SPEED)].join(', ');
  throw new AppError('BENCH_INVALID', `there is no metric "${name}"; there are ${known}`);
}

const curveOf = ({ fpPerScan, sensitivity }: NonNullable<AccuracyMetrics['froc']>['curve']) => ({
  fpPerScan,
  sensitivity,
  threshold: [],
});

const absolute = (value: number | undefined): number | undefined => (value === undefined ? value : Math.abs(value));

function worstParity(matrix: SpeedMetrics['matrix']): number | undefined {
  const cells = matrix.flatMap(({ parity }) => (parity ? [parity] : []));
  if (cells.length === 0) return undefined;
  // A mark without a partner differs by all of its score.
  return cells.reduce((most, cell) => Math.max(most, cell.unmatched > 0 ? 1 : cell.maxScoreDifference), 0);
}
