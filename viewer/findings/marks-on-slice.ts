import type { ListedFinding } from '../review/listed-findings.ts';
import { along } from '../series/vector.ts';
import type { Slice } from '../slice.ts';
import { cutSphere } from './cut-sphere.ts';

/** One finding as it meets the slice, in CSS pixels. */
export interface Mark {
  readonly finding: ListedFinding;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** The smallest target a pointer must be offered (WCAG 2.2, 2.5.8), half of it. */
const HALF_TARGET_PX = 12;

/** The marks where the spheres of `findings` meet `slice`; a finding off the slice gives none. */
export function marksOnSlice(findings: readonly ListedFinding[], slice: Slice): readonly Mark[] {
  return findings.flatMap((finding) => {
    const cut = cutSphere(finding.center, finding.diameterMm / 2, slice.focalPoint, slice.normal);
    if (cut === undefined) return [];
    const [x, y] = slice.toCanvas(cut.center);
    const rim = slice.toCanvas(along(cut.center, slice.up, cut.radiusMm));
    return [{ finding, x, y, radius: Math.hypot(rim[0] - x, rim[1] - y) }];
  });
}

/** Half the side of the square that frames a mark: clear of the lesion by 4 px, and large enough to hit. */
export const frameHalfSide = ({ radius }: Mark): number => Math.max(radius + 4, HALF_TARGET_PX);

/** The four corners of that square, each as an L of a quarter of its side. */
export function cornerTicks(mark: Mark): string {
  const half = frameHalfSide(mark);
  const arm = Math.max(5, half / 2);
  const { x, y } = mark;
  const corner = (sx: number, sy: number) =>
    `M${x + sx * (half - arm)} ${y + sy * half}H${x + sx * half}V${y + sy * (half - arm)}`;
  return [corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)].join('');
}
