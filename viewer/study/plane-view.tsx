import { useEffect, useRef } from 'react';
import type { Finding } from '../../services/domain/finding.ts';
import { FindingsLayer } from '../findings/findings-layer.tsx';
import { Icon } from '../icon.tsx';
import { useText } from '../locales/i18n.ts';
import type { ImageSeries } from '../series/image-series.ts';
import { edgeLabels } from '../series/orientation-labels.ts';
import type { Plane, Slice } from '../slice.ts';
import { type Overlay, useViewState } from '../state.ts';
import type { LoadProgress, ViewerEngine } from '../viewer-engine.ts';
import { useDrag } from './use-drag.ts';

interface PlaneViewProps {
  readonly engine: ViewerEngine;
  readonly plane: Plane;
  readonly series: ImageSeries;
  readonly findings: readonly Finding[];
  readonly onSelect: (finding: Finding) => void;
}

/** One plane: the pixels of the engine, our marks above them, and what every image must say about itself. */
export function PlaneView({ engine, plane, series, findings, onSelect }: PlaneViewProps) {
  const { t } = useText();
  const panel = useRef<HTMLElement>(null);
  const host = useRef<HTMLDivElement>(null);
  const { selected, overlay, peeking, crosshair } = useViewState();
  useDrag(panel, engine, plane);
  useEffect(() => (host.current ? engine.attach(plane, host.current) : undefined), [engine, plane]);

  const slice = engine.slice(plane);
  const progress = engine.progress();
  const shownOverlay: Overlay = peeking ? 'off' : overlay;
  const name = t(`plane.${plane}`);
  return (
    <section
      ref={panel}
      className="plane"
      data-plane={plane}
      data-slice={slice?.index}
      data-count={slice?.count}
      data-focal={slice?.focalPoint.map((mm) => mm.toFixed(3)).join(' ')}
      aria-label={slice ? t('plane.label', { plane: name, index: slice.index + 1, count: slice.count }) : name}
    >
      <div ref={host} className="plane-host" />
      {slice ? (
        <>
          {slice.failure === undefined ? (
            <FindingsLayer
              findings={findings}
              slice={slice}
              selected={selected}
              overlay={shownOverlay}
              crosshair={peeking ? undefined : crosshair}
              onSelect={onSelect}
            />
          ) : (
            <BrokenImage index={slice.index} reason={slice.failure} />
          )}
          <Edges slice={slice} />
          <Corners slice={slice} series={series} name={name} />
          <Pending slice={slice} progress={progress} />
        </>
      ) : (
        <NoSlice plane={plane} series={series} />
      )}
    </section>
  );
}

/** Over the pixels, so that neither black nor another image can be taken for this one. */
function BrokenImage({ index, reason }: { readonly index: number; readonly reason: string }) {
  const { t } = useText();
  return (
    <div className="broken-image" role="alert">
      <Icon name="warning" size={28} />
      <strong>{t('plane.broken', { index: index + 1 })}</strong>
      <span>{t('plane.brokenText')}</span>
      <code>{reason}</code>
    </div>
  );
}

function NoSlice({ plane, series }: { readonly plane: Plane; readonly series: ImageSeries }) {
  const { t } = useText();
  if (plane === 'axial' || series.obstacle === undefined) return <p className="plane-wait">{t('app.loading')}</p>;
  return (
    <div className="plane-wait">
      <strong>{t('plane.noVolume')}</strong>
      <span>{t(`obstacle.${series.obstacle}`)}</span>
    </div>
  );
}

function Edges({ slice }: { readonly slice: Slice }) {
  const labels = edgeLabels(slice.up, slice.right);
  return (
    <div className="edges" aria-hidden="true">
      {Object.entries(labels).map(([edge, letters]) => (
        <span key={edge} data-edge={edge}>
          {letters}
        </span>
      ))}
    </div>
  );
}

interface CornersProps {
  readonly slice: Slice;
  readonly series: ImageSeries;
  readonly name: string;
}

function Corners({ slice, series, name }: CornersProps) {
  const { t } = useText();
  const { center, width } = useViewState(({ window }) => window);
  const image = slice.plane === 'axial' ? series.images[slice.index] : undefined;
  const thickness = image?.SliceThickness ?? (slice.plane === 'axial' ? series.sliceSpacingMm : undefined);
  const place = { index: slice.index + 1, count: slice.count };
  return (
    <div className="corners" aria-hidden="true">
      <span data-corner="name">{name}</span>
      <span data-corner="slice">
        {slice.plane === 'axial' ? t('plane.slice', place) : t('plane.position', place)}
        {thickness === undefined ? '' : ` · ${t('plane.thickness', { mm: Number(thickness.toFixed(2)) })}`}
      </span>
      <span data-corner="window">
        {t('plane.window', { width, center })} · {t('plane.zoom', { percent: Math.round(slice.zoom * 100) })}
      </span>
    </div>
  );
}

/** The picture may be one scroll behind: it says so while it is. */
function Pending({ slice, progress }: { readonly slice: Slice; readonly progress: LoadProgress }) {
  const { t } = useText();
  if (slice.plane !== 'axial' || slice.index === progress.requested) return null;
  return <p className="plane-pending">{t('plane.loading', { index: progress.requested + 1 })}</p>;
}
