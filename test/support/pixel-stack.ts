import type { DicomJson } from '../../services/dicom/dataset/json-attributes.ts';
import type { GreyPixels } from '../../viewer/series/grey-pixels.ts';
import { type ImageSeries, imageSeries } from '../../viewer/series/image-series.ts';
import type { PixelsOf } from '../../viewer/series/plane-grid.ts';
import { along, cross } from '../../viewer/series/vector.ts';
import type { Point } from '../../viewer/slice.ts';

export interface StackOptions {
  readonly columns: number;
  readonly rows: number;
  readonly heights: readonly number[];
  /** Between columns, between rows. */
  readonly spacingMm: readonly [column: number, row: number];
  readonly row?: Point;
  readonly column?: Point;
  readonly valueAt: (point: Point) => number;
}

const value = (vr: string, ...Value: unknown[]) => ({ vr, Value });

/** A series of axial or oblique images and their pixels in memory, from a value for each point of the patient. */
export function pixelStack({
  columns,
  rows,
  heights,
  spacingMm,
  row = [1, 0, 0],
  column = [0, 1, 0],
  valueAt,
}: StackOptions): { readonly series: ImageSeries; readonly pixelsOf: PixelsOf } {
  const normal = cross(row, column);
  const corner = along(
    along([0, 0, 0], row, (-(columns - 1) / 2) * spacingMm[0]),
    column,
    (-(rows - 1) / 2) * spacingMm[1],
  );
  const datasets = heights.map(
    (height, at): DicomJson => ({
      '00080018': value('UI', `1.2.3.${at + 1}`),
      '00080060': value('CS', 'CT'),
      '00180050': value('DS', 1),
      '00200013': value('IS', at + 1),
      '00200032': value('DS', ...along(corner, normal, height)),
      '00200037': value('DS', ...row, ...column),
      '00280010': value('US', rows),
      '00280011': value('US', columns),
      '00280030': value('DS', spacingMm[1], spacingMm[0]),
      '00280100': value('US', 16),
      '00280101': value('US', 16),
      '00280103': value('US', 1),
      '00281052': value('DS', 0),
      '00281053': value('DS', 1),
    }),
  );
  const series = imageSeries({ StudyInstanceUID: '1.2', SeriesInstanceUID: '1.2.3' }, datasets);
  const pixels = series.images.map(({ plane }): GreyPixels => {
    const origin = plane?.position ?? [0, 0, 0];
    const numbers = Int16Array.from({ length: columns * rows }, (_none, offset) =>
      Math.round(
        valueAt(
          along(
            along(origin, row, (offset % columns) * spacingMm[0]),
            column,
            Math.floor(offset / columns) * spacingMm[1],
          ),
        ),
      ),
    );
    return { numbers, scale: { zero: 0, unit: 1 }, low: -2000, isMeasured: true };
  });
  return { series, pixelsOf: (index) => pixels[index] };
}
