import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AppError } from '../../domain/errors.ts';
import { readCsv } from '../csv.ts';
import type { DatasetFile, ScanEntry } from '../dataset-file.ts';

type Source = Extract<DatasetFile['source'], { format: 'luna16' }>;
type LesionEntry = ScanEntry['lesions'][number];

const COLUMNS = ['seriesuid', 'coordX', 'coordY', 'coordZ', 'diameter_mm'];

/** The lists of LUNA16: every series counts, also one without a line in the others. UIDs are compared as text. */
export async function luna16Scans(root: string, source: Source): Promise<ScanEntry[]> {
  const series = (await textOf(resolve(root, source.series))).split(/\r?\n/).map((line) => line.trim());
  const uids = series.filter((uid) => uid !== '' && uid !== 'seriesuid');
  const included = await findings(resolve(root, source.annotations), true);
  const excluded = source.excluded ? await findings(resolve(root, source.excluded), false) : new Map();
  return uids.map((uid) => ({
    id: uid,
    SeriesInstanceUID: uid,
    ...(source.images ? { folder: uid } : {}),
    strata: {},
    lesions: [...(included.get(uid) ?? []), ...(excluded.get(uid) ?? [])],
  }));
}

async function findings(file: string, included: boolean): Promise<Map<string, LesionEntry[]>> {
  const bySeries = new Map<string, LesionEntry[]>();
  for (const [line, row] of (await readCsv(file, COLUMNS)).entries()) {
    const number = (column: string): number => {
      const value = row[column] === '' ? Number.NaN : Number(row[column]);
      if (Number.isFinite(value)) return value;
      throw new AppError('TRUTH_INVALID', `${file}, line ${line + 2}: ${column} is no number`);
    };
    const uid = row.seriesuid ?? '';
    const known = bySeries.get(uid) ?? [];
    bySeries.set(uid, known);
    known.push({
      id: `${included ? 'nodule' : 'irrelevant'} ${known.length + 1}`,
      centerMm: [number('coordX'), number('coordY'), number('coordZ')],
      diameterMm: number('diameter_mm'),
      included,
      strata: {},
    });
  }
  return bySeries;
}

const textOf = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((error: unknown) => {
    throw new AppError('BENCH_DATA_INCOMPLETE', `${file} cannot be read`, {}, error);
  });
