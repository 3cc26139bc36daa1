import { seededRandom } from './random.ts';

export interface BootstrapOptions {
  /** LUNA16: 1000. */
  readonly samples: number;
  readonly seed: number;
  /** What is drawn together, one name per scan: cubes of one series, scans of one patient. Default: each by itself. */
  readonly groups?: readonly string[] | undefined;
}

/** Mean and 95 % band of a number over the samples that have it. */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

const CONFIDENCE = 0.95;

/** Samples of fewer scans look alike, and their interval would promise what it cannot hold. */
const FEWEST_SCANS = 10;

/**
 * Samples of `count` scans, or of their groups, with replacement: how often each scan counts. One buffer, overwritten by
 * the next sample. The seed alone decides, so that two systems on the same scans see the same samples.
 */
export function* resamples(count: number, { samples, seed, groups }: BootstrapOptions): Generator<Int32Array> {
  const random = seededRandom(seed);
  const units = unitsOf(count, groups);
  const weights = new Int32Array(count);
  for (let sample = 0; sample < samples; sample++) {
    weights.fill(0);
    for (let draw = 0; draw < units.length; draw++)
      for (const scan of units[random.below(units.length)] ?? []) weights[scan] = (weights[scan] as number) + 1;
    yield weights;
  }
}

/** The scans of each group, in the order in which groups appear. */
function unitsOf(count: number, groups: readonly string[] | undefined): readonly (readonly number[])[] {
  const scans = Array.from({ length: count }, (_, scan) => scan);
  return groups ? [...Map.groupBy(scans, (scan) => groups[scan]).values()] : scans.map((scan) => [scan]);
}

/** Enough scans, or groups of them, for an interval? */
export const isEnough = (count: number, { groups }: BootstrapOptions): boolean =>
  unitsOf(count, groups).length >= FEWEST_SCANS;

/**
 * Runs `statistics` on every sample and answers one interval per number. A sample that has no value (no lesion was drawn)
 * is left out of that number; `undefined` when none has one, or when there are fewer than ten scans.
 */
export function bootstrap(
  count: number,
  options: BootstrapOptions,
  statistics: (weights: Int32Array) => readonly (number | undefined)[],
): (Interval | undefined)[] {
  if (!isEnough(count, options)) return [];
  const columns: number[][] = [];
  for (const weights of resamples(count, options))
    for (const [column, value] of statistics(weights).entries()) {
      columns[column] ??= [];
      if (value !== undefined) columns[column].push(value);
    }
  return columns.map((values) => (values.length === 0 ? undefined : interval(values)));
}

/** Percentiles as LUNA16 takes them: the sorted value at floor(p n). */
function interval(values: readonly number[]): Interval {
  const sorted = Float64Array.from(values).sort();
  const tail = (1 - CONFIDENCE) / 2;
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] as number;
  return { mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length, low: at(tail), high: at(1 - tail) };
}
