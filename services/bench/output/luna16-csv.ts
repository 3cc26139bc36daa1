import type { Mark } from '../../evaluation/lesion.ts';

/** A mark with the series it lies on. */
export interface SeriesMark extends Mark {
  readonly SeriesInstanceUID: string;
}

/** LUNA16's columns, then the diameter, which its script does not read and ours does. Numbers keep every digit. */
export function luna16Csv(marks: readonly SeriesMark[]): string {
  const lines = marks.map(({ SeriesInstanceUID, center, score, diameterMm }) =>
    [SeriesInstanceUID, ...center, score, diameterMm ?? ''].join(','),
  );
  return `${['seriesuid,coordX,coordY,coordZ,probability,diameter_mm', ...lines].join('\n')}\n`;
}
