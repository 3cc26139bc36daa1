import { distance } from '../series/vector.ts';
import type { Point, Slice } from '../slice.ts';
import { frameHalves, type Mark } from './marks-on-slice.ts';
import type { Place } from './place.ts';

const GAP_PX = 12;
/** Beyond this a line would not help to find the point. */
const ARM_PX = 46;

/** Four short lines that point at `point` and leave a gap, so that a finding is never covered. */
export function crosshairLines(slice: Slice, point: Point, chosen: Mark | undefined): string {
  const [x, y] = slice.toCanvas(point);
  const [across, down] = (chosen ? frameHalves(chosen) : [0, 0]).map((half) => Math.max(GAP_PX, half + 6)) as [
    number,
    number,
  ];
  return [
    `M${x - across - ARM_PX} ${y}H${x - across}M${x + across} ${y}H${x + across + ARM_PX}`,
    `M${x} ${y - down - ARM_PX}V${y - down}M${x} ${y + down}V${y + down + ARM_PX}`,
  ].join('');
}

const SAME = 1e-6;

/** Does the crosshair stand on a box of another image? There it would point at something that is not here. */
export const isOfOtherImage = (point: Point, place: Place | undefined, slice: Slice): boolean =>
  place?.shape === 'box' && place.index !== slice.index && distance(point, place.center) < SAME;
