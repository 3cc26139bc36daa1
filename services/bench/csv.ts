import { readFile } from 'node:fs/promises';
import { AppError } from '../domain/errors.ts';

/** The rows of a CSV file by the names of its first line; no quotes, which none of LUNA16's files has. */
export async function readCsv(file: string, columns: readonly string[]): Promise<Readonly<Record<string, string>>[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new AppError('BENCH_DATA_INCOMPLETE', `${file} cannot be read`, {}, error);
  });
  const [head = '', ...lines] = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const names = head.split(',').map((name) => name.trim());
  const missing = columns.filter((column) => !names.includes(column));
  if (missing.length > 0) throw new AppError('BENCH_INVALID', `${file} has no column ${missing.join(', ')}`);
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const cells = line.split(',');
      return Object.fromEntries(names.map((name, at) => [name, (cells[at] ?? '').trim()]));
    });
}
