import { AppError } from '../../domain/errors.ts';

/** A frame that is cut, garbled, or not the image its attributes describe. */
export function damaged(what: string): AppError {
  return new AppError('DATASET_UNREADABLE', what);
}
