import type { MatchedScan } from './match-marks.ts';

/** What a reader sees when marks from `threshold` on are shown. */
export interface OperatingPoint {
  readonly id: string;
  readonly threshold: number;
  readonly found: number;
  readonly lesions: number;
  /** `undefined` without lesions. */
  readonly sensitivity: number | undefined;
  readonly falseMarks: number;
  readonly fpPerScan: number;
  /** Part of the marks that are hits; `undefined` without marks. */
  readonly precision: number | undefined;
  /** Scans without a lesion, and how many of them stay without a mark. */
  readonly negativeScans: number;
  readonly cleanNegativeScans: number;
}

export function operatingPoint(scans: readonly MatchedScan[], id: string, threshold: number): OperatingPoint {
  const lesions = scans.flatMap((scan) => scan.lesions);
  const found = lesions.filter(({ mark }) => mark !== undefined && mark.score >= threshold).length;
  const shown = (scan: MatchedScan) => scan.falseMarks.filter(({ score }) => score >= threshold).length;
  const falseMarks = scans.reduce((sum, scan) => sum + shown(scan), 0);
  const negative = scans.filter((scan) => scan.lesions.length === 0);
  return {
    id,
    threshold,
    found,
    lesions: lesions.length,
    sensitivity: lesions.length === 0 ? undefined : found / lesions.length,
    falseMarks,
    fpPerScan: scans.length === 0 ? 0 : falseMarks / scans.length,
    precision: found + falseMarks === 0 ? undefined : found / (found + falseMarks),
    negativeScans: negative.length,
    cleanNegativeScans: negative.filter((scan) => shown(scan) === 0).length,
  };
}
