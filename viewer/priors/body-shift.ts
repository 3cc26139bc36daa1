import { type GreyPixels, valueAt } from '../series/grey-pixels.ts';
import type { ImageSeries } from '../series/image-series.ts';
import type { PixelsOf } from '../series/plane-grid.ts';
import type { ImagePlane, SeriesImage } from '../series/series-image.ts';
import { along } from '../series/vector.ts';
import type { Point } from '../slice.ts';

/** What one image says of the body: areas of tissue and of lung, and where the tissue has its middle. */
export interface BodySlice {
  readonly z: number;
  readonly tissueMm2: number;
  readonly lungMm2: number;
  readonly x: number;
  readonly y: number;
}

/** Every so many pixels are looked at: enough for areas of a body. */
const STRIDE = 4;
const TISSUE_HU = -300;
/** Darker is air outside of the body. */
const LUNG_HU = [-950, -500] as const;

export const bodyProfile = ({ images }: ImageSeries, pixelsOf: PixelsOf): readonly BodySlice[] =>
  images.flatMap((image, index) => {
    const pixels = pixelsOf(index);
    return image.plane && pixels?.isMeasured ? [bodyOf(image, image.plane, pixels)] : [];
  });

function bodyOf({ Columns, Rows }: SeriesImage, plane: ImagePlane, pixels: GreyPixels): BodySlice {
  let [tissue, lung, sumColumn, sumRow] = [0, 0, 0, 0];
  for (let row = 0; row < Rows; row += STRIDE) {
    for (let column = 0; column < Columns; column += STRIDE) {
      const value = valueAt(pixels, row * Columns + column) ?? -1024;
      if (value > TISSUE_HU) {
        tissue += 1;
        sumColumn += column;
        sumRow += row;
      } else if (value > LUNG_HU[0] && value < LUNG_HU[1]) lung += 1;
    }
  }
  const { position, row, column, spacingMm } = plane;
  const area = spacingMm[0] * spacingMm[1] * STRIDE * STRIDE;
  const middle = along(
    along(position, row, (sumColumn / Math.max(1, tissue)) * spacingMm[0]),
    column,
    (sumRow / Math.max(1, tissue)) * spacingMm[1],
  );
  return { z: middle[2], tissueMm2: tissue * area, lungMm2: lung * area, x: middle[0], y: middle[1] };
}

const REACH_MM = 300;
const STEP_MM = 1;
/** Two studies must have this much of the shorter in common. */
const OVERLAP = 0.5;

/**
 * What must be added to points of the earlier study so that its body lies where that of the later one does: the height at
 * which tissue and lung change alike, and there the mean way between the middles. `undefined` when nothing fits.
 */
export function bodyShift(now: readonly BodySlice[], before: readonly BodySlice[]): Point | undefined {
  const [one, other] = [sampled(now), sampled(before)];
  if (!one || !other) return undefined;
  const least = OVERLAP * Math.min(one.length, other.length);
  let best: { readonly z: number; readonly misfit: number } | undefined;
  for (let steps = -REACH_MM; steps <= REACH_MM; steps += 1) {
    const misfit = misfitAt(one, other, steps, least);
    if (misfit !== undefined && (best === undefined || misfit < best.misfit)) best = { z: steps * STEP_MM, misfit };
  }
  if (best === undefined) return undefined;
  const z = best.z;
  const pairs = one.flatMap((slice) => {
    const partner = other.find((candidate) => Math.abs(candidate.z + z - slice.z) < STEP_MM / 2);
    return partner ? [[slice.x - partner.x, slice.y - partner.y] as const] : [];
  });
  const mean = (axis: 0 | 1) => pairs.reduce((sum, pair) => sum + pair[axis], 0) / Math.max(1, pairs.length);
  return [mean(0), mean(1), z];
}

/** At whole steps of height, between the images linearly. */
function sampled(profile: readonly BodySlice[]): readonly BodySlice[] | undefined {
  const sorted = [...profile].sort((a, b) => a.z - b.z);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (!first || !last || sorted.length < 3) return undefined;
  const samples: BodySlice[] = [];
  let at = 0;
  for (let z = Math.ceil(first.z); z <= last.z; z += STEP_MM) {
    while (at < sorted.length - 2 && (sorted[at + 1]?.z ?? z) < z) at += 1;
    const [low, high] = [sorted[at] ?? first, sorted[at + 1] ?? last];
    const share = (z - low.z) / Math.max(1e-6, high.z - low.z);
    const between = (key: keyof BodySlice) => low[key] + (high[key] - low[key]) * share;
    samples.push({
      ...{ z, tissueMm2: between('tissueMm2'), lungMm2: between('lungMm2') },
      ...{ x: between('x'), y: between('y') },
    });
  }
  return samples;
}

function misfitAt(one: readonly BodySlice[], other: readonly BodySlice[], steps: number, least: number) {
  // Both lists count whole millimetres of height upwards.
  const offset = (other[0]?.z ?? 0) + steps - (one[0]?.z ?? 0);
  let [sum, count] = [0, 0];
  for (let at = 0; at < other.length; at += 1) {
    const [a, b] = [one[at + offset], other[at]];
    if (!a || !b) continue;
    sum += ((a.tissueMm2 - b.tissueMm2) / 10_000) ** 2 + ((a.lungMm2 - b.lungMm2) / 10_000) ** 2;
    count += 1;
  }
  return count < least ? undefined : sum / count;
}
