import './study.css';
import './images.css';
import { SegmentedControl, VisuallyHidden } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { Link } from 'wouter';
import type { RunDetail, StudyDetail } from '../../services/domain/contract/worklist.ts';
import { isPlaced } from '../../services/domain/finding.ts';
import { ApiError, fetchStudy } from '../api.ts';
import { findingValues } from '../findings/finding-words.ts';
import { neighbour } from '../findings/operating-point.ts';
import { goToPlace, placeOn, type SeenFinding, seenOn } from '../findings/place.ts';
import { ServerClockContext } from '../frame/clock.ts';
import { useLive } from '../frame/live.ts';
import { LiveBar } from '../frame/live-bar.tsx';
import { useText } from '../locales/i18n.ts';
import { usePresence } from '../presence.ts';
import type { ListedFinding, NamedLesion } from '../review/listed-findings.ts';
import { meter } from '../review/meter.ts';
import { ModeGate } from '../review/mode-gate.tsx';
import { ReviewBar } from '../review/review-bar.tsx';
import { ReviewHeader } from '../review/review-header.tsx';
import { ReviewRoot, useModeOf } from '../review/review-root.tsx';
import type { StrangePatient } from '../review/signing.ts';
import { type Review, useReview, useRunReview } from '../review/use-review.ts';
import type { ImageSeries } from '../series/image-series.ts';
import { START, setView, useViewState } from '../state.ts';
import type { ViewerEngine } from '../viewer-engine.ts';
import { fetchEngine, useEngine } from './engine-loader.ts';
import { FindingsPanel } from './findings-panel.tsx';
import { comeClose, jumpsClose } from './jump-zoom.ts';
import { KeyHelp } from './key-help.tsx';
import { PatientBanner } from './patient-banner.tsx';
import { NoPlanes, Planes } from './planes.tsx';
import { RunFacts, StatePanel } from './run-panel.tsx';
import { SeriesList } from './series-list.tsx';
import { firstRun, firstSeries, imageSeriesOf, seriesByUid } from './study-choice.ts';
import { choosePresetOf } from './tool-choices.ts';
import { Toolbar } from './toolbar.tsx';
import { useImageSeries, useOpenSeries } from './use-series.ts';
import { useStudyKeys } from './use-study-keys.ts';

const POLL_MS = { connecting: 5_000, lost: 5_000, live: 60_000 } as const;

export function StudyScreen({ StudyInstanceUID }: { readonly StudyInstanceUID: string }) {
  const { t } = useText();
  usePresence(StudyInstanceUID);
  const live = useLive();
  const query = useQuery({
    queryKey: ['study', StudyInstanceUID],
    queryFn: ({ signal }) => fetchStudy(StudyInstanceUID, signal),
    refetchInterval: POLL_MS[live.state],
  });

  useEffect(fetchEngine, []);
  useEffect(() => {
    document.title = `Overread · ${t('study.title')}`;
  }, [t]);
  // Windows and tools are the reader's and stay; what is selected belongs to the study, however often it is read again.
  // Before the effects of what is inside, which select the first finding.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another study is what it is about
  useLayoutEffect(() => {
    const { selected, threshold, crosshair, peeking } = START;
    setView({ selected, threshold, crosshair, peeking });
    meter.opened();
  }, [StudyInstanceUID]);

  const detail = query.data;
  if (!detail) return <NoStudy error={query.error} />;
  return (
    <ServerClockContext value={{ asOf: detail.asOf, receivedAt: query.dataUpdatedAt }}>
      <PatientBanner study={detail.study} />
      <LiveBar live={live} />
      <StudyBody detail={detail} />
    </ServerClockContext>
  );
}

function NoStudy({ error }: { readonly error: Error | null }) {
  const { t } = useText();
  if (!error) return <p className="notice">{t('app.loading')}</p>;
  const absent = error instanceof ApiError && error.status === 404;
  return (
    <main className="notice" role="alert">
      <h1>{absent ? t('study.notFound') : t('app.serverError', { detail: error.message })}</h1>
      <Link href="/worklist">{t('app.toWorklist')}</Link>
    </main>
  );
}

function StudyBody({ detail }: { readonly detail: StudyDetail }) {
  const { study } = detail;
  const [runId, setRunId] = useState<string | undefined>(undefined);
  const [seriesUid, setSeriesUid] = useState<string | undefined>(undefined);
  const [help, setHelp] = useState(false);
  const moved = useViewState((state) => state.threshold);

  const run = detail.runs.find((candidate) => candidate.runId === runId) ?? firstRun(detail);
  const chosen = seriesByUid(detail, seriesUid) ?? firstSeries(detail, run);
  const threshold = moved ?? run?.threshold ?? 0;

  const { engine, error: engineError } = useEngine();
  const { series, error: seriesError } = useImageSeries(study.StudyInstanceUID, chosen);
  const review = useRunReview(detail, run, threshold);
  const marked = useMarked(review, series);
  const { failure: openError, reload } = useOpenSeries(engine, series, marked);

  const select = (finding: NamedLesion) => {
    const place = placeOn(series, finding);
    setView({ selected: finding.TrackingUID, crosshair: place?.center });
    // On a single image of another series: that series opens, on what is selected.
    if (!place) return setSeriesUid(finding.SeriesInstanceUID);
    choosePresetOf(finding, series);
    if (engine) goToPlace(engine, place);
    if (engine && jumpsClose()) comeClose(engine, place.center);
  };
  const step = (steps: 1 | -1) => {
    const next = neighbour(review.listed.shown, useViewState.getState().selected, steps);
    if (next) select(next);
  };
  const stepSeries = (steps: 1 | -1) => {
    const all = imageSeriesOf(detail);
    const at = all.findIndex(({ SeriesInstanceUID }) => SeriesInstanceUID === chosen?.SeriesInstanceUID);
    const next = all[at + steps];
    if (next) setSeriesUid(next.SeriesInstanceUID);
  };
  const movable = run && !run.hidden && !run.flagOnly ? threshold : undefined;
  // One on a single image opens the series that it lies on.
  useRevealed(run, marked[0] ?? review.listed.shown.find((finding) => !isPlaced(finding)), select);
  useStudyKeys({ engine, series, threshold: movable, onStep: step, onSeries: stepSeries, onHelp: () => setHelp(true) });

  return (
    <ReviewRoot review={review} series={series} onShow={select}>
      {(stranger) => (
        <>
          <main className="study">
            <Toolbar engine={engine} series={series} onHelp={() => setHelp(true)} />
            <Images
              study={study}
              error={engineError ?? seriesError ?? openError}
              hasImages={chosen !== undefined}
              engine={engine}
              series={series}
              findings={marked}
              onSelect={select}
              onReload={reload}
            />
            <SidePanel
              detail={detail}
              run={run}
              threshold={threshold}
              series={series}
              onRun={setRunId}
              onSeries={setSeriesUid}
              onSelect={select}
              onStep={step}
              stranger={stranger}
            />
          </main>
          <Announcement findings={review.listed.shown} />
          <KeyHelp opened={help} onClose={() => setHelp(false)} />
        </>
      )}
    </ReviewRoot>
  );
}

interface ImagesProps {
  readonly study: StudyDetail['study'];
  readonly error: unknown;
  readonly hasImages: boolean;
  readonly engine: ViewerEngine | undefined;
  readonly series: ImageSeries | undefined;
  readonly findings: readonly SeenFinding[];
  readonly onSelect: (finding: SeenFinding) => void;
  readonly onReload: () => void;
}

function Images({ study, error, hasImages, engine, series, findings, onSelect, onReload }: ImagesProps) {
  const { t } = useText();
  if (error) return <NoPlanes error={error} />;
  if (!hasImages || series?.images.length === 0) return <p className="no-planes">{t('study.noImages')}</p>;
  if (!engine || !series) return <p className="no-planes">{t('engine.starting')}</p>;
  return (
    <Planes study={study} engine={engine} series={series} findings={findings} onSelect={onSelect} onReload={onReload} />
  );
}

interface SidePanelProps {
  readonly detail: StudyDetail;
  readonly run: RunDetail | undefined;
  readonly threshold: number;
  readonly series: ImageSeries | undefined;
  readonly onRun: (runId: string) => void;
  readonly onSeries: (SeriesInstanceUID: string) => void;
  readonly onSelect: (finding: ListedFinding) => void;
  readonly onStep: (steps: 1 | -1) => void;
  readonly stranger: StrangePatient | undefined;
}

function SidePanel({ detail, run, threshold, series, onRun, onSeries, onSelect, onStep, stranger }: SidePanelProps) {
  const { t } = useText();
  const mode = useModeOf(useReview(), run);
  const { study, runs } = detail;
  const onOffer = imageSeriesOf(detail);
  return (
    <aside className="side-panel" aria-label={t('panel.result')}>
      {runs.length > 1 ? (
        <SegmentedControl
          size="xs"
          fullWidth
          aria-label={t('study.model')}
          value={run?.runId ?? ''}
          onChange={onRun}
          data={runs.map(({ runId, model }) => ({ value: runId, label: model.id }))}
        />
      ) : null}
      <ReviewHeader stranger={stranger} />
      {mode === 'concurrent' ? (
        <StatePanel study={study} run={run} />
      ) : (
        <ModeGate mode={mode} series={series} onSelect={onSelect} />
      )}
      {run && mode === 'concurrent' && hasResult(run.state) ? (
        <FindingsPanel run={run} threshold={threshold} series={series} onSelect={onSelect} onStep={onStep} />
      ) : null}
      {run ? <RunFacts run={run} /> : null}
      {onOffer.length > 0 ? (
        <SeriesList series={onOffer} chosen={series?.SeriesInstanceUID} onChoose={onSeries} />
      ) : null}
      <ReviewBar series={series} />
    </aside>
  );
}

const hasResult = (state: string): boolean => state === 'FINDINGS' || state === 'NO_FINDINGS';

/** The findings to draw: those of the list that lie on the series on screen. */
function useMarked({ listed }: Review, series: ImageSeries | undefined) {
  return useMemo(() => seenOn(series, listed.shown), [listed, series]);
}

/** What a second reader has asked for comes on screen with its best finding. */
function useRevealed(
  run: RunDetail | undefined,
  best: ListedFinding | undefined,
  show: (finding: ListedFinding) => void,
) {
  const wasHidden = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is shown once, when it can be seen
  useEffect(() => {
    if (run?.hidden) wasHidden.current = true;
    else if (wasHidden.current && best) {
      wasHidden.current = false;
      show(best);
    }
  }, [run?.hidden, best?.TrackingUID]);
}

/** What a reader who does not see the marks hears. */
function Announcement({ findings }: { readonly findings: readonly ListedFinding[] }) {
  const { t } = useText();
  const selected = useViewState((state) => state.selected);
  const position = findings.findIndex(({ TrackingUID }) => TrackingUID === selected);
  const finding = findings[position];
  return (
    <VisuallyHidden role="status">
      {finding
        ? t('findings.announce', { ...findingValues(finding, t), position: position + 1, count: findings.length })
        : ''}
    </VisuallyHidden>
  );
}
