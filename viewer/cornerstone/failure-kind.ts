import { AppError } from '../../services/domain/errors.ts';
import type { FailureKind } from '../slice.ts';

/** What a reader is told of an error that the decoders or the attributes name; anything else is what its place says. */
export function failureKind(error: unknown, otherwise: FailureKind): FailureKind {
  if (!(error instanceof AppError)) return otherwise;
  return error.code === 'NOT_ANALYSABLE' || error.code === 'DATASET_TOO_LARGE' ? 'unsupported' : 'damaged';
}
