import { along } from '../series/vector.ts';
import type { Slice } from '../slice.ts';
import { cutSphere } from './cut-sphere.ts';
import type { Place, SeenFinding } from './place.ts';

/** One finding as it meets the slice, in CSS pixels. */
export interface Mark {
  readonly finding: SeenFinding;
  readonly x: number;
  readonly y: number;
  /** From the middle to the left and right edge, and to the upper and lower; of a circle both are its radius. */
  readonly halves: readonly [across: number, down: number];
}

/** The smallest target a pointer must be offered (WCAG 2.2, 2.5.8), half of it. */
const HALF_TARGET_PX = 12;

/** The marks of `findings` on `slice`: where it cuts their spheres, and the boxes of its own image. */
export function marksOnSlice(findings: readonly SeenFinding[], slice: Slice): readonly Mark[] {
  return findings.flatMap((finding) => {
    const mark = finding.place.shape === 'box' ? boxMark(finding.place, slice) : circleMark(finding.place, slice);
    return mark ? [{ finding, ...mark }] : [];
  });
}

function circleMark({ center, diameterMm }: Extract<Place, { shape: 'sphere' }>, slice: Slice) {
  const cut = cutSphere(center, diameterMm / 2, slice.focalPoint, slice.normal);
  if (cut === undefined) return undefined;
  const [x, y] = slice.toCanvas(cut.center);
  const rim = slice.toCanvas(along(cut.center, slice.up, cut.radiusMm));
  const radius = Math.hypot(rim[0] - x, rim[1] - y);
  return { x, y, halves: [radius, radius] as const };
}

/** Its image is told by its number: images without geometry are all drawn at one and the same place. */
function boxMark({ corners, index }: Extract<Place, { shape: 'box' }>, slice: Slice) {
  if (slice.plane !== 'axial' || slice.index !== index) return undefined;
  const [one, other] = [slice.toCanvas(corners[0]), slice.toCanvas(corners[1])];
  const halves = [Math.abs(other[0] - one[0]) / 2, Math.abs(other[1] - one[1]) / 2] as const;
  return { x: (one[0] + other[0]) / 2, y: (one[1] + other[1]) / 2, halves };
}

/** Clear of a lesion that was measured by 4 px; a box is drawn where the model drew it. */
const GAP_PX = { sphere: 4, box: 0 } as const;

/** Half the sides of the frame of a mark: large enough to hit. */
export function frameHalves({ finding, halves }: Mark): readonly [across: number, down: number] {
  const gap = GAP_PX[finding.place.shape];
  return [Math.max(halves[0] + gap, HALF_TARGET_PX), Math.max(halves[1] + gap, HALF_TARGET_PX)];
}

/** The four corners of that frame, each as an L of a quarter of the shorter side. */
export function cornerTicks(mark: Mark): string {
  const [across, down] = frameHalves(mark);
  const arm = Math.max(5, Math.min(across, down) / 2);
  const { x, y } = mark;
  const corner = (sx: number, sy: number) =>
    `M${x + sx * (across - arm)} ${y + sy * down}H${x + sx * across}V${y + sy * (down - arm)}`;
  return [corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)].join('');
}

/** All of that frame: what a box has in the place of a circle. */
export function outline(mark: Mark): string {
  const [across, down] = frameHalves(mark);
  const { x, y } = mark;
  return `M${x - across} ${y - down}H${x + across}V${y + down}H${x - across}Z`;
}
