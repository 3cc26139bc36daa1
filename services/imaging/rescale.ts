import { lookUp } from '../dicom/pixel/look-up-table.ts';
import type { ModalityLut } from '../dicom/pixel/modality-lut.ts';
import { isPadding, type PixelPadding } from '../dicom/pixel/pixel-padding.ts';

/** How the stored values of one frame become values in its unit, and which of them are no image. */
export interface ValueMapping {
  readonly modality: ModalityLut;
  readonly padding: PixelPadding | undefined;
}

/** Below the scale of any scanner: air, and all that lies outside the field of view. */
const LOWEST_HU = -1024;
const HIGHEST_HU = 32_767;

/**
 * Stored values into a slice of a volume (PS3.3 §C.11.1.1.2). Int16 is Hounsfield units: rounded, padding and all that is
 * below -1024 become -1024. Float32 is any other unit, as it is; padding and what is no number become 0.
 */
export function rescale(
  stored: ArrayLike<number>,
  { modality, padding }: ValueMapping,
  out: Int16Array | Float32Array,
): void {
  if (out instanceof Int16Array) intoHounsfield(stored, modality, out);
  else intoUnit(stored, modality, out);
  if (padding) blank(stored, padding, out, out instanceof Int16Array ? LOWEST_HU : 0);
}

/** One loop for each kind of mapping: a choice within it takes five times as long. */
function intoHounsfield(stored: ArrayLike<number>, { slope, intercept, table }: ModalityLut, out: Int16Array): void {
  if (table) {
    for (let i = 0; i < out.length; i++) out[i] = hounsfield(lookUp(table, stored[i] as number));
  } else {
    for (let i = 0; i < out.length; i++) out[i] = hounsfield((stored[i] as number) * slope + intercept);
  }
}

function hounsfield(value: number): number {
  const hu = Math.round(value);
  // What is no number is not above the lowest either.
  return hu > LOWEST_HU ? Math.min(hu, HIGHEST_HU) : LOWEST_HU;
}

function intoUnit(stored: ArrayLike<number>, { slope, intercept, table }: ModalityLut, out: Float32Array): void {
  for (let i = 0; i < out.length; i++) {
    const value = stored[i] as number;
    const scaled = table ? lookUp(table, value) : value * slope + intercept;
    out[i] = Number.isFinite(scaled) ? scaled : 0;
  }
}

function blank(stored: ArrayLike<number>, padding: PixelPadding, out: Int16Array | Float32Array, value: number): void {
  for (let i = 0; i < out.length; i++) if (isPadding(padding, stored[i] as number)) out[i] = value;
}
