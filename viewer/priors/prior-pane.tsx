import './priors.css';
import { useEffect, useMemo, useState } from 'react';
import type { WorklistStudy } from '../../services/domain/contract/worklist.ts';
import type { Finding } from '../../services/domain/finding.ts';
import { isoDate } from '../dates.ts';
import { goToPlace, type SeenFinding, seenOn } from '../findings/place.ts';
import { useText } from '../locales/i18n.ts';
import { listedFindings } from '../review/listed-findings.ts';
import { EMPTY } from '../review/review-state.ts';
import type { ImageSeries } from '../series/image-series.ts';
import { outsideMm } from '../series/series-gaps.ts';
import { minus } from '../series/vector.ts';
import { useViewState } from '../state.ts';
import { useEngineRevision } from '../study/engine-loader.ts';
import { PlaneView } from '../study/plane-view.tsx';
import type { ViewerEngine } from '../viewer-engine.ts';
import { GrowthTable } from './growth-table.tsx';
import { compareLesions } from './matched-lesions.ts';
import { useLettersOnMarks } from './prior-letters.ts';
import type { PriorStudy } from './prior-studies.ts';
import { useKeptComparison } from './use-kept-comparison.ts';
import { type Shift, usePriorEngine, usePriors, useShift } from './use-prior.ts';

interface PriorPaneProps {
  readonly study: WorklistStudy;
  readonly engine: ViewerEngine;
  readonly series: ImageSeries;
  readonly findings: readonly SeenFinding[];
  readonly onSelect: (finding: SeenFinding) => void;
}

/** An earlier study of the patient beside this one: chosen, linked by position, its lesions held against today's. */
export function PriorPane({ study, engine, series, findings, onSelect }: PriorPaneProps) {
  const { t } = useText();
  const prior = usePriors(study);
  const flat = usePriorEngine(prior.series);
  if (prior.error) return <Said text={t('prior.failed', { detail: prior.error.message })} />;
  if (prior.isLoading) return <Said text={t('prior.loading')} />;
  if (!prior.chosen) return <Said text={t('prior.none')} />;
  if (!prior.hasImages) return <Said text={t('prior.noImages')} />;
  if (!flat || !prior.series) return <Said text={t('prior.loading')} />;
  return (
    <Compared
      key={prior.chosen.StudyInstanceUID}
      {...{ engine, series, findings, onSelect, flat }}
      priorSeries={prior.series}
      lesions={prior.lesions}
      prior={prior.chosen}
    >
      <label className="prior-choice">
        {t('prior.choose')}
        <select
          value={prior.chosen.StudyInstanceUID}
          onChange={({ currentTarget }) => prior.choose(currentTarget.value)}
        >
          {prior.priors.map(({ StudyInstanceUID, StudyDate, StudyDescription, days }) => (
            <option key={StudyInstanceUID} value={StudyInstanceUID}>
              {[isoDate(StudyDate), days === undefined ? '' : t('prior.days', { days }), StudyDescription]
                .filter((part) => part !== '')
                .join(' · ')}
            </option>
          ))}
        </select>
      </label>
    </Compared>
  );
}

const Said = ({ text }: { readonly text: string }) => (
  <p className="prior-said" role="status">
    {text}
  </p>
);

interface ComparedProps extends Omit<PriorPaneProps, 'study'> {
  readonly flat: ViewerEngine;
  readonly priorSeries: ImageSeries;
  readonly lesions: readonly Finding[];
  readonly prior: PriorStudy;
  readonly children: React.ReactNode;
}

function Compared({ engine, series, findings, onSelect, flat, priorSeries, lesions, prior, children }: ComparedProps) {
  const { t } = useText();
  useEngineRevision(flat);
  const window = useViewState((state) => state.window);
  useEffect(() => flat.setWindow(window), [flat, window]);
  const [linked, setLinked] = useState(true);
  const [shift, setShift, isSettled] = useShift(engine, series, flat, priorSeries);
  useLink(engine, flat, linked ? shift : undefined);
  const pane = useMemo(() => (linked ? scrolledBy(flat, engine) : flat), [linked, flat, engine]);

  const toggle = () => {
    const [now, before] = [engine.slice('axial'), flat.slice('axial')];
    if (!linked && now && before) {
      const [, , z] = minus(now.focalPoint, before.focalPoint);
      setShift({ by: [shift.by[0], shift.by[1], z], how: 'byHand' });
    }
    setLinked(!linked);
  };
  const beyond = linked ? beyondMm(engine, priorSeries, shift) : 0;
  const marks = useMemo(() => seenOn(priorSeries, listedFindings(lesions, EMPTY, 0).shown), [priorSeries, lesions]);
  const rows = compareLesions(findings, lesions, shift.by, prior.days);
  useKeptComparison(isSettled ? rows : undefined, prior);
  useLettersOnMarks(isSettled ? rows : []);
  return (
    <>
      <div className="prior-pane">
        <div className="prior-bar">
          {children}
          <button type="button" aria-pressed={linked} title={t('prior.linkHint')} onClick={toggle}>
            {linked ? t('prior.linked') : t('prior.unlinked')}
          </button>
          <span data-shift={shift.by.map((mm) => mm.toFixed(1)).join(' ')}>
            {t(`prior.${shift.how}`)}, {t('prior.offset', { mm: shift.by[2].toFixed(0) })}
          </span>
          {beyond > 0 ? (
            <strong role="status" data-note="beyond">
              {t('prior.beyond', { mm: beyond.toFixed(0) })}
            </strong>
          ) : null}
        </div>
        <PlaneView
          engine={pane}
          plane="axial"
          series={priorSeries}
          findings={marks}
          onSelect={({ place }) => (linked ? undefined : goToPlace(flat, place))}
          as="prior"
          isShown
        />
      </div>
      {rows.length > 0 ? (
        <GrowthTable
          rows={rows}
          onSelect={(uid) => findings.filter((one) => one.TrackingUID === uid).forEach(onSelect)}
        />
      ) : null}
    </>
  );
}

/** How far the height on screen lies above or below all that the prior shows. */
function beyondMm(engine: ViewerEngine, priorSeries: ImageSeries, { by }: Shift): number {
  const focal = engine.slice('axial')?.focalPoint;
  const middle = priorSeries.images[0]?.plane?.position;
  return (focal && middle && outsideMm(priorSeries, [middle[0], middle[1], focal[2] - by[2]])) || 0;
}

/** The prior follows the slice on screen. */
function useLink(engine: ViewerEngine, flat: ViewerEngine, shift: Shift | undefined): void {
  const focal = engine.slice('axial')?.focalPoint;
  const z = shift && focal ? focal[2] - shift.by[2] : undefined;
  const isOpen = flat.progress().total > 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only the height moves the prior
  useEffect(() => {
    if (z === undefined || !isOpen || !focal || !shift) return;
    flat.goTo([focal[0] - shift.by[0], focal[1] - shift.by[1], z]);
  }, [flat, z, isOpen]);
}

/** While linked, scrolling the prior scrolls the study, which takes the prior with it. */
const scrolledBy = (flat: ViewerEngine, engine: ViewerEngine): ViewerEngine => ({
  ...flat,
  scroll: engine.scroll,
  showIndex: (plane, index) => engine.scroll(plane, index - (flat.slice('axial')?.index ?? index)),
});
