import type { ValueScale } from './value-scale.ts';

/** The pixels of one grey image as numbers of 16 bits, row by row: value = zero + unit * number. */
export interface GreyPixels {
  readonly numbers: Int16Array;
  readonly scale: ValueScale;
  /** The lowest number that is part of the image: what is darker is padding. */
  readonly low: number;
  /** The values are what was measured (after the Modality LUT), not greys of a curve. */
  readonly isMeasured: boolean;
}

/** The value at an offset; `undefined` outside of the image and for padding. */
export function valueAt({ numbers, scale, low }: GreyPixels, offset: number): number | undefined {
  const number = numbers[offset];
  return number === undefined || number < low ? undefined : scale.zero + scale.unit * number;
}
