import { AppError } from '../domain/errors.ts';
import { imageName, ONLY_IMAGE, type TrueLesion } from '../evaluation/lesion.ts';
import type { ImageHeader } from '../imaging/image-header.ts';
import type { BenchScan } from './dataset.ts';

/**
 * A lesion must lie on an image of its scan, and the scan must be one image where false marks are counted by images.
 *
 * @throws {AppError} TRUTH_INVALID naming scan and lesion.
 */
export function checkImageTruth(headers: readonly ImageHeader[], { id, holds, truth }: BenchScan): void {
  const invalid = (what: string) => new AppError('TRUTH_INVALID', `scan ${id}${what}`, { scan: id });
  if (holds === 'an image' && headers.length !== 1)
    throw invalid(` holds ${headers.length} images, and false marks are counted per image`);
  for (const lesion of truth.lesions) {
    if (lesion.image === ONLY_IMAGE && headers.length !== 1)
      throw invalid(` holds ${headers.length} images: name the SOPInstanceUID of lesion ${lesion.id}`);
    const header = headerOf(headers, lesion.image);
    if (!header) throw invalid(`: lesion ${lesion.id} is on an image that is not there`);
    if (!isWithin(lesion, header))
      throw invalid(`: lesion ${lesion.id} reaches beyond the ${header.Columns} x ${header.Rows} pixels of its image`);
  }
}

/** The image that a mark or a lesion is on. */
export function headerOf(headers: readonly ImageHeader[], image: string | undefined): ImageHeader | undefined {
  if (image === ONLY_IMAGE) return headers[0];
  return headers.find(({ input, frame }) => imageName(input.SOPInstanceUID, frame) === image);
}

function isWithin({ box }: TrueLesion, { Columns, Rows }: ImageHeader): boolean {
  if (!box) return false;
  const [[left, top], [right, bottom]] = [box.from, box.to];
  return left >= 0 && top >= 0 && right <= Columns && bottom <= Rows;
}
