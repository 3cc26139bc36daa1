import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import type { Finding } from '../../services/domain/finding.ts';
import { fetchMetadata } from '../api.ts';
import { type ImageSeries, imageSeries } from '../series/image-series.ts';
import { nearestImage } from '../series/slice-index.ts';
import { setView, useViewState } from '../state.ts';
import type { ViewerEngine } from '../viewer-engine.ts';

/** The images of a series, ordered; read again when there are more of them. */
export function useImageSeries(
  StudyInstanceUID: string,
  SeriesInstanceUID: string | undefined,
  instanceCount: number,
): { readonly series: ImageSeries | undefined; readonly error: Error | null } {
  const query = useQuery({
    queryKey: ['series', StudyInstanceUID, SeriesInstanceUID, instanceCount],
    queryFn: ({ signal }) => {
      const key = { StudyInstanceUID, SeriesInstanceUID: SeriesInstanceUID ?? '' };
      return fetchMetadata(key, signal).then((datasets) => imageSeries(key, datasets));
    },
    enabled: SeriesInstanceUID !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return { series: query.data, error: query.error };
}

/** Opens the series in the engine, on the slice of the best finding; closes it with the screen. */
export function useOpenSeries(
  engine: ViewerEngine | undefined,
  series: ImageSeries | undefined,
  best: Finding | undefined,
): unknown {
  const [failure, setFailure] = useState<unknown>(undefined);
  const first = useMemo(() => {
    const index = series && best ? nearestImage(series, best.center) : undefined;
    return { index: index ?? 0, finding: index === undefined ? undefined : best };
    // A result that comes while the reader scrolls must not move the picture: only another series opens anew.
    // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  }, [series]);

  useEffect(() => {
    if (!engine || !series || series.images.length === 0) return;
    setFailure(undefined);
    const { finding } = first;
    setView({ selected: finding?.TrackingUID, crosshair: finding?.center });
    engine
      .open(series, first.index, useViewState.getState().window)
      .then(() => finding && engine.goTo(finding.center))
      .catch(setFailure);
    return () => engine.close();
  }, [engine, series, first]);

  return failure;
}
