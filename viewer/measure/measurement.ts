import { along, cross, distance, dot, minus, unit } from '../series/vector.ts';
import type { Plane, Point } from '../slice.ts';

export const MEASURE_TOOLS = ['length', 'bidirectional', 'ellipse', 'probe', 'angle'] as const;
export type MeasureTool = (typeof MEASURE_TOOLS)[number];

/**
 * What a reader measured on one slice. Points are patient millimetres (LPS) in that slice:
 * - length: its two ends;
 * - bidirectional: the ends of the long axis, then those of the axis at a right angle to it;
 * - ellipse: its centre, then the ends of its half axes to the right and to the top of the screen it was drawn on;
 * - probe: the point;
 * - angle: the end of one arm, the vertex, the end of the other.
 */
export interface Measurement {
  readonly id: string;
  readonly tool: MeasureTool;
  readonly SeriesInstanceUID: string;
  readonly plane: Plane;
  /** Position of the slice, as `Slice.index`. */
  readonly index: number;
  /** The normal of the slice, towards the reader. */
  readonly normal: Point;
  readonly points: readonly Point[];
}

/** How many points a reader gives before a measurement is complete. */
export const POINTS: Readonly<Record<MeasureTool, number>> = {
  length: 2,
  bidirectional: 2,
  ellipse: 2,
  probe: 1,
  angle: 3,
};

/** What a first drag shows of the short axis, as a part of the long one. */
const FIRST_SHORT = 0.5;

interface Axes {
  readonly right: Point;
  readonly up: Point;
  readonly normal: Point;
}

/** The points of a measurement from what the reader gave: at least one, the last where the pointer is. */
export function pointsFrom(tool: MeasureTool, given: readonly Point[], axes: Axes): readonly Point[] {
  const [first = [0, 0, 0], second = first, third = second] = given;
  switch (tool) {
    case 'probe':
      return [first];
    case 'length':
      return [first, second];
    case 'angle':
      return [first, second, third];
    case 'bidirectional':
      return [first, second, ...shortAxis(first, second, axes.normal)];
    default: {
      const diagonal = minus(second, first);
      const center = along(first, diagonal, 0.5);
      const half = (axis: Point) => along(center, axis, Math.abs(dot(diagonal, axis)) / 2);
      return [center, half(axes.right), half(axes.up)];
    }
  }
}

/** In the middle of the long axis, half as long. */
function shortAxis(first: Point, second: Point, normal: Point): readonly [Point, Point] {
  const middle = along(first, minus(second, first), 0.5);
  const across = unit(cross(normal, minus(second, first)), [1, 0, 0]);
  const half = (distance(first, second) * FIRST_SHORT) / 2;
  return [along(middle, across, half), along(middle, across, -half)];
}

/** The points a reader can take hold of. */
export function handlesOf({ tool, points }: Pick<Measurement, 'tool' | 'points'>): readonly Point[] {
  if (tool !== 'ellipse') return points;
  const [center = [0, 0, 0], right = center, top = center] = points;
  const opposite = (point: Point) => along(center, minus(point, center), -1);
  return [center, right, top, opposite(right), opposite(top)];
}

/** The measurement with one of its handles at `to`, a point of the same slice. */
export function moveHandle<M extends Measurement>(measurement: M, handle: number, to: Point): M {
  const { tool, points, normal } = measurement;
  const moved = () => points.map((point, at) => (at === handle ? to : point));
  if (tool === 'ellipse') return { ...measurement, points: moveEllipse(points, handle, to) };
  if (tool === 'bidirectional') return { ...measurement, points: moveAxes(points, handle, to, normal) };
  return { ...measurement, points: moved() };
}

/** The centre carries all; a side moves while the one across stays. */
function moveEllipse(points: readonly Point[], handle: number, to: Point): readonly Point[] {
  const [center = to, right = to, top = to] = points;
  if (handle === 0) {
    const step = minus(to, center);
    return points.map((point) => along(point, step, 1));
  }
  const isAcross = handle === 1 || handle === 3;
  const end = isAcross ? right : top;
  const axis = unit(minus(end, center), isAcross ? [1, 0, 0] : [0, 1, 0]);
  const direction = handle > 2 ? -1 : 1;
  const fixed = along(center, axis, -direction * distance(end, center));
  const reach = Math.max(0.1, dot(minus(to, fixed), axis) * direction);
  const newCenter = along(fixed, axis, (direction * reach) / 2);
  const other = along(newCenter, minus(isAcross ? top : right, center), 1);
  const newEnd = along(newCenter, axis, reach / 2);
  return isAcross ? [newCenter, newEnd, other] : [newCenter, other, newEnd];
}

/** Both axes stay at a right angle and crossed: an end of the long one turns them, one of the short one slides it. */
function moveAxes(points: readonly Point[], handle: number, to: Point, normal: Point): readonly Point[] {
  const [a = to, b = to, c = to, d = to] = points;
  const long = distance(a, b);
  const axis = unit(minus(b, a), [1, 0, 0]);
  const across = cross(normal, axis);
  if (handle < 2) {
    const [newA, newB] = handle === 0 ? [to, b] : [a, to];
    const newAxis = unit(minus(newB, newA), axis);
    const newAcross = cross(normal, newAxis);
    const crossing = along(newA, newAxis, (clamp(dot(minus(c, a), axis) / (long || 1)) || 0) * distance(newA, newB));
    const end = (point: Point) => along(crossing, newAcross, dot(minus(point, a), across));
    return [newA, newB, end(c), end(d)];
  }
  const crossing = along(a, axis, clamp(dot(minus(to, a), axis) / (long || 1)) * long);
  const end = (point: Point) => along(crossing, across, dot(minus(point, a), across));
  return handle === 2 ? [a, b, end(to), end(d)] : [a, b, end(c), end(to)];
}

const clamp = (share: number): number => Math.min(1, Math.max(0, share));

/** In degrees, between 0 and 180. */
export function angleOf([a, vertex, b]: readonly Point[]): number {
  if (!a || !vertex || !b) return 0;
  const [one, other] = [unit(minus(a, vertex), [1, 0, 0]), unit(minus(b, vertex), [1, 0, 0])];
  return (Math.acos(Math.min(1, Math.max(-1, dot(one, other)))) * 180) / Math.PI;
}

/** Long and short axis of a bidirectional measurement, the longer first. */
export function axesOf([a, b, c, d]: readonly Point[]): readonly [long: number, short: number] {
  if (!a || !b || !c || !d) return [0, 0];
  const [one, other] = [distance(a, b), distance(c, d)];
  return one >= other ? [one, other] : [other, one];
}
