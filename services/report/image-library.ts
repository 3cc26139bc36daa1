import { imageModality } from '../dicom/sr/codes.ts';
import type { ImageReference } from '../dicom/sr/content-item.ts';
import type { ImageLibraryGroup } from '../dicom/sr/tid-1600-image-library.ts';
import type { InstanceReference } from '../domain/report-source.ts';
import type { AnalysedSeries } from '../domain/run.ts';
import { bySeries } from './evidence.ts';
import { usableUid } from './lesion-group.ts';

/** A series that was read, with its grid where it is a volume. */
function readSeries(series: AnalysedSeries): ImageLibraryGroup {
  const { Modality: modality, shape, spacingMm } = series;
  const FrameOfReferenceUID = usableUid(series.FrameOfReferenceUID);
  const grid = spacingMm === null ? undefined : { shape, spacingMm };
  return { modality, FrameOfReferenceUID, grid, images: readImages(series) };
}

/** Each series that was read: of a volume one, of single images as many as hold them. */
export const readSeriesOf = (series: AnalysedSeries): ImageLibraryGroup[] => [
  readSeries(series),
  ...(series.others ?? []).map((one) => ({ modality: one.Modality, images: readImages(one) })),
];

/** Each series of images with what its SOP Class tells. */
export const consideredImages = (considered: readonly InstanceReference[]): ImageLibraryGroup[] =>
  [...bySeries(considered).values()].flatMap((instances) =>
    [...Map.groupBy(instances, ({ SOPClassUID }) => imageModality(SOPClassUID))].map(([modality = '', images]) => ({
      modality,
      images,
    })),
  );

/** More do not fit into a value of IS in explicit VR, which is 64 KB at most. */
const MAX_FRAMES_NAMED = 8000;

/** Each object once: all of it, or the frames of it that were read (PS3.3 Table 10-3). */
function readImages({ images }: Pick<AnalysedSeries, 'images'>): readonly ImageReference[] {
  return [...Map.groupBy(images, ({ SOPInstanceUID }) => SOPInstanceUID)].map(([SOPInstanceUID, members]) => {
    const SOPClassUID = members[0]?.SOPClassUID ?? '';
    const frames = members.flatMap(({ frame }) => frame ?? []).sort((a, b) => a - b);
    const isWhole = frames.length === (members[0]?.NumberOfFrames ?? 0) || frames.length > MAX_FRAMES_NAMED;
    return { SOPClassUID, SOPInstanceUID, ...(isWhole ? {} : { frames }) };
  });
}
