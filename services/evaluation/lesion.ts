/**
 * A point of the patient, LPS, mm (PS3.3 §C.7.6.2.1.1): the frame of ImagePositionPatient and of LUNA16's world. On a single
 * image, which lies nowhere in the patient: column and row of SCOORD (PS3.3 §C.18.6.1.1), and 0; its boxes reach from 0 to 1.
 */
export type PointMm = readonly [x: number, y: number, z: number];

/** What a system proposes. The score may be any finite number; only its order counts for FROC. */
export interface Mark {
  readonly center: PointMm;
  readonly score: number;
  /** `undefined` where a system gives none. */
  readonly diameterMm: number | undefined;
  /** On a single image, where it has one instead of a diameter. */
  readonly box?: Box | undefined;
  /** The single image that it is on, by `imageName`; `undefined`: it lies in the patient. */
  readonly image?: string | undefined;
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
  /** As of a mark, or `ONLY_IMAGE`. */
  readonly image?: string | undefined;
  /** For tables: `density` → `solid`, `site` → `pleural`, … */
  readonly strata: Readonly<Record<string, string>>;
}

/** The truth of one scan; one without lesions counts as well. */
export interface ScanTruth {
  readonly id: string;
  readonly lesions: readonly TrueLesion[];
}

/** Of a lesion whose scan holds one image, which nobody needs to name. */
export const ONLY_IMAGE = '';

/** `frame` counts from 1. */
export const imageName = (SOPInstanceUID: string, frame: number): string => `${SOPInstanceUID} ${frame}`;

/** May one be the other? Both in the patient, or both on the same image. */
export const areTogether = ({ image }: Mark, lesion: TrueLesion): boolean =>
  lesion.image === ONLY_IMAGE ? image !== undefined : image === lesion.image;

/** A box on a single image, from the pixels of its corners. */
export const boxOnImage = (left: number, top: number, right: number, bottom: number): Box => ({
  from: [left, top, 0],
  to: [right, bottom, 1],
});

/** The middle of a box; on an image, a point of the image. */
export function middleOf({ from, to }: Box, image: string | undefined): PointMm {
  const [x, y, z] = from.map((edge, axis) => (edge + (to[axis] ?? 0)) / 2) as [number, number, number];
  return image === undefined ? [x, y, z] : [x, y, 0];
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
