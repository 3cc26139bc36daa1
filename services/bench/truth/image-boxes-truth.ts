import { resolve } from 'node:path';
import { AppError } from '../../domain/errors.ts';
import { readCsv } from '../csv.ts';
import type { DatasetFile, ScanEntry } from '../dataset-file.ts';

type Source = Extract<DatasetFile['source'], { format: 'image-boxes' }>;

const EDGES = ['left', 'top', 'right', 'bottom'] as const;
const OWN_COLUMNS = new Set<string>(['image', 'group', 'excluded', ...EDGES]);

/**
 * A table with a line for each box: `image` (a file below the root), the edges in pixels; where there are such columns, `group`
 * (whose images are drawn together) and `excluded` (1: marks on it neither hit nor count). Other columns are strata.
 *
 * @throws {AppError} TRUTH_INVALID naming the line; BENCH_DATA_INCOMPLETE, BENCH_INVALID as of any table.
 */
export async function imageBoxScans(root: string, { boxes }: Source): Promise<ScanEntry[]> {
  const file = resolve(root, boxes);
  const byImage = new Map<string, ScanEntry>();
  for (const [at, row] of (await readCsv(file, ['image', ...EDGES])).entries()) {
    const { image = '', group = '' } = row;
    if (image === '') throw new AppError('TRUTH_INVALID', `${file}, line ${at + 2}: names no image`);
    const scan = byImage.get(image) ?? {
      id: image,
      folder: image,
      strata: {},
      lesions: [],
      ...(group !== '' && { group }),
    };
    const lesion = lesionOf(row, scan.lesions.length + 1, `${file}, line ${at + 2}`);
    byImage.set(image, lesion ? { ...scan, lesions: [...scan.lesions, lesion] } : scan);
  }
  return [...byImage.values()];
}

function lesionOf(
  row: Readonly<Record<string, string>>,
  number: number,
  where: string,
): ScanEntry['lesions'][number] | undefined {
  if (EDGES.every((edge) => row[edge] === '')) return undefined;
  const [left = 0, top = 0, right = 0, bottom = 0] = EDGES.map((edge) => {
    const value = row[edge] === '' ? Number.NaN : Number(row[edge]);
    if (Number.isFinite(value)) return value;
    throw new AppError('TRUTH_INVALID', `${where}: ${edge} is "${row[edge]?.slice(0, 40)}"`);
  });
  if (left >= right || top >= bottom) throw new AppError('TRUTH_INVALID', `${where}: the box is empty`);
  const strata = Object.entries(row).filter(([name, value]) => !OWN_COLUMNS.has(name) && value !== '');
  return {
    id: `box ${number}`,
    boxPixels: [
      [left, top],
      [right, bottom],
    ],
    included: row.excluded !== '1',
    strata: Object.fromEntries(strata.map(([name, value]) => [name.slice(0, 32), value.slice(0, 64)])),
  };
}
