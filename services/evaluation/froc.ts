/** What FROC needs of a scan: the best score on each lesion (`null`: missed) and the scores of its false marks. */
export interface ScoredScan {
  readonly lesions: readonly (number | null)[];
  readonly falseMarks: readonly number[];
}

/** False marks per scan at which CPM is the mean sensitivity (LUNA16). */
export const LUNA16_RATES: readonly number[] = [0.125, 0.25, 0.5, 1, 2, 4, 8];

/** Hits and false marks of all scans by falling score, ready to be swept again and again with other weights. */
export interface FrocEvents {
  readonly score: Float64Array;
  readonly scan: Int32Array;
  readonly isHit: Uint8Array;
  /** Lesions of each scan, missed ones too; its length is the number of scans, empty ones too. */
  readonly lesionsOfScan: Int32Array;
}

/** A broken line that starts at (0, 0) and never falls; one point per distinct score. */
export interface FrocCurve {
  readonly fpPerScan: readonly number[];
  readonly sensitivity: readonly number[];
  /** Score from which a mark counts, of each point; `Infinity` at (0, 0). */
  readonly threshold: readonly number[];
}

export function frocEvents(scans: readonly ScoredScan[]): FrocEvents {
  const events = scans
    .flatMap(({ lesions, falseMarks }, scan) => [
      ...lesions.flatMap((score) => (score === null ? [] : [{ score, scan, isHit: 1 }])),
      ...falseMarks.map((score) => ({ score, scan, isHit: 0 })),
    ])
    .sort((a, b) => b.score - a.score);
  return {
    score: Float64Array.from(events, ({ score }) => score),
    scan: Int32Array.from(events, ({ scan }) => scan),
    isHit: Uint8Array.from(events, ({ isHit }) => isHit),
    lesionsOfScan: Int32Array.from(scans, ({ lesions }) => lesions.length),
  };
}

/**
 * The curve, or `undefined` when there is no lesion to find. `weights` says how often each scan counts (a bootstrap
 * sample); default once. A missed lesion is in the denominator and in no point (LUNA16, rules 6 and 7).
 */
export function frocCurve({ score, scan, isHit, lesionsOfScan }: FrocEvents, weights?: Int32Array) {
  const weightOf = (index: number) => (weights ? (weights[index] as number) : 1);
  const scans = lesionsOfScan.reduce((sum, _count, index) => sum + weightOf(index), 0);
  const lesions = lesionsOfScan.reduce((sum, count, index) => sum + count * weightOf(index), 0);
  if (lesions === 0) return undefined;
  const [fpPerScan, sensitivity, threshold] = [[0], [0], [Number.POSITIVE_INFINITY]];
  for (let at = 0, hits = 0, falseMarks = 0; at < score.length; ) {
    const level = score[at] as number;
    const before = hits + falseMarks;
    for (; at < score.length && score[at] === level; at++) {
      const weight = weightOf(scan[at] as number);
      if (isHit[at] === 1) hits += weight;
      else falseMarks += weight;
    }
    if (hits + falseMarks === before) continue;
    fpPerScan.push(falseMarks / scans);
    sensitivity.push(hits / lesions);
    threshold.push(level);
  }
  return { fpPerScan, sensitivity, threshold } satisfies FrocCurve;
}

/**
 * Sensitivity at a rate of false marks per scan, linear between points. Where the curve rises straight up the upper end
 * counts; behind its last point it stays level (rule 8).
 */
export function sensitivityAt({ fpPerScan, sensitivity }: FrocCurve, rate: number): number {
  let [low, high] = [0, fpPerScan.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((fpPerScan[middle] as number) <= rate) low = middle;
    else high = middle;
  }
  const [x0, y0] = [fpPerScan[low] as number, sensitivity[low] as number];
  if (low === fpPerScan.length - 1) return y0;
  const [x1, y1] = [fpPerScan[low + 1] as number, sensitivity[low + 1] as number];
  return y0 + ((y1 - y0) * (rate - x0)) / (x1 - x0);
}

/** Competition performance metric: the mean sensitivity at the seven rates. */
export const cpmOf = (curve: FrocCurve): number =>
  LUNA16_RATES.reduce((sum, rate) => sum + sensitivityAt(curve, rate), 0) / LUNA16_RATES.length;

/** `count` numbers from `from` to `to`, both ends included. LUNA16 draws its curves on `linspace(0.125, 8, 10001)`. */
export const linspace = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => (i === count - 1 ? to : from + (i * (to - from)) / (count - 1)));
