import { AppError } from '../domain/errors.ts';
import type { SeriesCriteria } from '../imaging/series-criteria.ts';
import type { ModelManifest } from './model-manifest.ts';

/**
 * What a model for volumes asks of a series.
 *
 * @throws {AppError} MODEL_INVALID for a manifest that did not pass its schema: one of a volume has all of these.
 */
export function volumeCriteria({ accepts }: Pick<ModelManifest, 'accepts'>): SeriesCriteria {
  const { orientation, minSlices, sliceThicknessMm, spacingUniformityMm, rank } = accepts;
  if (!orientation || minSlices === undefined || !sliceThicknessMm || spacingUniformityMm === undefined || !rank)
    throw new AppError('MODEL_INVALID', 'accepts says nothing of volumes', { detail: 'accepts' });
  return { ...accepts, orientation, minSlices, sliceThicknessMm, spacingUniformityMm, rank };
}
