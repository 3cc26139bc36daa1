import { type BootstrapOptions, bootstrap, type Interval } from './bootstrap.ts';
import { cpmOf, type FrocCurve, frocCurve, frocEvents, LUNA16_RATES, type ScoredScan, sensitivityAt } from './froc.ts';
import type { MatchedLesion, MatchedScan } from './match-marks.ts';

export interface FrocSummary {
  readonly curve: FrocCurve;
  readonly cpm: number;
  readonly cpmInterval: Interval | undefined;
  readonly rates: readonly RatePoint[];
  /** Where the curve is drawn, with its interval. */
  readonly band: readonly (Interval & { readonly fpPerScan: number })[];
}

interface RatePoint {
  readonly fpPerScan: number;
  readonly sensitivity: number;
  readonly interval: Interval | undefined;
}

/** Sensitivity of a part of the lesions, at a rate of false marks on all scans. */
export interface Stratum {
  readonly name: string;
  readonly value: string;
  readonly lesions: number;
  readonly sensitivity: number;
  readonly interval: Interval | undefined;
}

const BAND_POINTS = 97;

export const scoredScan = ({ lesions, falseMarks }: MatchedScan): ScoredScan => ({
  lesions: lesions.map(({ mark }) => mark?.score ?? null),
  falseMarks: falseMarks.map(({ score }) => score),
});

/** Curve, CPM and sensitivities with their intervals over scans; `undefined` without a lesion. */
export function summarizeFroc(
  scans: readonly ScoredScan[],
  options: BootstrapOptions,
  rates: readonly number[] = LUNA16_RATES,
): FrocSummary | undefined {
  const events = frocEvents(scans);
  const curve = frocCurve(events);
  if (curve === undefined) return undefined;
  const grid = logGrid(rates[0] ?? 0.125, rates.at(-1) ?? 8);
  const [cpmInterval, ...intervals] = bootstrap(scans.length, options, (weights) => {
    const sample = frocCurve(events, weights);
    return sample
      ? [cpmOf(sample), ...[...rates, ...grid].map((rate) => sensitivityAt(sample, rate))]
      : [...rates, ...grid, 0].map(() => undefined);
  });
  return {
    curve,
    cpm: cpmOf(curve),
    cpmInterval,
    rates: rates.map((fpPerScan, i) => ({
      fpPerScan,
      sensitivity: sensitivityAt(curve, fpPerScan),
      interval: intervals[i],
    })),
    band: grid.flatMap((fpPerScan, i) => {
      const interval = intervals[rates.length + i];
      return interval ? [{ fpPerScan, ...interval }] : [];
    }),
  };
}

/** Steps of equal ratio, as a FROC is drawn. */
const logGrid = (from: number, to: number): number[] =>
  Array.from({ length: BAND_POINTS }, (_, i) => from * (to / from) ** (i / (BAND_POINTS - 1)));

/**
 * Sensitivity at `rate` false marks per scan for each value of each stratum and for the sizes of LUNA16. The false marks
 * are those of all scans, so the mean of a stratum's values, weighted by their lesions, is the sensitivity of all.
 */
export function stratify(scans: readonly MatchedScan[], rate: number, options: BootstrapOptions): Stratum[] {
  const groups = new Map<string, { name: string; value: string }>();
  for (const { lesions } of scans)
    for (const { lesion } of lesions)
      for (const [name, value] of strataOf(lesion)) groups.set(`${name}\n${value}`, { name, value });
  return [...groups.values()].map(({ name, value }) => {
    const isIn = ({ lesion }: MatchedLesion) => strataOf(lesion).some(([n, v]) => n === name && v === value);
    const part = scans.map((scan) => scoredScan({ ...scan, lesions: scan.lesions.filter(isIn) }));
    const events = frocEvents(part);
    const curve = frocCurve(events);
    const [interval] = bootstrap(part.length, options, (weights) => {
      const sample = frocCurve(events, weights);
      return [sample && sensitivityAt(sample, rate)];
    });
    const lesions = part.reduce((sum, scan) => sum + scan.lesions.length, 0);
    return { name, value, lesions, sensitivity: curve ? sensitivityAt(curve, rate) : 0, interval };
  });
}

/** On an image, nobody measures millimetres. */
const strataOf = ({ diameterMm, strata, image }: MatchedLesion['lesion']): [string, string][] => [
  ...(image === undefined ? [['size', sizeBand(diameterMm)] as [string, string]] : []),
  ...Object.entries(strata),
];

/** Lower ends of the size bands, mm. */
const SIZE_BANDS = [0, 4, 6, 8, 15];

/** The bands of size that every report uses. */
export function sizeBand(diameterMm: number | undefined): string {
  if (diameterMm === undefined || diameterMm < 0) return 'not measured';
  const at = SIZE_BANDS.findLastIndex((from) => diameterMm >= from);
  if (at === 0) return '< 4 mm';
  const to = SIZE_BANDS[at + 1];
  return to === undefined ? `>= ${SIZE_BANDS[at]} mm` : `${SIZE_BANDS[at]}-${to} mm`;
}
