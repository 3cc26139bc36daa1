import { readFile } from 'node:fs/promises';
import { AppError } from '../domain/errors.ts';

/** @throws {AppError} CONFIG_INVALID when there is no such file, or no JSON in it. */
export async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new AppError('CONFIG_INVALID', `${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
