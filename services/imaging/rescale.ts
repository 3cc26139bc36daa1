import type { ValueMapping } from './image-header.ts';

/** Below the scale of any scanner: air, and all that lies outside the field of view. */
const LOWEST_HU = -1024;
const HIGHEST_HU = 32_767;

/**
 * Stored values to Hounsfield units (PS3.3 §C.11.1.1.2), rounded, written into a slice of a volume. Padding and all that
 * is below -1024 become -1024.
 */
export function rescale(stored: ArrayLike<number>, values: ValueMapping, out: Int16Array): void {
  const slope = values.slope ?? 1;
  const intercept = values.intercept ?? 0;
  const [padFrom, padTo] = values.padding ?? [1, 0];
  for (let i = 0; i < out.length; i++) {
    const value = stored[i] as number;
    const isPadding = value >= padFrom && value <= padTo;
    const hu = Math.round(value * slope + intercept);
    out[i] = isPadding || hu < LOWEST_HU ? LOWEST_HU : Math.min(hu, HIGHEST_HU);
  }
}
