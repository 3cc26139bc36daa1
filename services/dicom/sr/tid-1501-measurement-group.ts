import type { Code } from '../../domain/report-source.ts';
import { CONCEPT, UNIT, VALUE } from './codes.ts';
import {
  type ContentItem,
  code,
  container,
  ellipsoid,
  type ImageReference,
  polyline,
  text,
  textIfAny,
  uidref,
} from './content-item.ts';
import { tid300Measurement } from './tid-300-measurement.ts';

/** One lesion as a measurement group says it. */
export interface LesionGroup {
  /** Shown by readers as the name of the lesion, for example `Finding 1`. */
  readonly trackingIdentifier: string;
  readonly TrackingUID: string;
  readonly finding: Code;
  readonly site: Code | undefined;
  readonly laterality: 'left' | 'right' | null;
  readonly longAxisMm: number;
  readonly volumeMm3: number;
  /** 0..1. */
  readonly score: number;
  /** What the score is, in words. */
  readonly scoreMeaning: string;
  readonly comment: string;
  /** The box around its cut on one image, in pixels from the top left corner of the top left pixel. */
  readonly box: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number };
  readonly on: ImageReference;
  /** The sphere that the volume is that of; `undefined` where its frame of reference is not known. */
  readonly sphere: Sphere | undefined;
}

export interface Sphere {
  /** x, y, z in mm, LPS. */
  readonly center: readonly [number, number, number];
  readonly diameterMm: number;
  readonly FrameOfReferenceUID: string;
}

/**
 * TID 1501 in the form that Cornerstone and OHIF turn into an annotation: the box stands at group level, and once more
 * under the first NUM, which must own it. The sphere hangs from the volume, for a viewer takes only a flat shape.
 */
export function tid1501MeasurementGroup(lesion: LesionGroup): ContentItem {
  return container('CONTAINS', CONCEPT.measurementGroup, [
    text('HAS OBS CONTEXT', CONCEPT.trackingIdentifier, lesion.trackingIdentifier),
    uidref('HAS OBS CONTEXT', CONCEPT.trackingUniqueIdentifier, lesion.TrackingUID),
    code('CONTAINS', CONCEPT.finding, lesion.finding),
    ...findingSite(lesion),
    tid300Measurement({
      concept: CONCEPT.longAxis,
      value: lesion.longAxisMm,
      decimals: 2,
      unit: UNIT.millimeter,
      inferredFrom: [rectangle('INFERRED FROM', lesion)],
    }),
    tid300Measurement({
      concept: CONCEPT.volume,
      value: lesion.volumeMm3,
      decimals: 2,
      unit: UNIT.cubicMillimeter,
      inferredFrom: lesion.sphere ? [sphere(lesion.sphere)] : [],
    }),
    tid300Measurement({
      concept: CONCEPT.certaintyOfFinding,
      value: lesion.score * 100,
      decimals: 2,
      unit: UNIT.percent,
      equivalentMeaning: lesion.scoreMeaning,
    }),
    ...textIfAny('CONTAINS', CONCEPT.comment, lesion.comment),
    rectangle('CONTAINS', lesion),
  ]);
}

const LATERALITY = { left: VALUE.left, right: VALUE.right } as const;

function findingSite({ site, laterality }: LesionGroup): ContentItem[] {
  if (!site) return [];
  const side = laterality ? [code('HAS CONCEPT MOD', CONCEPT.laterality, LATERALITY[laterality])] : [];
  return [code('HAS CONCEPT MOD', CONCEPT.findingSite, site, side)];
}

/** A closed line of five points: POLYGON is not allowed in an SCOORD (PS3.3 §C.18.6.1.2), and viewers know this form. */
function rectangle(relationship: 'CONTAINS' | 'INFERRED FROM', { box, on }: LesionGroup): ContentItem {
  const { left, top, right, bottom } = box;
  const points = [left, top, right, top, right, bottom, left, bottom, left, top];
  return polyline(relationship, CONCEPT.imageRegion, points, on);
}

/** The ends of the three axes; of a sphere any three at right angles will do. */
function sphere({ center: [x, y, z], diameterMm, FrameOfReferenceUID }: Sphere): ContentItem {
  const r = diameterMm / 2;
  const ends = [x - r, y, z, x + r, y, z, x, y - r, z, x, y + r, z, x, y, z - r, x, y, z + r];
  return ellipsoid('INFERRED FROM', CONCEPT.imageRegion, ends, FrameOfReferenceUID);
}
