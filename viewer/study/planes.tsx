import { Progress } from '@mantine/core';
import { useEffect } from 'react';
import { Icon } from '../icon.tsx';
import { useText } from '../locales/i18n.ts';
import type { ListedFinding } from '../review/listed-findings.ts';
import type { ImageSeries } from '../series/image-series.ts';
import { PLANES } from '../slice.ts';
import { useViewState } from '../state.ts';
import { type LoadProgress, NoWebGl, type ViewerEngine } from '../viewer-engine.ts';
import { useEngineRevision } from './engine-loader.ts';
import { PlaneView } from './plane-view.tsx';

interface PlanesProps {
  readonly engine: ViewerEngine;
  readonly series: ImageSeries;
  readonly findings: readonly ListedFinding[];
  readonly onSelect: (finding: ListedFinding) => void;
}

/** The three planes. All of them stay mounted in one layout: taking one away redraws the others at a wrong scale. */
export function Planes({ engine, series, findings, onSelect }: PlanesProps) {
  useEngineRevision(engine);
  const window = useViewState((state) => state.window);
  useEffect(() => engine.setWindow(window), [engine, window]);
  const progress = engine.progress();
  return (
    <div className="planes" data-loaded={progress.loaded} data-total={progress.total}>
      {PLANES.map((plane) => (
        <PlaneView key={plane} engine={engine} plane={plane} series={series} findings={findings} onSelect={onSelect} />
      ))}
      <LoadState progress={progress} />
    </div>
  );
}

function LoadState({ progress }: { readonly progress: LoadProgress }) {
  const { t } = useText();
  const { loaded, total, failed, contextLost } = progress;
  const list = [...failed.keys()].sort((a, b) => a - b).map((index) => index + 1);
  return (
    <>
      {contextLost ? (
        <p className="planes-alert" role="alert">
          <Icon name="warning" />
          {t('engine.lost')}
        </p>
      ) : null}
      {list.length > 0 ? (
        <p className="planes-alert" role="status">
          <Icon name="warning" />
          {t('plane.missing', { count: list.length, list: compactList(list) })}
        </p>
      ) : null}
      {loaded < total ? (
        <div className="planes-progress">
          <Progress size={3} value={(100 * loaded) / total} aria-label={t('plane.progress', { loaded, total })} />
          <span>{t('plane.progress', { loaded, total })}</span>
        </div>
      ) : null}
    </>
  );
}

const MAX_LISTED = 12;
const compactList = (list: readonly number[]): string =>
  list.length > MAX_LISTED ? `${list.slice(0, MAX_LISTED).join(', ')} …` : list.join(', ');

/** In the place of the planes when the engine cannot run: said in words, never a blank page. */
export function NoPlanes({ error }: { readonly error: unknown }) {
  const { t } = useText();
  const noWebGl = error instanceof NoWebGl;
  const detail = error instanceof Error ? error.message : String(error);
  return (
    <div className="no-planes" role="alert">
      <Icon name="eyeOff" size={36} />
      <strong>{noWebGl ? t('engine.noWebGl') : t('engine.failed', { detail })}</strong>
      <p>{noWebGl ? t('engine.noWebGlText') : t('engine.failedText')}</p>
    </div>
  );
}
