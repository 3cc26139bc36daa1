import type { Reason } from '../domain/reason.ts';
import { type ImageHeader, sliceName } from './image-header.ts';
import type { Placed } from './place-slices.ts';
import { refusal } from './refusal.ts';
import type { SeriesCriteria } from './series-criteria.ts';

/** How slices follow each other. */
export interface Spacing {
  /** Of a grid whose first and last plane are the first and last slice. */
  readonly spacingMm: number;
  /** Planes of that grid. */
  readonly count: number;
  /** Each plane of the grid is a slice. */
  readonly isEven: boolean;
  readonly warnings: readonly Reason[];
}

/**
 * The distance of slices that follow each other at one pace, or the pace to which uneven ones are to be resampled:
 * the lower quartile of their distances, so that little is lost where they lie close, and at most three planes a slice.
 *
 * @throws {AppError} NOT_ANALYSABLE with the reason MISSING_SLICES, NOT_UNIFORM or SLICE_TOO_THICK.
 */
export function sliceSpacing(
  slices: readonly Placed[],
  strays: readonly Stray[],
  { spacingUniformityMm, sliceThicknessMm }: Pick<SeriesCriteria, 'spacingUniformityMm' | 'sliceThicknessMm'>,
): Spacing {
  const steps = slices.slice(1).map((slice, i) => slice.alongMm - (slices[i]?.alongMm ?? 0));
  const sorted = steps.toSorted((a, b) => a - b);
  const lengthMm = (slices.at(-1)?.alongMm ?? 0) - (slices[0]?.alongMm ?? 0);
  const mean = lengthMm / steps.length;
  const middle = sorted[Math.floor(sorted.length / 2)] ?? mean;
  const [least, most] = [sorted[0] ?? mean, sorted.at(-1) ?? mean];

  const gap = steps.findIndex((step, at) => isGap(step, paceAround(steps, at), spacingUniformityMm));
  if (gap >= 0) throw missing(slices, gap, paceAround(steps, gap), strays);
  const isNear = (mm: number) => Math.abs(mm) <= spacingUniformityMm + ROUNDING_MM;
  const isEven =
    isNear(most - middle) &&
    isNear(middle - least) &&
    slices.every(({ alongMm }, k) => isNear(alongMm - (slices[0]?.alongMm ?? 0) - k * mean));
  if (isEven) {
    const warnings = checkThickness(slices, mean, sliceThicknessMm);
    return { spacingMm: mean, count: slices.length, isEven, warnings };
  }

  checkThickness(slices, middle, sliceThicknessMm);
  const wide = steps.findIndex((step) => rounded(step) > sliceThicknessMm.rejectAbove);
  if (wide >= 0) throw missing(slices, wide, middle, strays);
  const pace = Math.max(sorted[Math.floor(sorted.length / 4)] ?? mean, mean / 3);
  const intervals = Math.max(1, Math.round(lengthMm / pace));
  const spacingMm = lengthMm / intervals;
  const uneven = { fromMm: rounded(least), toMm: rounded(most), spacingMm: rounded(spacingMm) };
  const thick = checkThickness(slices, most, sliceThicknessMm);
  const warnings = [{ code: 'UNEVEN_SPACING' as const, params: uneven }, ...thick];
  return { spacingMm, count: intervals + 1, isEven, warnings };
}

/** An image of the same series that is not of the stack, and by what it was told apart. */
export interface Stray {
  readonly header: ImageHeader;
  readonly alongMm: number;
  readonly attribute: string;
  readonly value: string;
  readonly expected: string;
}

/** Of sums of decimal numbers. */
const ROUNDING_MM = 1e-6;

/** Steps on either side that say what pace is usual at a place. */
const NEIGHBOURS = 3;

/**
 * The usual distance around a step: the upper median of the three steps before and the three after, so that a stack may
 * change its pace for good, while one or two lost slices stay gaps.
 */
function paceAround(steps: readonly number[], at: number): number {
  const from = Math.min(Math.max(0, at - NEIGHBOURS), Math.max(0, steps.length - 2 * NEIGHBOURS - 1));
  const around = steps.slice(from, from + 2 * NEIGHBOURS + 1).toSpliced(at - from, 1);
  const sorted = around.sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? steps[at] ?? 0;
}

const isGap = (step: number, pace: number, tolerance: number): boolean => step > pace * 1.5 && step - pace > tolerance;

/** A gap, or the image that lies in it and is of another kind. */
function missing(slices: readonly Placed[], gap: number, spacingMm: number, strays: readonly Stray[]): Error {
  const [before, after] = [slices[gap], slices[gap + 1]];
  if (!before || !after) throw new RangeError('a gap lies between two slices');
  const stray = strays.find(({ alongMm }) => alongMm > before.alongMm && alongMm < after.alongMm);
  if (stray) {
    const { header, attribute, value, expected } = stray;
    return refusal('NOT_UNIFORM', { slice: sliceName(header), attribute, value, expected });
  }
  return refusal('MISSING_SLICES', {
    gapMm: after.alongMm - before.alongMm,
    after: sliceName(before.header),
    before: sliceName(after.header),
    spacingMm,
  });
}

/** The larger of SliceThickness and of the measured spacing counts: thin slices far apart hide as much as thick ones. */
function checkThickness(
  slices: readonly Placed[],
  spacingMm: number,
  { rejectAbove, warnAbove = rejectAbove }: SeriesCriteria['sliceThicknessMm'],
): Reason[] {
  const thicknessMm = rounded(
    slices.reduce((most, { header }) => Math.max(most, header.SliceThickness ?? 0), spacingMm),
  );
  if (thicknessMm > rejectAbove) throw refusal('SLICE_TOO_THICK', { thicknessMm, limitMm: rejectAbove });
  return thicknessMm > warnAbove ? [{ code: 'SLICE_TOO_THICK', params: { thicknessMm, limitMm: warnAbove } }] : [];
}

const rounded = (mm: number): number => Math.round(mm * 100) / 100;
