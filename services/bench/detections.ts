import { AppError } from '../domain/errors.ts';
import type { Mark } from '../evaluation/lesion.ts';
import type { ScanResult } from './analyze-scans.ts';
import { readCsv } from './csv.ts';
import type { BenchScan } from './dataset.ts';

const COLUMNS = ['seriesuid', 'coordX', 'coordY', 'coordZ', 'probability'];

/**
 * Marks of any system in LUNA16's form (`seriesuid,coordX,coordY,coordZ,probability`, mm, LPS), by series; a column
 * `diameter_mm` is read where there is one.
 *
 * @throws {AppError} MARKS_INVALID naming the line when a number is none.
 */
export async function readDetections(file: string): Promise<ReadonlyMap<string, readonly Mark[]>> {
  const bySeries = new Map<string, Mark[]>();
  for (const [line, row] of (await readCsv(file, COLUMNS)).entries()) {
    const number = (column: string): number => {
      const value = row[column] === '' ? Number.NaN : Number(row[column]);
      if (Number.isFinite(value)) return value;
      throw new AppError('MARKS_INVALID', `${file}, line ${line + 2}: ${column} is "${row[column]?.slice(0, 40)}"`);
    };
    const center = [number('coordX'), number('coordY'), number('coordZ')] as const;
    const diameterMm = (row.diameter_mm ?? '') === '' ? undefined : number('diameter_mm');
    const marks = bySeries.get(row.seriesuid ?? '') ?? [];
    bySeries.set(row.seriesuid ?? '', marks);
    marks.push({ center, score: number('probability'), diameterMm });
  }
  return bySeries;
}

/** The scans with marks that were made elsewhere; a series without a line has none, which counts. */
export function detectedScans(
  scans: readonly BenchScan[],
  bySeries: ReadonlyMap<string, readonly Mark[]>,
): ScanResult[] {
  return scans.map((scan) => {
    const { SeriesInstanceUID } = scan;
    if (SeriesInstanceUID === undefined)
      throw new AppError('TRUTH_INVALID', `scan ${scan.id} names no SeriesInstanceUID, detections are by series`);
    return {
      scan,
      SeriesInstanceUID,
      outcome: 'ANALYSED',
      reason: undefined,
      marks: bySeries.get(SeriesInstanceUID) ?? [],
      faceDistance: undefined,
      seconds: undefined,
      stageSeconds: {},
      provider: undefined,
      imagesSha256: undefined,
    };
  });
}
