import type { Attributes } from '../dataset/attributes.ts';
import { TAG } from '../dataset/tags.ts';
import { groupOfFrame } from './functional-groups.ts';
import { type LookUpTable, lookUp, readDescriptor, readEntries, unusable } from './look-up-table.ts';
import type { PixelArray } from './pixel-array.ts';
import type { PixelInfo } from './pixel-info.ts';

/** Stored values to values of the modality (PS3.3 §C.11.1): a table, or else slope and intercept. */
export interface ModalityLut {
  readonly slope: number;
  readonly intercept: number;
  /** Unit of the answer: Rescale Type or Modality LUT Type in upper case; `''` where none is said. */
  readonly type: string;
  readonly table: LookUpTable | undefined;
}

/** The lowest and the highest value that may come out, and whether all are whole numbers. */
export interface ValueRange {
  readonly low: number;
  readonly high: number;
  readonly isWhole: boolean;
}

type SampleLayout = Pick<PixelInfo, 'bitsStored' | 'signed' | 'sampleFormat'>;

/**
 * Reads it for one frame (0-based): from its functional group (§C.7.6.16.2.9) or the data set. A table goes before a slope;
 * without either the values stay what they are.
 *
 * @throws {AppError} DATASET_UNREADABLE with the attribute, when a number is none, a slope is 0 or a table is cut.
 */
export function readModalityLut(attributes: Attributes, info: SampleLayout, frame = 0): ModalityLut {
  const group = groupOfFrame(attributes, TAG.PixelValueTransformationSequence, frame);
  const [item] = attributes.sequence(TAG.ModalityLUTSequence);
  if (item) {
    const type = item.string(TAG.ModalityLUTType).toUpperCase();
    return { slope: 1, intercept: 0, type, table: readTable(item, info.signed) };
  }
  const slope = decimal(group, 'RescaleSlope', 1);
  if (slope === 0) throw unusable('RescaleSlope', 'is 0');
  const type = group.string(TAG.RescaleType).toUpperCase();
  return { slope, intercept: decimal(group, 'RescaleIntercept', 0), type, table: undefined };
}

/** @throws {AppError} DATASET_UNREADABLE. */
export function readTable(item: Attributes, hasSignedInput: boolean): LookUpTable {
  const descriptor = readDescriptor(item.numbers(TAG.LUTDescriptor), hasSignedInput, 'LUTDescriptor');
  const entries = readEntries(item, TAG.LUTData, descriptor, 'LUTData');
  return { first: descriptor.first, bits: descriptor.bits, entries };
}

function modalityValue({ slope, intercept, table }: ModalityLut, stored: number): number {
  return table ? lookUp(table, stored) : stored * slope + intercept;
}

/** What may come out for samples of this layout; the same for every frame of a series that is alike. */
export function modalityRange(lut: ModalityLut, { bitsStored, signed, sampleFormat }: SampleLayout): ValueRange {
  if (lut.table) return { low: 0, high: 2 ** lut.table.bits - 1, isWhole: true };
  if (sampleFormat !== undefined) {
    return { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY, isWhole: false };
  }
  const [first, last] = signed ? [-(2 ** (bitsStored - 1)), 2 ** (bitsStored - 1) - 1] : [0, 2 ** bitsStored - 1];
  const ends = [modalityValue(lut, first), modalityValue(lut, last)];
  const isWhole = Number.isInteger(lut.slope) && Number.isInteger(lut.intercept);
  return { low: Math.min(...ends), high: Math.max(...ends), isWhole };
}

/**
 * All values of a frame after the modality's table or slope, exact. The array is the narrowest that holds whatever samples
 * of this layout can become, so that slices that are alike get arrays that are; unchanged values are `stored` itself.
 */
export function modalityValues(stored: PixelArray, lut: ModalityLut, info: SampleLayout): PixelArray {
  const { slope, intercept, table } = lut;
  if (!table && slope === 1 && intercept === 0) return stored;
  const out = arrayFor(modalityRange(lut, info), info, stored.length);
  const count = out.length;
  if (table) for (let at = 0; at < count; at++) out[at] = lookUp(table, stored[at] as number);
  else for (let at = 0; at < count; at++) out[at] = (stored[at] as number) * slope + intercept;
  return out;
}

function arrayFor({ low, high, isWhole }: ValueRange, { sampleFormat, bitsStored }: SampleLayout, length: number) {
  if (!isWhole) {
    // A float has 24 bits of precision: wider samples would lose some.
    return sampleFormat === 'float64' || bitsStored > 16 ? new Float64Array(length) : new Float32Array(length);
  }
  if (low >= 0 && high <= 0xffff) return new Uint16Array(length);
  if (low >= -0x8000 && high <= 0x7fff) return new Int16Array(length);
  if (low >= -0x8000_0000 && high <= 0x7fff_ffff) return new Int32Array(length);
  return new Float64Array(length);
}

function decimal(attributes: Attributes, keyword: 'RescaleIntercept' | 'RescaleSlope', absent: number): number {
  const value = attributes.number(TAG[keyword]);
  if (value !== undefined) return value;
  if (attributes.hasValue(TAG[keyword])) throw unusable(keyword, 'is no number');
  return absent;
}
