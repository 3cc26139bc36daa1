import type { Finding } from '../../services/domain/finding.ts';

/** Pixels of the image around a small lesion, and around a large one in its sizes. */
const LEAST_PX = 72;
const AROUND = 2.6;
/** Centre and width: what lung lesions are looked at with, and what everything else is. */
const LUNG = '-600,1500,linear';
const SOFT = '40,400,linear';

interface Crop {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * A square around the region, whole pixels, not beyond the upper and left border of the image; where its `size` is known
 * (columns, rows), beyond none of them.
 */
export function cropOf({ left, top, right, bottom }: Finding['region'], size?: readonly [number, number]): Crop {
  const side = Math.round(Math.max(LEAST_PX, AROUND * Math.max(right - left, bottom - top)));
  const [columns, rows] = size ?? [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const [width, height] = [Math.min(side, columns), Math.min(side, rows)];
  const from = (center: number, length: number, end: number) =>
    Math.max(0, Math.min(Math.round(center - length / 2), end - length));
  return {
    left: from((left + right) / 2, width, columns),
    top: from((top + bottom) / 2, height, rows),
    width,
    height,
  };
}

/** Four corners around the region, in pixels of the crop. */
export function ticks(region: Finding['region'], { left, top, width, height }: Crop): string {
  const side = Math.max(width, height);
  const gap = side / 30;
  const [x1, x2] = [region.left - left - gap, region.right - left + gap];
  const [y1, y2] = [region.top - top - gap, region.bottom - top + gap];
  const arm = Math.min(side / 12, (x2 - x1) / 3);
  const corner = (x: number, y: number, dx: number, dy: number) => `M${x} ${y + dy * arm}V${y}H${x + dx * arm}`;
  return [corner(x1, y1, 1, 1), corner(x2, y1, -1, 1), corner(x1, y2, 1, -1), corner(x2, y2, -1, -1)].join('');
}

/** What is asked of a rendered image (PS3.18 §8.3.5.1): without a window it is shown as it wants to be. */
export const cropQuery = ({ left, top, width, height }: Crop, side: number, window: string | undefined): string =>
  `${window === undefined ? '' : `window=${window}&`}viewport=${[side, side, left, top, width, height].join(',')}`;

/** How CT is looked at; `undefined` for images of other values, which say themselves how they want to be seen. */
export function cropWindow(label: string, Modality: string | undefined): string | undefined {
  if (Modality !== 'CT') return undefined;
  return /nodule|lung/i.test(label) ? LUNG : SOFT;
}
