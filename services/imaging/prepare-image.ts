import { join } from 'node:path';
import { openImage } from '../dicom/dataset/read-file.ts';
import type { AnalysisInput } from '../domain/run.ts';
import { SliceDecoder, sliceTasks } from './decode-slices.ts';
import { type ImageHeader, imageHeaders } from './image-header.ts';
import { type PreparedValues, PreparedWriter } from './prepared-image.ts';
import { rescale } from './rescale.ts';
import { verifyIntegrity } from './verify-integrity.ts';

/** Where the prepared form of an instance lies: named by the hash of its data set, so other bytes are another file. */
export const preparedPath = (directory: string, { sha256 }: Pick<AnalysisInput, 'sha256'>): string =>
  join(directory, `${sha256}.slices`);

/** Values of CT are Hounsfield units in 16 bits; all others keep their unit. */
export const isHounsfield = ({ Modality }: Pick<ImageHeader, 'Modality'>): boolean => Modality === 'CT';

/**
 * Checks an instance against its hash, reads its headers, decodes each frame and writes all of it to `directory`.
 * `onFrame` is called after each.
 *
 * @throws {AppError} whatever makes the instance unreadable: its analysis will meet the same and say so.
 */
export async function prepareImage(input: AnalysisInput, directory: string, onFrame = () => {}): Promise<void> {
  verifyIntegrity(input);
  const headers = await readHeaders(input);
  const decoder = new SliceDecoder();
  const writer = new PreparedWriter(preparedPath(directory, input));
  try {
    for (const [at, task] of sliceTasks(headers).entries()) {
      const header = headers[at];
      if (!header) throw new RangeError('a task for each header, in their order');
      const { stored, ...mapping } = await decoder.decode(task);
      const values: PreparedValues = isHounsfield(header) ? new Int16Array(task.length) : new Float32Array(task.length);
      rescale(stored, mapping, values);
      writer.add(header, values);
      onFrame();
    }
    writer.commit();
  } catch (error) {
    writer.abort();
    throw error;
  } finally {
    await decoder.close();
  }
}

/** @throws {AppError} DATASET_UNREADABLE, DATASET_TOO_LARGE. */
export async function readHeaders(input: AnalysisInput): Promise<readonly ImageHeader[]> {
  const file = await openImage(input.file);
  try {
    return imageHeaders(input, file.dataset);
  } finally {
    await file.close();
  }
}
