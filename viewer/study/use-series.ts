import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { SeriesSummary } from '../../services/domain/contract/worklist.ts';
import { fetchMetadata } from '../api.ts';
import { goToPlace, type SeenFinding } from '../findings/place.ts';
import { type ImageSeries, imageSeries } from '../series/image-series.ts';
import { setView, useViewState, windowFor } from '../state.ts';
import type { ViewerEngine } from '../viewer-engine.ts';
import { choosePresetOf } from './tool-choices.ts';

/** The images of a series, ordered; read again when there are more of them. */
export function useImageSeries(
  StudyInstanceUID: string,
  chosen: SeriesSummary | undefined,
): { readonly series: ImageSeries | undefined; readonly error: Error | null } {
  const SeriesInstanceUID = chosen?.SeriesInstanceUID;
  const query = useQuery({
    queryKey: ['series', StudyInstanceUID, SeriesInstanceUID, chosen?.instanceCount],
    queryFn: ({ signal }) => {
      const key = { StudyInstanceUID, SeriesInstanceUID: SeriesInstanceUID ?? '' };
      return fetchMetadata(key, signal).then((datasets) => imageSeries(key, datasets));
    },
    enabled: SeriesInstanceUID !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    // A thousand frames share one data set: comparing them one by one takes seconds.
    structuralSharing: false,
  });
  return { series: query.data, error: query.error };
}

/**
 * Opens the series in the engine, on the slice of the finding that is selected on it, else of its best one; closes it with the
 * screen.
 */
export function useOpenSeries(
  engine: ViewerEngine | undefined,
  series: ImageSeries | undefined,
  findings: readonly SeenFinding[],
): { readonly failure: unknown; readonly reload: () => void } {
  const [failure, setFailure] = useState<unknown>(undefined);
  // A result that comes while the reader scrolls must not move the picture: only another series opens anew.
  const now = useRef(findings);
  now.current = findings;

  useEffect(() => {
    if (!engine || !series || series.images.length === 0) return;
    const selected = () => now.current.find(({ TrackingUID }) => TrackingUID === useViewState.getState().selected);
    const finding = selected() ?? now.current[0];
    setFailure(undefined);
    setView(windowFor(series.isHounsfield, useViewState.getState()));
    setView({ selected: finding?.TrackingUID, crosshair: finding?.place.center });
    if (finding) choosePresetOf(finding, series);
    engine
      .open(series, finding?.place.index ?? 0, useViewState.getState().window)
      .then(() => {
        // Another one may have been selected while the images came.
        const place = (selected() ?? finding)?.place;
        if (place) goToPlace(engine, place);
      })
      .catch(setFailure);
    return () => engine.close();
  }, [engine, series]);

  // What could not be fetched is asked for again, and the reader stays where they were.
  const reload = () => {
    if (!engine || !series) return;
    const { crosshair, window } = useViewState.getState();
    engine
      .open(series, engine.slice('axial')?.index ?? 0, window)
      .then(() => crosshair && engine.goTo(crosshair))
      .catch(setFailure);
  };
  return { failure, reload };
}
