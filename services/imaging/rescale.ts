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
export function rescale(stored: ArrayLike<number>, mapping: ValueMapping, out: Int16Array | Float32Array): void {
  if (out instanceof Int16Array) intoHounsfield(stored, mapping, out);
  else intoUnit(stored, mapping, out);
}

function intoHounsfield(stored: ArrayLike<number>, { modality, padding }: ValueMapping, out: Int16Array): void {
  const { slope, intercept, table } = modality;
  for (let i = 0; i < out.length; i++) {
    const value = stored[i] as number;
    const hu = Math.round(table ? lookUp(table, value) : value * slope + intercept);
    // What is no number is not above the lowest either.
    const isImage = hu > LOWEST_HU && !(padding && isPadding(padding, value));
    out[i] = isImage ? Math.min(hu, HIGHEST_HU) : LOWEST_HU;
  }
}

function intoUnit(stored: ArrayLike<number>, { modality, padding }: ValueMapping, out: Float32Array): void {
  const { slope, intercept, table } = modality;
  for (let i = 0; i < out.length; i++) {
    const value = stored[i] as number;
    const scaled = table ? lookUp(table, value) : value * slope + intercept;
    out[i] = Number.isFinite(scaled) && !(padding && isPadding(padding, value)) ? scaled : 0;
  }
}
