import { type ImageHeader, sliceName } from './image-header.ts';
import { placeSlices, SAME_POSITION_MM } from './place-slices.ts';
import { refusal } from './refusal.ts';

/** Do two images show the same? Reads their pixels. */
export type SameImage = (a: ImageHeader, b: ImageHeader) => Promise<boolean>;

/**
 * Leaves out images that lie where another lies and show the same.
 *
 * @throws {AppError} NOT_ANALYSABLE with the reason DUPLICATE_POSITION when one shows something else.
 */
export async function dropCopies(
  images: readonly ImageHeader[],
  isSame: SameImage,
): Promise<{ readonly kept: readonly ImageHeader[]; readonly dropped: number }> {
  const { slices } = placeSlices(images);
  const doubles = slices.slice(1).flatMap((slice, i) => {
    const below = slices[i];
    return below && slice.alongMm - below.alongMm < SAME_POSITION_MM ? [[below.header, slice.header] as const] : [];
  });
  for (const [first, second] of doubles) {
    if (hasSameValues(first, second) && (await isSame(first, second))) continue;
    throw refusal('DUPLICATE_POSITION', {
      first: sliceName(first),
      second: sliceName(second),
      count: doubles.length,
    });
  }
  const copies = new Set(doubles.map(([, copy]) => copy));
  return { kept: images.filter((image) => !copies.has(image)), dropped: copies.size };
}

const hasSameValues = ({ values: a }: ImageHeader, { values: b }: ImageHeader): boolean =>
  a.slope === b.slope && a.intercept === b.intercept && a.unit === b.unit && a.hasTable === b.hasTable;
