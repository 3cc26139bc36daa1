import type { MatchedScan } from './match-marks.ts';

/** Do scores mean what they say? Marks with a hit rate beside their mean score, in bins of equal count. */
export interface Calibration {
  /** Expected calibration error: the mean distance of hit rate and score, weighted by marks. */
  readonly ece: number;
  readonly marks: number;
  readonly bins: readonly CalibrationBin[];
}

interface CalibrationBin {
  readonly marks: number;
  readonly meanScore: number;
  readonly hitRate: number;
}

const BINS = 15;

/**
 * The best mark of each lesion that was found counts as a hit, every false mark as none; duplicates and ignored marks do
 * not count. `undefined` without marks or when a score is no probability.
 */
export function calibration(scans: readonly MatchedScan[]): Calibration | undefined {
  const marks = scans
    .flatMap(({ lesions, falseMarks }) => [
      ...lesions.flatMap(({ mark }) => (mark ? [{ score: mark.score, hit: 1 }] : [])),
      ...falseMarks.map(({ score }) => ({ score, hit: 0 })),
    ])
    .sort((a, b) => a.score - b.score);
  if (marks.length === 0 || marks.some(({ score }) => score < 0 || score > 1)) return undefined;
  const count = Math.min(BINS, marks.length);
  const bins = Array.from({ length: count }, (_, bin): CalibrationBin => {
    const part = marks.slice(Math.floor((bin * marks.length) / count), Math.floor(((bin + 1) * marks.length) / count));
    const mean = (of: (mark: (typeof marks)[number]) => number) =>
      part.reduce((sum, mark) => sum + of(mark), 0) / part.length;
    return { marks: part.length, meanScore: mean(({ score }) => score), hitRate: mean(({ hit }) => hit) };
  });
  const ece = bins.reduce((sum, bin) => sum + (bin.marks * Math.abs(bin.hitRate - bin.meanScore)) / marks.length, 0);
  return { ece, marks: marks.length, bins };
}
