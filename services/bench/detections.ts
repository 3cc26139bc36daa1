import { AppError } from '../domain/errors.ts';
import { boxOnImage, imageName, type Mark, middleOf } from '../evaluation/lesion.ts';
import type { ScanResult } from './analyze-scans.ts';
import { readCsv } from './csv.ts';
import type { BenchScan } from './dataset.ts';
import { checkImageTruth, headerOf } from './image-truth.ts';
import { readScanFiles } from './scan-files.ts';

const COLUMNS = ['seriesuid', 'coordX', 'coordY', 'coordZ', 'probability'];
const IMAGE_COLUMNS = ['seriesuid', 'sopuid', 'frame', 'left', 'top', 'right', 'bottom', 'probability'];

/**
 * Marks of any system, by series: in LUNA16's form (`seriesuid,coordX,coordY,coordZ,probability`, mm, LPS), where a column
 * `diameter_mm` is read if there is one; or boxes on single images (`seriesuid,sopuid,frame,left,top,right,bottom,probability`,
 * pixels), which a column `sopuid` tells.
 *
 * @throws {AppError} MARKS_INVALID naming the line when a number is none, or a box is empty.
 */
export async function readDetections(file: string): Promise<ReadonlyMap<string, readonly Mark[]>> {
  const bySeries = new Map<string, Mark[]>();
  const rows = await readCsv(file, ['seriesuid', 'probability']);
  const columns = rows.some((row) => 'sopuid' in row) ? IMAGE_COLUMNS : COLUMNS;
  for (const [line, row] of (await readCsv(file, columns)).entries()) {
    const number = (column: string): number => {
      const value = row[column] === '' ? Number.NaN : Number(row[column]);
      if (Number.isFinite(value)) return value;
      throw new AppError('MARKS_INVALID', `${file}, line ${line + 2}: ${column} is "${row[column]?.slice(0, 40)}"`);
    };
    const marks = bySeries.get(row.seriesuid ?? '') ?? [];
    bySeries.set(row.seriesuid ?? '', marks);
    const mark = row.sopuid === undefined ? placedMark(row, number) : imageMark(row.sopuid, number);
    if (isEmpty(mark)) throw new AppError('MARKS_INVALID', `${file}, line ${line + 2}: the box is empty`);
    marks.push(mark);
  }
  return bySeries;
}

type Row = Readonly<Record<string, string>>;

function placedMark(row: Row, number: (column: string) => number): Mark {
  const center = [number('coordX'), number('coordY'), number('coordZ')] as const;
  const diameterMm = (row.diameter_mm ?? '') === '' ? undefined : number('diameter_mm');
  return { center, score: number('probability'), diameterMm };
}

function imageMark(SOPInstanceUID: string, number: (column: string) => number): Mark {
  const image = imageName(SOPInstanceUID, number('frame'));
  const box = boxOnImage(number('left'), number('top'), number('right'), number('bottom'));
  return { center: middleOf(box, image), score: number('probability'), diameterMm: undefined, box, image };
}

const isEmpty = ({ box }: Mark): boolean => box !== undefined && (box.from[0] >= box.to[0] || box.from[1] >= box.to[1]);

type Marks = ReadonlyMap<string, readonly Mark[]>;

/**
 * The scans with marks that were made elsewhere; a series or an image without a line has none, which counts.
 *
 * @throws {AppError} TRUTH_INVALID, MARKS_INVALID; of single images also BENCH_DATA_INCOMPLETE.
 */
export async function detectedScans(scans: readonly BenchScan[], bySeries: Marks): Promise<ScanResult[]> {
  const all = [...bySeries.values()].flat();
  const results: ScanResult[] = [];
  for (const scan of scans) {
    const isByImage = scan.holds !== 'a volume' && scan.folder !== undefined;
    const { SeriesInstanceUID, marks } = isByImage ? await ofImages(scan, all) : ofSeries(scan, bySeries);
    checkPlace(scan, marks);
    results.push({
      scan,
      SeriesInstanceUID,
      outcome: 'ANALYSED',
      reason: undefined,
      marks,
      faceDistance: undefined,
      seconds: undefined,
      stageSeconds: {},
      provider: undefined,
      imagesSha256: undefined,
    });
  }
  return results;
}

function ofSeries({ id, SeriesInstanceUID }: BenchScan, bySeries: Marks) {
  if (SeriesInstanceUID === undefined)
    throw new AppError('TRUTH_INVALID', `scan ${id} names no SeriesInstanceUID, detections are by series`);
  return { SeriesInstanceUID, marks: bySeries.get(SeriesInstanceUID) ?? [] };
}

async function ofImages(scan: BenchScan, all: readonly Mark[]) {
  const { headers, SeriesInstanceUID } = await readScanFiles(scan);
  checkImageTruth(headers, scan);
  return { SeriesInstanceUID, marks: all.filter(({ image }) => headerOf(headers, image) !== undefined) };
}

function checkPlace({ id, holds }: BenchScan, marks: readonly Mark[]): void {
  const strange = marks.find(({ image }) => (image === undefined) !== (holds === 'a volume'));
  if (!strange) return;
  const where = strange.image === undefined ? 'in the patient' : 'on single images';
  throw new AppError('MARKS_INVALID', `scan ${id} holds ${holds}, its marks lie ${where}`);
}
