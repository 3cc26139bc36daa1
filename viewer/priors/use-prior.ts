import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import type { WorklistStudy } from '../../services/domain/contract/worklist.ts';
import { fetchStudiesOf, fetchStudy } from '../api.ts';
import type { ImageSeries } from '../series/image-series.ts';
import type { Point } from '../slice.ts';
import { useViewState } from '../state.ts';
import { startFlat } from '../study/engine-loader.ts';
import { firstRun, firstSeries } from '../study/study-choice.ts';
import { useImageSeries } from '../study/use-series.ts';
import type { ViewerEngine } from '../viewer-engine.ts';
import { bodyProfile, bodyShift } from './body-shift.ts';
import { lesionsOf } from './matched-lesions.ts';
import { priorsOf } from './prior-studies.ts';

/** The earlier studies of the patient and the one that was chosen of them, as far as they have been read. */
export function usePriors(study: WorklistStudy) {
  const [chosenUid, choose] = useState<string | undefined>(undefined);
  const search = useQuery({
    queryKey: ['priors', study.PatientID, study.StudyInstanceUID],
    queryFn: async ({ signal }) => priorsOf(await fetchStudiesOf(study.PatientID, signal), study),
    enabled: study.PatientID.trim() !== '',
  });
  const priors = search.data ?? [];
  const chosen = priors.find(({ StudyInstanceUID }) => StudyInstanceUID === chosenUid) ?? priors[0];
  const detail = useQuery({
    queryKey: ['study', chosen?.StudyInstanceUID],
    queryFn: ({ signal }) => fetchStudy(chosen?.StudyInstanceUID ?? '', signal),
    enabled: chosen !== undefined,
  });
  const run = detail.data && firstRun(detail.data);
  const { series, error } = useImageSeries(
    chosen?.StudyInstanceUID ?? '',
    detail.data && firstSeries(detail.data, run),
  );
  const lesions = useMemo(
    () => lesionsOf(run).filter(({ SeriesInstanceUID }) => SeriesInstanceUID === series?.SeriesInstanceUID),
    [run, series],
  );
  return {
    ...{ priors, chosen, choose, series, lesions },
    isLoading: search.isLoading || detail.isLoading,
    hasImages: detail.data === undefined || firstSeries(detail.data, run) !== undefined,
    error: search.error ?? detail.error ?? error,
  };
}

/** An engine of its own for the prior, closed with the pane. */
export function usePriorEngine(series: ImageSeries | undefined): ViewerEngine | undefined {
  const [engine, setEngine] = useState<ViewerEngine | undefined>(undefined);
  useEffect(() => {
    const going = { on: true };
    void startFlat('software').then((started) => going.on && setEngine(started));
    return () => {
      going.on = false;
    };
  }, []);
  useEffect(() => {
    if (!engine || !series || series.images.length === 0) return;
    void engine.open(series, Math.floor(series.images.length / 2), useViewState.getState().window);
    return () => engine.close();
  }, [engine, series]);
  return engine;
}

export interface Shift {
  readonly by: Point;
  readonly how: 'sameFrame' | 'registered' | 'byHand';
}

const NONE: Shift = { by: [0, 0, 0], how: 'byHand' };

/** How the prior lies to the study: in one frame of reference as it is, else by the body once both are here. */
export function useShift(
  current: ViewerEngine,
  currentSeries: ImageSeries,
  prior: ViewerEngine | undefined,
  priorSeries: ImageSeries | undefined,
): readonly [shift: Shift, set: (shift: Shift) => void, isSettled: boolean] {
  const [byHand, setByHand] = useState<{ readonly of: ImageSeries | undefined; readonly shift: Shift } | undefined>();
  const isComplete = (engine: ViewerEngine | undefined) => {
    const { loaded, total } = engine?.progress() ?? { loaded: 0, total: 1 };
    return total > 0 && loaded === total;
  };
  const isReady = isComplete(current) && isComplete(prior);
  const found = useMemo((): Shift => {
    if (!prior || !priorSeries) return NONE;
    const { FrameOfReferenceUID } = currentSeries;
    if (FrameOfReferenceUID !== '' && FrameOfReferenceUID === priorSeries.FrameOfReferenceUID) {
      return { by: [0, 0, 0], how: 'sameFrame' };
    }
    if (!isReady) return NONE;
    const by = bodyShift(bodyProfile(currentSeries, current.pixels), bodyProfile(priorSeries, prior.pixels));
    return by ? { by, how: 'registered' } : NONE;
  }, [current, currentSeries, prior, priorSeries, isReady]);
  const shift = byHand && byHand.of === priorSeries ? byHand.shift : found;
  const isSettled = isReady || shift !== found || found.how === 'sameFrame';
  return [shift, (given) => setByHand({ of: priorSeries, shift: given }), isSettled];
}
