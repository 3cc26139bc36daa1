import type { Point, Slice } from '../slice.ts';
import { frameHalfSide, type Mark } from './marks-on-slice.ts';

const GAP_PX = 12;
/** Beyond this a line would not help to find the point. */
const ARM_PX = 46;

/** Four short lines that point at `point` and leave a gap, so that a finding is never covered. */
export function crosshairLines(slice: Slice, point: Point, chosen: Mark | undefined): string {
  const [x, y] = slice.toCanvas(point);
  const gap = Math.max(GAP_PX, chosen ? frameHalfSide(chosen) + 6 : 0);
  const end = gap + ARM_PX;
  return `M${x - end} ${y}H${x - gap}M${x + gap} ${y}H${x + end}M${x} ${y - end}V${y - gap}M${x} ${y + gap}V${y + end}`;
}
