import { isMultiFrame, VALUE } from '../dicom/sr/codes.ts';
import type { LesionGroup } from '../dicom/sr/tid-1501-measurement-group.ts';
import type { ReadLesion } from '../domain/contract/reading.ts';
import type { Algorithm } from '../domain/report-source.ts';
import type { AnalysedSeries } from '../domain/run.ts';
import { Uid } from '../domain/uid.ts';
import { ANSWERED_SIZE, SCORE_MEANING } from './report-wording.ts';

/** One lesion that a report presents, and where it lies. */
export interface ReportedLesion {
  readonly trackingIdentifier: string;
  readonly TrackingUID: string;
  readonly lesion: ReadLesion;
  /** Of the detector; `undefined` where a person drew it. */
  readonly score: number | undefined;
  readonly comment: string;
  /** Coded finding and site of each label. */
  readonly classes: Algorithm['classes'];
  /** Of the images it lies on, where that is known. */
  readonly FrameOfReferenceUID: string | undefined;
  /** Columns and rows; `undefined` where the size of its image is not known. */
  readonly imageSize: ImageSize | undefined;
}

export type ImageSize = readonly [columns: number, rows: number];

/** Of the image on which a lesion lies, where it is one that was read. */
export function imageSizeOf(
  series: AnalysedSeries,
  { SeriesInstanceUID, region }: Pick<ReadLesion, 'SeriesInstanceUID' | 'region'>,
): ImageSize | undefined {
  const all = [series, ...(series.others ?? [])];
  const own = all.find((one) => one.SeriesInstanceUID === SeriesInstanceUID);
  const image = own?.images.find(({ SOPInstanceUID }) => SOPInstanceUID === region.SOPInstanceUID);
  if (image?.size) return image.size;
  return own === series ? [series.shape[0], series.shape[1]] : undefined;
}

export function lesionGroup(reported: ReportedLesion): LesionGroup {
  const { lesion, classes, TrackingUID, trackingIdentifier, score, comment } = reported;
  const { region, measurement } = lesion;
  const lesionClass = classes.find(({ name }) => name === lesion.label);
  return {
    ...{ trackingIdentifier, TrackingUID, score, comment },
    finding: lesionClass?.code ?? VALUE.lesion,
    site: lesionClass?.site,
    laterality: lesion.laterality,
    longAxisMm: measurement?.longAxisMm ?? lesion.diameterMm ?? undefined,
    longAxisMeaning: measurement ? '' : sizeMeaning(score),
    volumeMm3: lesion.volumeMm3 ?? undefined,
    measured: measuredLesion(reported),
    scoreMeaning: SCORE_MEANING,
    box: boxOnImage(reported),
    on: {
      SOPClassUID: region.SOPClassUID,
      SOPInstanceUID: region.SOPInstanceUID,
      ...(isMultiFrame(region.SOPClassUID) || region.frame > 1 ? { frames: [region.frame] } : {}),
    },
    sphere: sphereOf(reported),
  };
}

const sizeMeaning = (score: number | undefined): string =>
  score === undefined ? 'Diameter drawn by the reader' : ANSWERED_SIZE;

function measuredLesion({ lesion: { measurement }, ...place }: ReportedLesion): LesionGroup['measured'] {
  if (!measurement) return undefined;
  const FrameOfReferenceUID = usableUid(place.FrameOfReferenceUID);
  const shortAxis = FrameOfReferenceUID ? { ends: measurement.shortAxis.flat(), FrameOfReferenceUID } : undefined;
  return { ...measurement, shortAxis };
}

/** SCOORD coordinates lie on the image (PS3.3 §C.18.6.1.1): a lesion at its edge is cut off there. */
function boxOnImage({ lesion: { region }, imageSize }: ReportedLesion): LesionGroup['box'] {
  const [columns, rows] = imageSize ?? [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const within = (value: number, end: number) => Math.min(Math.max(value, 0), end);
  return {
    left: within(region.left, columns),
    top: within(region.top, rows),
    right: within(region.right, columns),
    bottom: within(region.bottom, rows),
  };
}

/** The one UID of the images that nobody checked on its way in; a report can do without. */
export function usableUid(uid: string | undefined): string | undefined {
  return Uid.safeParse(uid).success ? uid : undefined;
}

function sphereOf({ lesion: { center, diameterMm }, ...place }: ReportedLesion): LesionGroup['sphere'] {
  const FrameOfReferenceUID = usableUid(place.FrameOfReferenceUID);
  if (center === null || diameterMm === null) return undefined;
  return FrameOfReferenceUID ? { center, diameterMm, FrameOfReferenceUID } : undefined;
}
