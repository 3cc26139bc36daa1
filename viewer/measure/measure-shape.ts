import { along, minus } from '../series/vector.ts';
import type { CanvasPoint, Point, Slice } from '../slice.ts';
import type { Measurement } from './measurement.ts';

/** Four cubic curves that make a circle. */
const CURVE = 0.5522847498;
const CROSS_PX = 7;

/** The path of a measurement on a slice, and where its text begins: at its rightmost point. */
export function shapeOf(
  { tool, points }: Pick<Measurement, 'tool' | 'points'>,
  { toCanvas }: Pick<Slice, 'toCanvas'>,
): { readonly path: string; readonly anchor: CanvasPoint } {
  if (tool === 'ellipse') return ellipse(points, toCanvas);
  const canvas = points.map(toCanvas);
  const anchor = rightmost(canvas);
  switch (tool) {
    case 'probe': {
      const [x, y] = canvas[0] ?? [0, 0];
      return { path: `M${x - CROSS_PX} ${y}H${x + CROSS_PX}M${x} ${y - CROSS_PX}V${y + CROSS_PX}`, anchor };
    }
    case 'bidirectional':
      return { path: `${line(canvas.slice(0, 2))}${line(canvas.slice(2, 4))}`, anchor };
    default:
      return { path: line(canvas), anchor };
  }
}

const line = (points: readonly CanvasPoint[]): string =>
  points.map(([x, y], at) => `${at ? 'L' : 'M'}${x} ${y}`).join('');

const rightmost = (points: readonly CanvasPoint[]): CanvasPoint =>
  points.reduce((best, point) => (point[0] > best[0] ? point : best), points[0] ?? [0, 0]);

/** As curves through canvas points: an ellipse of the patient need not lie straight on the screen. */
function ellipse(points: readonly Point[], toCanvas: Slice['toCanvas']) {
  const [center, right, top] = points;
  if (!center || !right || !top) return { path: '', anchor: [0, 0] as const };
  const [u, v] = [minus(right, center), minus(top, center)];
  const at = (a: number, b: number) => toCanvas(along(along(center, u, a), v, b));
  const corners = [at(1, 0), at(0, 1), at(-1, 0), at(0, -1)];
  const curve = (from: readonly [number, number], to: readonly [number, number]) => {
    const [one, other] = [
      at(from[0] + CURVE * to[0], from[1] + CURVE * to[1]),
      at(to[0] + CURVE * from[0], to[1] + CURVE * from[1]),
    ];
    const end = at(to[0], to[1]);
    return `C${one.join(' ')} ${other.join(' ')} ${end.join(' ')}`;
  };
  const start = at(1, 0);
  const path = [
    `M${start.join(' ')}`,
    curve([1, 0], [0, 1]),
    curve([0, 1], [-1, 0]),
    curve([-1, 0], [0, -1]),
    curve([0, -1], [1, 0]),
    'Z',
  ].join('');
  return { path, anchor: rightmost(corners) };
}
