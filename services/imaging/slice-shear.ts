import { dot, minus, norm, type Triple } from './grid.ts';
import { sliceName } from './image-header.ts';
import type { Placed } from './place-slices.ts';
import { refusal } from './refusal.ts';

/** How far each slice lies beside the one below. */
export interface Shear {
  /** Sideways mm for each mm along the normal, at a right angle to it. */
  readonly slope: Triple;
  /** From the first slice to the last. */
  readonly shearMm: number;
  readonly tiltDeg: number;
  /** Too little to matter: rounding of positions and directions. */
  readonly isStraight: boolean;
}

const STRAIGHT_MM = 0.5;
const BESIDE_MM = 0.5;
/** A gantry tilts by 30 degrees at most. */
const MOST_TILT_DEG = 40;

/**
 * The steady drift of the slices of a stack, by least squares: the shear of a tilted gantry.
 *
 * @throws {AppError} NOT_ANALYSABLE with the reason SHIFTED_SLICE when one lies beside the line of the others, or
 *   TILT_TOO_LARGE.
 */
export function sliceShear(slices: readonly Placed[], normal: Triple): Shear {
  const [start = { position: [0, 0, 0] as Triple, alongMm: 0 }] = slices;
  const places = slices.map(({ position, alongMm }) => {
    const offset = minus(position, start.position);
    const along = alongMm - start.alongMm;
    return { along, aside: minus(offset, times(normal, dot(offset, normal))) };
  });
  const mean = (of: (place: (typeof places)[number]) => number) =>
    places.reduce((sum, place) => sum + of(place), 0) / Math.max(1, places.length);
  const middle = mean(({ along }) => along);
  const spread = mean(({ along }) => (along - middle) ** 2);
  const slopeOf = (a: 0 | 1 | 2) =>
    spread === 0 ? 0 : mean(({ along, aside }) => (along - middle) * aside[a]) / spread;
  const slope: Triple = [slopeOf(0), slopeOf(1), slopeOf(2)];
  const center: Triple = [mean(({ aside }) => aside[0]), mean(({ aside }) => aside[1]), mean(({ aside }) => aside[2])];
  checkLine(
    slices,
    places.map(({ along, aside }) => norm(minus(minus(aside, center), times(slope, along - middle)))),
  );

  const shearMm = norm(slope) * (places.at(-1)?.along ?? 0);
  const tiltDeg = (Math.atan(norm(slope)) * 180) / Math.PI;
  const isStraight = shearMm <= STRAIGHT_MM;
  if (!isStraight && tiltDeg > MOST_TILT_DEG)
    throw refusal('TILT_TOO_LARGE', { shearMm: tenth(shearMm), tiltDeg: tenth(tiltDeg), limitDeg: MOST_TILT_DEG });
  return { slope, shearMm: tenth(shearMm), tiltDeg: tenth(tiltDeg), isStraight };
}

function checkLine(slices: readonly Placed[], besideMm: readonly number[]): void {
  const worst = besideMm.reduce((most, mm, at) => (mm > (besideMm[most] ?? 0) ? at : most), 0);
  const slice = slices[worst];
  const shiftMm = besideMm[worst] ?? 0;
  if (slice && shiftMm > BESIDE_MM)
    throw refusal('SHIFTED_SLICE', { slice: sliceName(slice.header), shiftMm: tenth(shiftMm) });
}

const times = (v: Triple, by: number): Triple => [v[0] * by, v[1] * by, v[2] * by];
const tenth = (value: number): number => Math.round(value * 10) / 10;
