import type { Attributes } from '../dataset/attributes.ts';
import { TAG } from '../dataset/tags.ts';
import type { PixelInfo } from './pixel-info.ts';

/** Stored values, both ends included, that are no image but fill up the rectangle (PS3.3 §C.7.5.1.1.2). */
export interface PixelPadding {
  readonly first: number;
  readonly last: number;
}

const TAGS = {
  integer: [TAG.PixelPaddingValue, TAG.PixelPaddingRangeLimit],
  float32: [TAG.FloatPixelPaddingValue, TAG.FloatPixelPaddingRangeLimit],
  float64: [TAG.DoubleFloatPixelPaddingValue, TAG.DoubleFloatPixelPaddingRangeLimit],
} as const;

/**
 * Reads the padding value, or the range it opens with its limit, in the terms of decoded samples: it is compared before
 * the modality's table or slope. Colours have none.
 */
export function readPixelPadding(
  attributes: Attributes,
  info: Pick<PixelInfo, 'bitsStored' | 'samplesPerPixel' | 'sampleFormat' | 'signed'>,
): PixelPadding | undefined {
  const [valueTag, limitTag] = TAGS[info.sampleFormat ?? 'integer'];
  const value = attributes.number(valueTag);
  if (value === undefined || info.samplesPerPixel !== 1) return undefined;
  const limit = attributes.number(limitTag) ?? value;
  const [one, other] = info.sampleFormat ? [value, limit] : [asStored(value, info), asStored(limit, info)];
  if (Number.isNaN(one)) return { first: one, last: one };
  return { first: Math.min(one, other), last: Math.max(one, other) };
}

export function isPadding({ first, last }: PixelPadding, stored: number): boolean {
  return Number.isNaN(first) ? Number.isNaN(stored) : stored >= first && stored <= last;
}

/**
 * Writers get the sign of padding wrong: the bits count, read as the pixels are. 63536 beside signed pixels is -2000, and
 * so is 2096 where they have 12 bits.
 */
function asStored(value: number, { bitsStored, signed }: Pick<PixelInfo, 'bitsStored' | 'signed'>): number {
  if (!signed) return value < 0 ? value + 0x10000 : value;
  const word = value > 0x7fff && value <= 0xffff ? value - 0x10000 : value;
  const half = 2 ** (bitsStored - 1);
  return word >= half && word < 2 * half ? word - 2 * half : word;
}
