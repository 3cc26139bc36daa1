import { useEffect, useRef } from 'react';
import type { ImageSeries } from '../series/image-series.ts';
import { along } from '../series/vector.ts';
import type { Point } from '../slice.ts';
import { prepareSegmentation } from './reading-api.ts';
import type { Review } from './use-review.ts';

/** Not before what the reader waits for: the first images. */
const AFTER_MS = 1500;

/**
 * Once for a series that is open for review: the server has the series placed and the slices around its best finding decoded
 * when the first click comes.
 */
export function useWarmSegmenter({ listed }: Review, series: ImageSeries | undefined, isOpen: boolean): void {
  const best = useRef<Point | undefined>(undefined);
  const found = listed.shown.find(({ SeriesInstanceUID }) => SeriesInstanceUID === series?.SeriesInstanceUID);
  best.current = found?.center ?? undefined;
  useEffect(() => {
    if (!isOpen || !series?.isHounsfield || series.obstacle !== undefined) return;
    const timer = setTimeout(() => {
      const point = best.current ?? middleOf(series);
      const { StudyInstanceUID, SeriesInstanceUID } = series;
      if (point) prepareSegmentation(StudyInstanceUID, { SeriesInstanceUID, point: [...point] }).catch(() => undefined);
    }, AFTER_MS);
    return () => clearTimeout(timer);
  }, [series, isOpen]);
}

function middleOf({ images }: ImageSeries): Point | undefined {
  const image = images[Math.floor(images.length / 2)];
  if (!image?.plane) return undefined;
  const { position, row, column, spacingMm } = image.plane;
  return along(along(position, row, (image.Columns / 2) * spacingMm[0]), column, (image.Rows / 2) * spacingMm[1]);
}
