/** All values that the images of a series may have: `step` apart, or anything between when it is 0. */
export interface ValueSpread {
  readonly low: number;
  readonly high: number;
  readonly step: number;
}

/** How values travel as 16-bit numbers: value = zero + unit * number. A negative unit draws low values bright. */
export interface ValueScale {
  readonly zero: number;
  readonly unit: number;
}

export const LOWEST = -32768;
export const HIGHEST = 32767;
const NUMBERS = HIGHEST - LOWEST;

/**
 * The scale for a spread: exact where 16 bits hold every step of it, else as fine as they allow with a number left for what
 * is no image. Values that are whole steps and fit are their own numbers: HU stay HU.
 */
export function valueScale({ low, high, step }: ValueSpread, isInverted: boolean): ValueScale {
  const range = high - low;
  const isExact = step > 0 && range / step <= NUMBERS + 1e-6;
  const size = isExact ? step : range > 0 ? range / (NUMBERS - 1) : 1;
  const [first, last] = isInverted ? [-high / size, -low / size] : [low / size, high / size];
  const isWhole = Math.abs(first - Math.round(first)) < 1e-6;
  if (isExact && isWhole && first >= LOWEST && last <= HIGHEST) return { zero: 0, unit: isInverted ? -size : size };
  return isInverted ? { zero: low + HIGHEST * size, unit: -size } : { zero: high - HIGHEST * size, unit: size };
}

/** The spread of images whose stored values are stretched alike or not; `undefined` when only their pixels tell. */
export function commonSpread(spreads: readonly (ValueSpread | undefined)[]): ValueSpread | undefined {
  const known = spreads.filter((spread) => spread !== undefined);
  const [first] = known;
  if (!first || known.length < spreads.length) return undefined;
  return known.reduce((sum, { low, high, step }) => ({
    low: Math.min(sum.low, low),
    high: Math.max(sum.high, high),
    step: step === sum.step && isMultiple(low - sum.low, step) ? step : 0,
  }));
}

const isMultiple = (distance: number, step: number): boolean => {
  const steps = distance / step;
  return Math.abs(steps - Math.round(steps)) < 1e-6;
};
