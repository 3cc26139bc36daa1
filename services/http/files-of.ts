import { AppError } from '../domain/errors.ts';
import type { DicomwebQueries, StoredFile } from '../domain/ports.ts';
import type { Target } from './dicomweb-resource.ts';

/** @throws {AppError} STUDY_NOT_FOUND, SERIES_NOT_FOUND or INSTANCE_NOT_FOUND when nothing is stored there */
export async function filesOf(
  queries: Pick<DicomwebQueries, 'files'>,
  target: Target,
): Promise<readonly [StoredFile, ...StoredFile[]]> {
  const [first, ...others] = await queries.files(target);
  if (first !== undefined) return [first, ...others];
  if (target.SOPInstanceUID !== undefined) throw new AppError('INSTANCE_NOT_FOUND', 'No such instance', { ...target });
  if (target.SeriesInstanceUID !== undefined) throw new AppError('SERIES_NOT_FOUND', 'No such series', { ...target });
  throw new AppError('STUDY_NOT_FOUND', 'No such study', { ...target });
}

/** Where a stored file stands among the resources. */
export const locationOf = ({ StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID }: StoredFile): Target => ({
  StudyInstanceUID,
  SeriesInstanceUID,
  SOPInstanceUID,
});
