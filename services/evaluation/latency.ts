import { nearestRank, quantileInterval } from './quantile.ts';

/** Seconds of many runs of one thing. */
export interface Latency {
  readonly count: number;
  readonly min: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  /** 95 % interval of p95 by rank; `undefined` when there are too few runs to have one. */
  readonly p95Interval: readonly [number, number] | undefined;
}

export function latencyOf(seconds: readonly number[]): Latency {
  const at = (part: number) => nearestRank(seconds, part);
  return {
    count: seconds.length,
    min: at(0),
    mean: seconds.reduce((sum, value) => sum + value, 0) / seconds.length,
    p50: at(0.5),
    p90: at(0.9),
    p95: at(0.95),
    p99: at(0.99),
    max: at(1),
    p95Interval: quantileInterval(seconds, 0.95),
  };
}
