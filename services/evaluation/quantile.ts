/** The quantile between two values by their distance (type 7 of Hyndman and Fan). `NaN` of nothing. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = part * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)] ?? Number.NaN, sorted[Math.ceil(at)] ?? Number.NaN];
  return low + (high - low) * (at - Math.floor(at));
}

/** The smallest value that at least `part` of all do not exceed: how MLPerf reads a latency. `NaN` of nothing. */
export function nearestRank(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}

/**
 * 95 % interval of a quantile from the order of the values alone: the ranks between which the quantile lies by the
 * binomial distribution. `undefined` when there are too few values to say so (p95: fewer than 72).
 */
export function quantileInterval(values: readonly number[], part: number): readonly [number, number] | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const below = cumulativeBinomial(sorted.length, part);
  const low = below.findLastIndex((p) => p <= 0.025);
  const high = below.findIndex((p) => p >= 0.975);
  // Rank r (1-based) is an upper bound when P(X <= r - 1) >= 0.975; `high` is that r - 1.
  const [from, to] = [sorted[low], sorted[high]];
  return low < 0 || high < 0 || from === undefined || to === undefined ? undefined : [from, to];
}

/** P(X <= k) for k = 0 … n. */
function cumulativeBinomial(n: number, p: number): number[] {
  const logs = [0];
  for (let k = 1; k <= n; k++) logs.push((logs[k - 1] as number) + Math.log(n - k + 1) - Math.log(k));
  let sum = 0;
  return logs.map((choose, k) => {
    sum += Math.exp(choose + k * Math.log(p) + (n - k) * Math.log(1 - p));
    return sum;
  });
}
