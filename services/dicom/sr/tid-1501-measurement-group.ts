import type { Code } from '../../domain/report-source.ts';
import { CONCEPT, UNIT, VALUE } from './codes.ts';
import {
  type ContentItem,
  code,
  container,
  ellipsoid,
  type ImageReference,
  polyline,
  polyline3d,
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
  /** `undefined` on a single image, where nothing says how large a pixel is in the patient. */
  readonly longAxisMm: number | undefined;
  /** What `longAxisMm` is, where it was not measured on the images. */
  readonly longAxisMeaning: string;
  readonly volumeMm3: number | undefined;
  readonly measured: MeasuredLesion | undefined;
  /** 0..1; `undefined` for a lesion as a person has it. */
  readonly score: number | undefined;
  /** What the score is, in words. */
  readonly scoreMeaning: string;
  readonly comment: string;
  /** The box around its cut on one image, in pixels from the top left corner of the top left pixel. */
  readonly box: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number };
  readonly on: ImageReference;
  /** The sphere that the volume is that of; `undefined` where its frame of reference is not known. */
  readonly sphere: Sphere | undefined;
}

/** What a segmentation tells beyond long axis and volume. */
interface MeasuredLesion {
  readonly shortAxisMm: number;
  readonly meanDiameterMm: number;
  readonly meanHu: number;
  readonly density: 'solid' | 'partSolid' | 'groundGlass' | null;
  readonly pleuraMm: number | null;
  /** The ends of the short axis, x, y, z in mm, LPS; `undefined` where their frame of reference is not known. */
  readonly shortAxis: { readonly ends: readonly number[]; readonly FrameOfReferenceUID: string } | undefined;
}

interface Sphere {
  /** x, y, z in mm, LPS. */
  readonly center: readonly [number, number, number];
  readonly diameterMm: number;
  readonly FrameOfReferenceUID: string;
}

/**
 * TID 1501 in the form that Cornerstone and OHIF turn into an annotation: the box stands at group level, and once more
 * under the first NUM, which must own it: the long axis, or the certainty where there is no size. The sphere hangs from the volume, for a viewer takes only a flat shape.
 */
export function tid1501MeasurementGroup(lesion: LesionGroup): ContentItem {
  return container('CONTAINS', CONCEPT.measurementGroup, [
    text('HAS OBS CONTEXT', CONCEPT.trackingIdentifier, lesion.trackingIdentifier),
    uidref('HAS OBS CONTEXT', CONCEPT.trackingUniqueIdentifier, lesion.TrackingUID),
    code('CONTAINS', CONCEPT.finding, lesion.finding),
    ...findingSite(lesion),
    ...longAxis(lesion),
    ...axes(lesion),
    ...volume(lesion),
    ...density(lesion),
    ...certainty(lesion),
    ...textIfAny('CONTAINS', CONCEPT.comment, lesion.comment),
    rectangle('CONTAINS', lesion),
  ]);
}

function longAxis(lesion: LesionGroup): ContentItem[] {
  const { longAxisMm: value, longAxisMeaning: equivalentMeaning } = lesion;
  if (value === undefined) return [];
  const millimeters = { value, decimals: 2, unit: UNIT.millimeter, equivalentMeaning };
  const inferredFrom = [rectangle('INFERRED FROM', lesion)];
  return [tid300Measurement({ concept: CONCEPT.longAxis, ...millimeters, inferredFrom })];
}

function volume({ volumeMm3: value, sphere: ofVolume }: LesionGroup): ContentItem[] {
  if (value === undefined) return [];
  const inferredFrom = ofVolume ? [sphere(ofVolume)] : [];
  return [tid300Measurement({ concept: CONCEPT.volume, value, decimals: 2, unit: UNIT.cubicMillimeter, inferredFrom })];
}

function certainty(lesion: LesionGroup): ContentItem[] {
  const { score, scoreMeaning: equivalentMeaning, longAxisMm } = lesion;
  if (score === undefined) return [];
  const percent = { value: score * 100, decimals: 2, unit: UNIT.percent };
  const inferredFrom = longAxisMm === undefined ? [rectangle('INFERRED FROM', lesion)] : [];
  return [tid300Measurement({ concept: CONCEPT.certaintyOfFinding, ...percent, equivalentMeaning, inferredFrom })];
}

/** Short axis and mean diameter; the line of the short axis hangs from it, for a viewer takes only a flat shape. */
function axes({ measured }: LesionGroup): ContentItem[] {
  if (!measured) return [];
  const { shortAxis, shortAxisMm, meanDiameterMm } = measured;
  const line = shortAxis && [
    polyline3d('INFERRED FROM', CONCEPT.imageRegion, shortAxis.ends, shortAxis.FrameOfReferenceUID),
  ];
  const millimeters = { decimals: 2, unit: UNIT.millimeter };
  return [
    tid300Measurement({ concept: CONCEPT.shortAxis, value: shortAxisMm, ...millimeters, inferredFrom: line ?? [] }),
    tid300Measurement({ concept: CONCEPT.diameter, value: meanDiameterMm, ...millimeters, derivation: VALUE.mean }),
  ];
}

const TO_PLEURA = 'Distance from the surface of the lesion to the nearest surface of the lung';

/** Mean attenuation, density in a word, distance to the pleura: what each of them is known for. */
function density({ measured }: LesionGroup): ContentItem[] {
  if (!measured) return [];
  const { meanHu: value, pleuraMm, density: word } = measured;
  const pleura = { concept: CONCEPT.distance, decimals: 1, unit: UNIT.millimeter, equivalentMeaning: TO_PLEURA };
  return [
    tid300Measurement({
      concept: CONCEPT.attenuation,
      value,
      decimals: 0,
      unit: UNIT.hounsfield,
      derivation: VALUE.mean,
    }),
    ...(pleuraMm === null ? [] : [tid300Measurement({ ...pleura, value: pleuraMm })]),
    ...(word === null ? [] : [code('CONTAINS', CONCEPT.lesionDensity, VALUE[word])]),
  ];
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
