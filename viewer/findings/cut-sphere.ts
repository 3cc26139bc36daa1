import { along, dot, minus } from '../series/vector.ts';
import type { Point } from '../slice.ts';

/** The circle a plane cuts from a sphere, or undefined when it passes outside. All in LPS, mm. */
export function cutSphere(
  center: Point,
  radiusMm: number,
  planePoint: Point,
  planeNormal: Point,
): { readonly center: Point; readonly radiusMm: number } | undefined {
  const distance = dot(minus(center, planePoint), planeNormal);
  if (Math.abs(distance) >= radiusMm) return undefined;
  return { center: along(center, planeNormal, -distance), radiusMm: Math.sqrt(radiusMm ** 2 - distance ** 2) };
}
