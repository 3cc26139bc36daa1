import { z } from 'zod';
import { Uid } from './uid.ts';

const Point = z.tuple([z.number(), z.number(), z.number()]);

/**
 * Where a lesion shows on one image: the box around its cut, in SCOORD image coordinates
 * (PS3.3 §C.18.6.1.1: column, row; (0, 0) is the top left corner of the top left pixel, a pixel centre is at +0.5).
 */
export const ImageRegion = z.strictObject({
  SOPClassUID: Uid,
  SOPInstanceUID: Uid,
  /** 1-based frame (PS3.3 §10.3); 1 for a classic single-frame image. */
  frame: z.number().int().min(1),
  left: z.number(),
  top: z.number(),
  right: z.number(),
  bottom: z.number(),
});
export type ImageRegion = z.infer<typeof ImageRegion>;

/** How dense a lesion in lung is: what a reader calls solid, part-solid (subsolid with a solid part), ground glass. */
export const LesionDensity = z.enum(['solid', 'partSolid', 'groundGlass']);
export type LesionDensity = z.infer<typeof LesionDensity>;

const Axis = z.tuple([Point, Point]);
const Length = z.number().positive().max(500);

/** What a local segmentation of a lesion says; its border is the edge seen on a lung window. Points are LPS, mm. */
export const LesionMeasurement = z.strictObject({
  /** The longest diameter on an axial image, and the longest at a right angle to it on the same image. */
  longAxisMm: Length,
  shortAxisMm: Length,
  /** Mean of both. */
  meanDiameterMm: Length,
  volumeMm3: z.number().positive(),
  longAxis: Axis,
  shortAxis: Axis,
  meanHu: z.number().min(-1100).max(32_767),
  /** `null` where it is too small to tell. */
  density: LesionDensity.nullable(),
  /** Diameter of the solid part of a part-solid lesion, as a sphere; `null` for others. */
  solidMm: z.number().nonnegative().max(500).nullable(),
  /** From the surface of the lesion to that of the lung; `null` without a lung mask. */
  pleuraMm: z.number().nonnegative().max(500).nullable(),
});
export type LesionMeasurement = z.infer<typeof LesionMeasurement>;

/**
 * One lesion candidate as a detector answers it; the patient coordinate system is LPS, mm (PS3.3 §C.7.6.2.1.1). On a single
 * image, a radiograph or a mammogram, it lies nowhere in the patient: then centre, diameter and volume are `null`, all of them,
 * and `region` is the whole of what is known.
 */
export const Lesion = z.strictObject({
  center: Point.nullable(),
  /** Mean diameter as measured; where it was not, the diameter that the model answered. */
  diameterMm: Length.nullable(),
  /** As measured; where it was not, that of the sphere of this diameter. */
  volumeMm3: z.number().positive().nullable(),
  /** Absent where the lesion was not, or could not be, segmented. */
  measurement: LesionMeasurement.optional(),
  /** 0..1; calibrated only where the model card says so. */
  score: z.number().min(0).max(1),
  /** Class name from the manifest, for example `nodule`. */
  label: z.string().min(1).max(64),
  /** Side of the body of the centre, from the lung mask; `null` when it cannot be told. */
  laterality: z.enum(['left', 'right']).nullable(),
  SeriesInstanceUID: Uid,
  /** On the image nearest to the centre. */
  region: ImageRegion,
  /** The region says only about where: it comes from a map of activations. */
  isApproximate: z.literal(true).optional(),
});
export type Lesion = z.infer<typeof Lesion>;

/** A lesion that lies somewhere in the patient. */
export interface Placed {
  readonly center: readonly [number, number, number];
  readonly diameterMm: number;
  readonly volumeMm3: number;
}

export const isPlaced = <L extends Pick<Lesion, keyof Placed>>(lesion: L): lesion is L & Placed =>
  lesion.center !== null && lesion.diameterMm !== null && lesion.volumeMm3 !== null;

/** A lesion with its identity. `TrackingUID` is derived from run and index, so a retry names it the same. */
export const Finding = z.strictObject({
  ...Lesion.shape,
  /** 1 is the highest score. */
  index: z.number().int().min(1),
  TrackingUID: Uid,
});
export type Finding = z.infer<typeof Finding>;
