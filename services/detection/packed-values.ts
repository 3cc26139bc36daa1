import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { AppError } from '../domain/errors.ts';

const unzip = promisify(gunzip);

/**
 * The `count` values of a file of a model package: int16 little endian, gzip.
 *
 * @throws {AppError} MODEL_INVALID when it is not there, not the file its hash names, or holds more or fewer.
 */
export async function packedValues(
  directory: string,
  { path, sha256 }: { readonly path: string; readonly sha256: string },
  count: number,
): Promise<Int16Array> {
  const invalid = (detail: string) => new AppError('MODEL_INVALID', `the self test: ${path} ${detail}`);
  const file = await readFile(join(directory, path)).catch(() => {
    throw invalid('cannot be read');
  });
  if (createHash('sha256').update(file).digest('hex') !== sha256) throw invalid('is not the file its sha256 names');
  const bytes = await unzip(file, { maxOutputLength: count * 2 }).catch(() => {
    throw invalid('is not gzip, or longer than its shape');
  });
  if (bytes.length !== count * 2) throw invalid(`holds ${bytes.length} bytes, not ${count * 2}`);
  return Int16Array.from({ length: count }, (_, i) => bytes.readInt16LE(i * 2));
}
