import { type BootstrapOptions, isEnough, resamples } from './bootstrap.ts';
import {
  cpmOf,
  type FrocCurve,
  type FrocEvents,
  frocCurve,
  frocEvents,
  type ScoredScan,
  sensitivityAt,
} from './froc.ts';

/** How far system b lies above system a on the same scans. */
export interface PairedDifference {
  readonly delta: number;
  /** `undefined` with fewer than ten scans. */
  readonly doubt: Doubt | undefined;
}

/** 95 % interval and probability of a difference. */
interface Doubt {
  readonly low: number;
  readonly high: number;
  /** Two-sided: how often a difference of the other sign, or none, was drawn; never 0. */
  readonly p: number;
}

/** The number that is compared: CPM, or the sensitivity at one rate of false marks per scan. */
export type FrocStatistic = 'cpm' | number;

/**
 * Difference b - a with its 95 % interval over samples of scans. Both systems are read on the same samples, so what makes
 * a scan hard for both falls out.
 *
 * `undefined` when there is no lesion, or when the scans of a and b are not the same number.
 */
export function pairedDifference(
  a: readonly ScoredScan[],
  b: readonly ScoredScan[],
  statistic: FrocStatistic,
  options: BootstrapOptions,
): PairedDifference | undefined {
  if (a.length !== b.length) return undefined;
  const [eventsA, eventsB] = [frocEvents(a), frocEvents(b)];
  const difference = (weights?: Int32Array): number | undefined => {
    const [one, other] = [value(eventsA, statistic, weights), value(eventsB, statistic, weights)];
    return one === undefined || other === undefined ? undefined : other - one;
  };
  const delta = difference();
  if (delta === undefined) return undefined;
  if (!isEnough(a.length, options)) return { delta, doubt: undefined };
  const drawn: number[] = [];
  for (const weights of resamples(a.length, options)) {
    const sample = difference(weights);
    if (sample !== undefined) drawn.push(sample);
  }
  drawn.sort((x, y) => x - y);
  const at = (part: number) => drawn[Math.min(drawn.length - 1, Math.floor(part * drawn.length))] ?? delta;
  const notAbove = drawn.filter((sample) => sample <= 0).length;
  const notBelow = drawn.filter((sample) => sample >= 0).length;
  const p = Math.min(1, (2 * (Math.min(notAbove, notBelow) + 1)) / (drawn.length + 1));
  return { delta, doubt: { low: at(0.025), high: at(0.975), p } };
}

function value(events: FrocEvents, statistic: FrocStatistic, weights?: Int32Array): number | undefined {
  const curve: FrocCurve | undefined = frocCurve(events, weights);
  if (curve === undefined) return undefined;
  return statistic === 'cpm' ? cpmOf(curve) : sensitivityAt(curve, statistic);
}
