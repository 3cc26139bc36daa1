/** A point of the patient, LPS, mm (PS3.3 §C.7.6.2.1.1): the frame of ImagePositionPatient and of LUNA16's world. */
export type PointMm = readonly [x: number, y: number, z: number];

/** What a system proposes. The score may be any finite number; only its order counts for FROC. */
export interface Mark {
  readonly center: PointMm;
  readonly score: number;
  /** `undefined` where a system gives none. */
  readonly diameterMm: number | undefined;
}

/** Edges parallel to the axes of the patient; `from` is the lower corner on every axis. */
export interface Box {
  readonly from: PointMm;
  readonly to: PointMm;
}

export interface LesionMask {
  /** Is the voxel that holds this point part of the lesion? `false` outside the mask's grid. */
  contains(point: PointMm): boolean;
}

/** A lesion as the readers, or the one who planted it, have it. */
export interface TrueLesion {
  /** Unique within its scan. */
  readonly id: string;
  /** An excluded finding takes its marks away and is never looked for (LUNA16's "irrelevant findings"). */
  readonly included: boolean;
  readonly center: PointMm;
  /** As the source has it: a negative number means that nobody measured it. */
  readonly diameterMm: number | undefined;
  readonly box: Box | undefined;
  readonly mask: LesionMask | undefined;
  /** For tables: `density` → `solid`, `site` → `pleural`, … */
  readonly strata: Readonly<Record<string, string>>;
}

/** The truth of one scan; one without lesions counts as well. */
export interface ScanTruth {
  readonly id: string;
  readonly lesions: readonly TrueLesion[];
}

export const squaredDistance = (a: PointMm, b: PointMm): number =>
  (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2;

export const isInside = ({ from, to }: Box, point: PointMm): boolean =>
  point.every((mm, axis) => mm >= (from[axis] ?? 0) && mm <= (to[axis] ?? 0));

/** The cube around a sphere. */
export function cubeAround([x, y, z]: PointMm, diameterMm: number): Box {
  const r = diameterMm / 2;
  return { from: [x - r, y - r, z - r], to: [x + r, y + r, z + r] };
}

/** Intersection over union of two boxes, 0 … 1. */
export function boxIou(a: Box, b: Box): number {
  const edges = (box: Box) => box.to.map((mm, axis) => mm - (box.from[axis] ?? 0));
  const volume = (lengths: readonly number[]) => lengths.reduce((product, mm) => product * mm, 1);
  const overlap = a.to.map((mm, axis) =>
    Math.max(0, Math.min(mm, b.to[axis] ?? 0) - Math.max(a.from[axis] ?? 0, b.from[axis] ?? 0)),
  );
  const both = volume(overlap);
  const either = volume(edges(a)) + volume(edges(b)) - both;
  return either > 0 ? both / either : 0;
}
