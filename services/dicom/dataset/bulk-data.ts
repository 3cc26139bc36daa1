import { AppError } from '../../domain/errors.ts';
import type { Dataset } from './dataset.ts';
import { usesCharacterSet } from './element-values.ts';

/** Bytes of one value by VR; the others have no byte order. */
// biome-ignore format: a table
const WIDTHS: Readonly<Record<string, number>> = {
  OW: 2, OF: 4, OL: 4, OD: 8, OV: 8, SS: 2, US: 2, FL: 4, SL: 4, UL: 4, FD: 8, SV: 8, UV: 8,
};

/**
 * A value that the DICOM JSON model only names (PS3.18 §F.2.7), little endian, text in UTF-8 as the model has it, by
 * where it stands: a tag, or a tag, the number of an item from 0 and a tag within it, and so on.
 *
 * @throws {AppError} BULK_DATA_NOT_FOUND.
 */
export function bulkData(dataset: Dataset, path: readonly string[]): Uint8Array {
  const place = { dataset: dataset as Dataset | undefined };
  for (let at = 0; at + 2 < path.length; at += 2) {
    place.dataset = place.dataset?.sequence(tagOf(path[at]))[Number(path[at + 1])];
  }
  const tag = tagOf(path.at(-1));
  const bytes = path.length % 2 === 1 ? place.dataset?.bytes(tag) : undefined;
  if (place.dataset === undefined || bytes === undefined) {
    throw new AppError('BULK_DATA_NOT_FOUND', 'The instance has no such value');
  }
  const vr = place.dataset.vr(tag);
  if (usesCharacterSet(vr)) return Buffer.from(place.dataset.strings(tag).join('\\'));
  const width = WIDTHS[vr];
  return width === undefined || place.dataset.isLittleEndian(tag) ? bytes : swapped(bytes, width);
}

const tagOf = (text = ''): number => Number.parseInt(text, 16);

function swapped(bytes: Uint8Array, width: number): Uint8Array {
  const whole = bytes.length - (bytes.length % width);
  const copy = Buffer.from(bytes);
  if (width === 2) copy.subarray(0, whole).swap16();
  else if (width === 4) copy.subarray(0, whole).swap32();
  else copy.subarray(0, whole).swap64();
  return copy;
}
