import { type PatientPoint, toPatient, voxelPoint } from '../domain/geometry.ts';
import type { LesionRegion } from './segment-lesion.ts';

/** A straight line across a lesion, in the patient. */
export interface Axis {
  readonly lengthMm: number;
  readonly from: PatientPoint;
  readonly to: PatientPoint;
}

/** The two axes of a lesion on one axial image: the longest, and the longest at a right angle to it. */
export interface LesionAxes {
  readonly long: Axis;
  readonly short: Axis;
}

type Point = readonly [x: number, y: number];

/**
 * The axes on the axial slice of the region where their mean is largest, as a reader measures a nodule (Fleischner
 * Society 2017). The border is found between voxels, where the HU cross that of the border.
 */
export function lesionAxes(region: LesionRegion): LesionAxes | undefined {
  const { geometry } = region.block;
  const [, , slices] = geometry.shape;
  const mm = geometry.spacingMm[0];
  let best: { k: number; mean: number; long: Chord; short: Chord } | undefined;
  for (let k = 0; k < slices; k++) {
    const hull = convexHull(borderPoints(region, k));
    const long = longest(hull);
    if (!long) continue;
    const short = acrossOf(hull, long);
    const mean = length(long) + length(short);
    if (!best || mean > best.mean) best = { k, mean, long, short };
  }
  if (!best) return undefined;
  const { k, long, short } = best;
  const axis = (chord: Chord): Axis => ({
    lengthMm: length(chord) * mm,
    from: toPatient(geometry, voxelPoint(chord[0][0], chord[0][1], k)),
    to: toPatient(geometry, voxelPoint(chord[1][0], chord[1][1], k)),
  });
  return { long: axis(long), short: axis(short) };
}

type Chord = readonly [Point, Point];
const length = ([a, b]: Chord): number => Math.hypot(b[0] - a[0], b[1] - a[1]);

/** Where rows and columns of one slice enter and leave the region, in voxels. */
function borderPoints({ block, inside, borderHu }: LesionRegion, k: number): Point[] {
  const [nx, ny] = block.geometry.shape;
  const [start, end] = [k * nx * ny, (k + 1) * nx * ny];
  const points: Point[] = [];
  /** The border on the way to a neighbour, in parts of a voxel; 0 when the neighbour is inside too. */
  const outTo = (at: number, next: number, isInGrid: boolean): number => {
    if (isInGrid && inside[next] === 1) return 0;
    return crossing(block.hu[at] as number, isInGrid ? (block.hu[next] as number) : Number.NaN, borderHu);
  };
  const around = (at: number, i: number, j: number) => {
    const right = outTo(at, at + 1, i < nx - 1);
    const left = outTo(at, at - 1, i > 0);
    const down = outTo(at, at + nx, j < ny - 1);
    const up = outTo(at, at - nx, j > 0);
    if (right > 0) points.push([i + right, j]);
    if (left > 0) points.push([i - left, j]);
    if (down > 0) points.push([i, j + down]);
    if (up > 0) points.push([i, j - up]);
  };
  for (let at = inside.indexOf(1, start); at >= 0 && at < end; at++) {
    if (inside[at] === 1) around(at, (at - start) % nx, Math.floor((at - start) / nx));
  }
  return points;
}

/** How far from an inner voxel to its outer neighbour the border lies; half-way where it was cut, not crossed. */
function crossing(inner: number, outer: number, borderHu: number): number {
  const isCrossed = inner > borderHu && outer < borderHu;
  return isCrossed ? (inner - borderHu) / (inner - outer) : 0.5;
}

/** Andrew's monotone chain: the corners in turn, no three on a line. */
function convexHull(points: readonly Point[]): Point[] {
  const sorted = points.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
  const half = (list: readonly Point[]) => {
    const chain: Point[] = [];
    for (const point of list) {
      while (chain.length >= 2 && turn(chain.at(-2) as Point, chain.at(-1) as Point, point) <= 0) chain.pop();
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.toReversed())];
}

const turn = (a: Point, b: Point, c: Point): number => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);

function longest(hull: readonly Point[]): Chord | undefined {
  let best: Chord | undefined;
  for (const [n, a] of hull.entries()) {
    for (const b of hull.slice(n + 1)) if (!best || length([a, b]) > length(best)) best = [a, b];
  }
  return best;
}

/** The longest chord of a convex shape at a right angle to another: one of its ends is a corner. */
function acrossOf(hull: readonly Point[], [from, to]: Chord): Chord {
  const mm = length([from, to]);
  const [ux, uy] = [(to[0] - from[0]) / mm, (to[1] - from[1]) / mm];
  const along = ([x, y]: Point) => x * ux + y * uy;
  let best: Chord = [from, from];
  for (const corner of hull) {
    for (const [n, a] of hull.entries()) {
      const b = hull[(n + 1) % hull.length] ?? a;
      const [start, end, at] = [along(a), along(b), along(corner)];
      if (start === end || at < Math.min(start, end) || at > Math.max(start, end)) continue;
      const part = (at - start) / (end - start);
      const chord: Chord = [corner, [a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1])]];
      if (length(chord) > length(best)) best = chord;
    }
  }
  return best;
}
