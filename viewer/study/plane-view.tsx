import { useEffect, useRef } from 'react';
import { FindingsLayer } from '../findings/findings-layer.tsx';
import { Icon } from '../icon.tsx';
import { useText } from '../locales/i18n.ts';
import type { ListedFinding } from '../review/listed-findings.ts';
import { ReviewLayer } from '../review/review-layer.tsx';
import { type ImageSeries, isAxial, type VolumeObstacle } from '../series/image-series.ts';
import { edgeLabels, storedEdgeLabels } from '../series/orientation-labels.ts';
import type { SeriesImage } from '../series/series-image.ts';
import type { ImageFailure, Plane, Slice } from '../slice.ts';
import { type Overlay, useViewState } from '../state.ts';
import type { LoadProgress, ViewerEngine } from '../viewer-engine.ts';
import { useDrag } from './use-drag.ts';
import { windowNumber } from './window-presets.ts';

interface PlaneViewProps {
  readonly engine: ViewerEngine;
  readonly plane: Plane;
  readonly series: ImageSeries;
  readonly findings: readonly ListedFinding[];
  readonly onSelect: (finding: ListedFinding) => void;
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
  const image = slice?.plane === 'axial' ? series.images[slice.index] : undefined;
  const name = t(plane === 'axial' && !isAxial(series) ? 'plane.acquired' : `plane.${plane}`);
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
            <BrokenImage index={slice.index} failure={slice.failure} />
          )}
          {slice.failure === undefined && !peeking ? (
            <ReviewLayer slice={slice} onZoom={(factor, around) => engine.zoomBy(plane, factor, around)} />
          ) : null}
          <Edges slice={slice} image={image} />
          <Corners slice={slice} image={image} series={series} name={name} />
          <Pending slice={slice} progress={progress} />
        </>
      ) : (
        <NoSlice plane={plane} obstacle={progress.obstacle} />
      )}
    </section>
  );
}

/** Over the pixels, so that neither black nor another image can be taken for this one. */
function BrokenImage({ index, failure }: { readonly index: number; readonly failure: ImageFailure }) {
  const { t } = useText();
  return (
    <div className="broken-image" role="alert" data-failure={failure.kind}>
      <Icon name="warning" size={28} />
      <strong>{t('plane.broken', { index: index + 1 })}</strong>
      <span>{t(`failure.${failure.kind}`)}</span>
      <code>{failure.detail}</code>
    </div>
  );
}

function NoSlice({ plane, obstacle }: { readonly plane: Plane; readonly obstacle: VolumeObstacle | undefined }) {
  const { t } = useText();
  if (plane === 'axial' || obstacle === undefined) return <p className="plane-wait">{t('app.loading')}</p>;
  return (
    <div className="plane-wait">
      <strong>{t('plane.noVolume')}</strong>
      <span>{t(`obstacle.${obstacle}`)}</span>
    </div>
  );
}

interface EdgesProps {
  readonly slice: Slice;
  readonly image: SeriesImage | undefined;
}

/** No letter is better than a wrong one: an image without a place in the patient has none, unless it says so itself. */
function Edges({ slice, image }: EdgesProps) {
  const hasPlace = image === undefined || image.plane !== undefined;
  const labels = hasPlace ? edgeLabels(slice.up, slice.right) : storedEdgeLabels(image.PatientOrientation);
  if (!labels) return null;
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
  readonly image: SeriesImage | undefined;
  readonly series: ImageSeries;
  readonly name: string;
}

function Corners({ slice, image, series, name }: CornersProps) {
  const { t } = useText();
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
        {slice.window
          ? `${t('plane.window', {
              width: windowNumber(slice.window.width),
              center: windowNumber(slice.window.center),
            })} · `
          : ''}
        {t('plane.zoom', { percent: Math.round(slice.zoom * 100) })}
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
