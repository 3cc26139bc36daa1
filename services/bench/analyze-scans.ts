import { AppError } from '../domain/errors.ts';
import type { Reason } from '../domain/reason.ts';
import type { StageSeconds } from '../domain/run.ts';
import type { Mark } from '../evaluation/lesion.ts';
import type { BenchAnalyzer } from './bench-analyzer.ts';
import type { BenchScan } from './dataset.ts';
import { checkImageTruth } from './image-truth.ts';
import { marksOf } from './marks-of.ts';
import { readScanFiles, type ScanFiles } from './scan-files.ts';
import { checkTruth, faceDistanceVoxels, seriesGrid } from './series-grid.ts';

/** What became of one scan. */
export interface ScanResult {
  readonly scan: BenchScan;
  readonly SeriesInstanceUID: string;
  readonly outcome: 'ANALYSED' | 'NOT_ANALYSABLE' | 'FAILED';
  /** Why it was refused or failed. */
  readonly reason: Reason | undefined;
  readonly marks: readonly Mark[];
  /** Voxels from a mark to the nearest face of the volume; `undefined` where there are no images. */
  readonly faceDistance: ((mark: Mark) => number) | undefined;
  readonly seconds: number | undefined;
  readonly stageSeconds: StageSeconds;
  readonly provider: string | undefined;
  readonly imagesSha256: string | undefined;
}

export type Progress = (text: string) => void;

/**
 * Reads each scan, checks its truth against its images, and gives it to the analyzer, one after another. Defects of the
 * data end the run: a number over a part of the data would be a wrong one. A scan that the analyzer fails on is a result.
 *
 * @throws {AppError} BENCH_DATA_INCOMPLETE, TRUTH_INVALID.
 */
export async function analyzeScans(
  scans: readonly BenchScan[],
  analyzer: BenchAnalyzer,
  signal: AbortSignal,
  progress: Progress,
): Promise<ScanResult[]> {
  const results: ScanResult[] = [];
  for (const scan of scans) {
    const files = await readScanFiles(scan);
    const grid = scan.holds === 'a volume' ? seriesGrid(files.headers) : undefined;
    if (scan.holds !== 'a volume') checkImageTruth(files.headers, scan);
    if (grid) checkTruth(grid, scan.truth);
    const result = await analyzeScan(scan, files, analyzer, signal);
    results.push({ ...result, faceDistance: grid && (({ center }) => faceDistanceVoxels(grid, center)) });
    progress(`${results.length}/${scans.length} ${scan.id}: ${outcomeText(result)}`);
  }
  return results;
}

async function analyzeScan(
  scan: BenchScan,
  { inputs, SeriesInstanceUID, sha256 }: ScanFiles,
  analyzer: BenchAnalyzer,
  signal: AbortSignal,
): Promise<Omit<ScanResult, 'faceDistance'>> {
  const about = { scan, SeriesInstanceUID, imagesSha256: sha256 };
  try {
    const { answer, seconds } = await analyzer.analyze(inputs, signal);
    const { outcome, stageSeconds } = answer;
    if (answer.outcome === 'NOT_ANALYSABLE')
      return { ...about, outcome, reason: answer.reason, marks: [], seconds, stageSeconds, provider: undefined };
    const marks = marksOf(answer.lesions);
    return { ...about, outcome, reason: undefined, marks, seconds, stageSeconds, provider: answer.provider };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof AppError)) throw error;
    const reason: Reason = { code: 'INTERNAL', params: { detail: `${error.code}: ${error.message}`.slice(0, 200) } };
    const nothing = { marks: [], seconds: undefined, stageSeconds: {}, provider: undefined };
    return { ...about, outcome: 'FAILED', reason, ...nothing };
  }
}

function outcomeText({ outcome, reason, marks, seconds = 0 }: Omit<ScanResult, 'faceDistance'>): string {
  const took = `${seconds.toFixed(1)} s`;
  return outcome === 'ANALYSED' ? `${marks.length} marks in ${took}` : `${outcome} ${reason?.code} after ${took}`;
}
