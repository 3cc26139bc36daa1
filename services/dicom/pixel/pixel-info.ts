import { AppError } from '../../domain/errors.ts';
import type { Attributes } from '../dataset/attributes.ts';
import { TAG } from '../dataset/tags.ts';
import { isEncapsulated } from '../dataset/transfer-syntax.ts';

/** How the samples of one frame are laid out: Image Pixel module (PS3.3 §C.7.6.3). */
export interface PixelInfo {
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel: number;
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly signed: boolean;
  /** Planar Configuration 1: all of one colour, then all of the next. */
  readonly planar: boolean;
  readonly photometric: string;
  readonly transferSyntaxUID: string;
  /** Samples of Float or Double Float Pixel Data (§C.7.6.24, §C.7.6.25); without it they are whole numbers. */
  readonly sampleFormat?: SampleFormat | undefined;
}

type SampleFormat = 'float32' | 'float64';

/** A frame larger than this is not decoded. */
export const MAX_FRAME_BYTES = 256 * 2 ** 20;
/** Pixels of a whole object, decoded. */
const MAX_PIXEL_BYTES = 4 * 2 ** 30;
const MAX_SAMPLES = 4;

/**
 * Reads the Image Pixel module, checked: every size is a number the standard allows, and their product one we can hold.
 *
 * @throws {AppError} DATASET_UNREADABLE naming the attribute; DATASET_TOO_LARGE.
 */
export function pixelInfo(dataset: Attributes, transferSyntaxUID: string): PixelInfo {
  const bitsAllocated = whole(dataset, 'BitsAllocated', 1, 64);
  if (![1, 8, 16, 32, 64].includes(bitsAllocated)) throw unusable('BitsAllocated', bitsAllocated);
  const sampleFormat = formatOf(dataset, bitsAllocated);
  const bitsStored = whole(dataset, 'BitsStored', 1, bitsAllocated, sampleFormat && bitsAllocated);
  const info: PixelInfo = {
    rows: whole(dataset, 'Rows', 1, 0xffff),
    columns: whole(dataset, 'Columns', 1, 0xffff),
    samplesPerPixel: whole(dataset, 'SamplesPerPixel', 1, MAX_SAMPLES, 1),
    bitsAllocated,
    bitsStored,
    highBit: whole(dataset, 'HighBit', bitsStored - 1, bitsAllocated - 1, bitsStored - 1),
    signed: whole(dataset, 'PixelRepresentation', 0, 1, 0) === 1,
    planar: whole(dataset, 'PlanarConfiguration', 0, 1, 0) === 1,
    photometric: dataset.string(TAG.PhotometricInterpretation),
    transferSyntaxUID,
    sampleFormat,
  };
  const bytes = frameBytes(info);
  if (bytes > MAX_FRAME_BYTES || bytes * frameCount(dataset) > MAX_PIXEL_BYTES) {
    throw new AppError('DATASET_TOO_LARGE', `a frame of ${bytes} bytes`, { bytes });
  }
  return info;
}

/** Only floating point samples have no Bits Stored: their modules leave it out (§C.7.6.24, §C.7.6.25). */
function formatOf(dataset: Attributes, bitsAllocated: number): SampleFormat | undefined {
  if (dataset.hasValue(TAG.BitsStored) || dataset.hasValue(TAG.PixelRepresentation)) return undefined;
  if (bitsAllocated === 32) return 'float32';
  return bitsAllocated === 64 ? 'float64' : undefined;
}

/** Number of Frames; 1 where the attribute is absent. @throws {AppError} DATASET_UNREADABLE when it is no such number. */
export function frameCount(dataset: Attributes): number {
  return whole(dataset, 'NumberOfFrames', 1, 2 ** 31 - 1, 1);
}

/**
 * Bytes of one decoded frame. Uncompressed YBR_FULL_422 has two samples per pixel though it says three (PS3.3
 * §C.7.6.3.1.2). For one bit per pixel it may be a fraction: frames are not padded then (PS3.5 §8.1.1).
 */
export function frameBytes(info: PixelInfo): number {
  const { rows, columns, bitsAllocated, photometric, transferSyntaxUID } = info;
  const isHalved = photometric === 'YBR_FULL_422' && !isEncapsulated(transferSyntaxUID);
  const samples = isHalved ? 2 : info.samplesPerPixel;
  return (rows * columns * samples * bitsAllocated) / 8;
}

type Keyword =
  | 'BitsAllocated'
  | 'BitsStored'
  | 'Columns'
  | 'HighBit'
  | 'NumberOfFrames'
  | 'PixelRepresentation'
  | 'PlanarConfiguration'
  | 'Rows'
  | 'SamplesPerPixel';

function whole(dataset: Attributes, keyword: Keyword, low: number, high: number, absent?: number): number {
  const value = dataset.hasValue(TAG[keyword]) ? dataset.number(TAG[keyword]) : absent;
  if (value === undefined || !Number.isInteger(value) || value < low || value > high) {
    throw unusable(keyword, value);
  }
  return value;
}

function unusable(keyword: Keyword, value: number | undefined): AppError {
  const what = value === undefined ? 'is absent or no number' : `is ${value}`;
  return new AppError('DATASET_UNREADABLE', `${keyword} ${what}`, { attribute: keyword });
}
