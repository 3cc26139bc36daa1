import type { Finding } from '../../services/domain/finding.ts';

/** Pixels of the image around a small lesion, and around a large one in its sizes. */
const LEAST_PX = 72;
const AROUND = 2.6;

interface Crop {
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

/** A square around the region, whole pixels, not beyond the upper and left border of the image. */
export function cropOf({ left, top, right, bottom }: Finding['region']): Crop {
  const side = Math.round(Math.max(LEAST_PX, AROUND * Math.max(right - left, bottom - top)));
  const from = (center: number) => Math.max(0, Math.round(center - side / 2));
  return { left: from((left + right) / 2), top: from((top + bottom) / 2), side };
}

/** Four corners around the region, in pixels of the crop. */
export function ticks(region: Finding['region'], { left, top, side }: Crop): string {
  const gap = side / 30;
  const [x1, x2] = [region.left - left - gap, region.right - left + gap];
  const [y1, y2] = [region.top - top - gap, region.bottom - top + gap];
  const arm = Math.min(side / 12, (x2 - x1) / 3);
  const corner = (x: number, y: number, dx: number, dy: number) => `M${x} ${y + dy * arm}V${y}H${x + dx * arm}`;
  return [corner(x1, y1, 1, 1), corner(x2, y1, -1, 1), corner(x1, y2, 1, -1), corner(x2, y2, -1, -1)].join('');
}
