import type { ReadLesion } from '../../services/domain/contract/reading.ts';
import { type ImageSeries, imageSeries } from '../../viewer/series/image-series.ts';
import { readLesion } from '../support/read-lesions.ts';

interface Image {
  readonly columns: number;
  readonly rows: number;
  /** Imager Pixel Spacing; without one the image has no size but its pixels. */
  readonly pixelSize?: number;
  readonly frames?: number;
}

const SERIES = '1.2.7';
const value = (vr: string, ...Value: unknown[]) => ({ vr, Value });

/** A series of radiographs: nothing in them says where they lie in the patient. Instances `1.2.7.1`, `1.2.7.2`, … */
export const singleImages = (images: readonly Image[], SeriesInstanceUID = SERIES): ImageSeries =>
  imageSeries(
    { StudyInstanceUID: '1.2', SeriesInstanceUID },
    images.map(({ columns, rows, pixelSize, frames }, at) => ({
      '00080018': value('UI', `${SeriesInstanceUID}.${at + 1}`),
      '00080060': value('CS', 'DX'),
      '00200013': value('IS', at + 1),
      '00280010': value('US', rows),
      '00280011': value('US', columns),
      ...(pixelSize === undefined ? {} : { '00181164': value('DS', pixelSize, pixelSize) }),
      ...(frames === undefined ? {} : { '00280008': value('IS', frames) }),
      '00280100': value('US', 16),
      '00280101': value('US', 16),
      '00280103': value('US', 0),
    })),
  );

/** What a model for single images says of image `at` (from 1): a box of left, top, right and bottom, and no size. */
export const lesionOnImage = (
  at: number,
  [left, top, right, bottom]: readonly [number, number, number, number],
  patch: Partial<ReadLesion> = {},
): ReadLesion =>
  readLesion({
    ...{ center: null, diameterMm: null, volumeMm3: null, measurement: undefined },
    ...{ label: 'opacity', laterality: null, SeriesInstanceUID: SERIES },
    region: { SOPClassUID: '1.2', SOPInstanceUID: `${SERIES}.${at}`, frame: 1, left, top, right, bottom },
    ...patch,
  });
