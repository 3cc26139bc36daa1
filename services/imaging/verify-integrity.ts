import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { readPart10Meta } from '../dicom/dataset/part10.ts';
import type { AnalysisInput } from '../domain/run.ts';
import { refusal } from './refusal.ts';

/** Reads of this size; the file meta information lies in the first. */
const CHUNK_BYTES = 1024 * 1024;

/**
 * Compares the data set of a stored file (what follows the file meta information) with the SHA-256 it was received with.
 * Blocks: it runs in a thread that has nothing else to do.
 *
 * @throws {AppError} NOT_ANALYSABLE with the reason INTEGRITY when the file is gone, cut or changed.
 */
export function verifyIntegrity({ file, sha256, SOPInstanceUID }: AnalysisInput): void {
  const changed = (cause?: unknown) => refusal('INTEGRITY', { slice: SOPInstanceUID }, cause);
  let actual: string;
  try {
    actual = datasetDigest(file);
  } catch (error) {
    throw changed(error);
  }
  if (actual !== sha256) throw changed();
}

function datasetDigest(file: string): string {
  const descriptor = openSync(file, 'r');
  try {
    const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    const hash = createHash('sha256');
    let read = readSync(descriptor, chunk);
    hash.update(chunk.subarray(readPart10Meta(chunk.subarray(0, read)).datasetOffset, read));
    for (read = readSync(descriptor, chunk); read > 0; read = readSync(descriptor, chunk))
      hash.update(chunk.subarray(0, read));
    return hash.digest('hex');
  } finally {
    closeSync(descriptor);
  }
}
