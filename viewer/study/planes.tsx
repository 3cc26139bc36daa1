import { useEffect } from 'react';
import type { WorklistStudy } from '../../services/domain/contract/worklist.ts';
import type { SeenFinding } from '../findings/place.ts';
import { Icon } from '../icon.tsx';
import { useText } from '../locales/i18n.ts';
import { useMeasureState } from '../measure/measure-state.ts';
import { PriorPane } from '../priors/prior-pane.tsx';
import type { ImageSeries } from '../series/image-series.ts';
import { PLANES } from '../slice.ts';
import { useViewState } from '../state.ts';
import { LesionStrip } from '../strip/lesion-strip.tsx';
import type { ViewerEngine } from '../viewer-engine.ts';
import { arrange, shownPlanes, useArrangement } from './arrangement.ts';
import { useEngineRevision } from './engine-loader.ts';
import { ImageNotes } from './image-notes.tsx';
import { PlaneView } from './plane-view.tsx';
import { useCine } from './use-cine.ts';

interface PlanesProps {
  readonly study: WorklistStudy;
  readonly engine: ViewerEngine;
  readonly series: ImageSeries;
  readonly findings: readonly SeenFinding[];
  readonly onSelect: (finding: SeenFinding) => void;
  readonly onReload: () => void;
}

/** The three planes. All of them stay mounted in every layout: taking one away redraws the others at a wrong scale. */
export function Planes({ study, engine, series, findings, onSelect, onReload }: PlanesProps) {
  useEngineRevision(engine);
  useCine(engine);
  const { window, selected, peeking } = useViewState();
  const arrangement = useArrangement();
  const measuring = useMeasureState((state) => state.tool);
  useEffect(() => engine.setWindow(window), [engine, window]);
  const progress = engine.progress();
  const shown = shownPlanes(arrangement, series);
  const { comparing, layout, active } = arrangement;
  // The keys move a plane that is there.
  useEffect(() => {
    if (series.obstacle === 'noGeometry' && active !== 'axial') arrange({ active: 'axial' });
  }, [series, active]);
  const grid = comparing ? 'two' : shown.length === 1 ? 'one' : layout;
  const chosen = peeking ? undefined : findings.find(({ TrackingUID }) => TrackingUID === selected);
  const strip = chosen ? <LesionStrip engine={engine} series={series} finding={chosen} /> : null;
  return (
    <div
      className="planes"
      data-loaded={progress.loaded}
      data-total={progress.total}
      data-layout={grid}
      data-measuring={measuring}
    >
      <div className="panes">
        {PLANES.map((plane) => (
          <PlaneView
            key={plane}
            engine={engine}
            plane={plane}
            series={series}
            findings={findings}
            onSelect={onSelect}
            isShown={shown.includes(plane)}
          />
        ))}
        {comparing ? <PriorPane {...{ study, engine, series, findings, onSelect }} /> : null}
        {grid === 'four' ? <div className="strip-pane">{strip}</div> : null}
        <ImageNotes progress={progress} series={series} findings={findings} onReload={onReload} />
      </div>
      {grid === 'four' || comparing ? null : strip}
    </div>
  );
}

/** In the place of the planes when the images cannot be opened: said in words, never a blank page. */
export function NoPlanes({ error }: { readonly error: unknown }) {
  const { t } = useText();
  const detail = error instanceof Error ? error.message : String(error);
  return (
    <div className="no-planes" role="alert">
      <Icon name="eyeOff" size={36} />
      <strong>{t('engine.failed', { detail })}</strong>
      <p>{t('engine.failedText')}</p>
    </div>
  );
}
