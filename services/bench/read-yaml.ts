import { readFile, stat } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { AppError } from '../domain/errors.ts';

const MAX_BYTES = 16 * 1024 * 1024;

/** A file of ours in YAML 1.2 or JSON, which is part of it. @throws {AppError} BENCH_INVALID naming file and key. */
export async function readYaml<Schema extends z.ZodType>(file: string, schema: Schema): Promise<z.output<Schema>> {
  const invalid = (why: string, cause?: unknown) => new AppError('BENCH_INVALID', `${file}: ${why}`, {}, cause);
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) throw invalid('there is no such file');
  if (found.size > MAX_BYTES) throw invalid(`larger than ${MAX_BYTES} bytes`);
  let content: unknown;
  try {
    content = parse(await readFile(file, 'utf8'), { maxAliasCount: 100 });
  } catch (error) {
    throw invalid(`not YAML: ${error instanceof Error ? error.message.split('\n')[0] : error}`, error);
  }
  const parsed = schema.safeParse(content);
  if (!parsed.success) throw invalid(`\n${z.prettifyError(parsed.error)}`, parsed.error);
  return parsed.data;
}
