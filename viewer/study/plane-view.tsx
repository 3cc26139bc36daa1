import { useEffect, useRef } from 'react';
import { FindingsLayer } from '../findings/findings-layer.tsx';
import type { SeenFinding } from '../findings/place.ts';
import { useText } from '../locales/i18n.ts';
import { MeasureLayer } from '../measure/measure-layer.tsx';
import { useMeasure } from '../measure/use-measure.ts';
import { ReviewLayer } from '../review/review-layer.tsx';
import { hasGeometry, type ImageSeries, isAxial, type VolumeObstacle } from '../series/image-series.ts';
import type { Plane, Slice } from '../slice.ts';
import { type Overlay, useViewState } from '../state.ts';
import type { LoadProgress, ViewerEngine } from '../viewer-engine.ts';
import { useArrangement } from './arrangement.ts';
import { BrokenImage } from './broken-image.tsx';
import { Corners, Edges } from './plane-corners.tsx';
import { Slab } from './slab.tsx';
import { SliceBar } from './slice-bar.tsx';
import { useDrag } from './use-drag.ts';

interface PlaneViewProps {
  readonly engine: ViewerEngine;
  readonly plane: Plane;
  readonly series: ImageSeries;
  readonly findings: readonly SeenFinding[];
  readonly onSelect: (finding: SeenFinding) => void;
  /** What the pane shows when it is not a plane of the study: `prior`. */
  readonly as?: 'prior' | undefined;
  /** It stays mounted where it is not seen: taking a viewport away draws the others at a wrong scale. */
  readonly isShown: boolean;
}

/** One plane: the pixels of the engine, our marks above them, and what every image must say about itself. */
export function PlaneView({ engine, plane, series, findings, onSelect, as, isShown }: PlaneViewProps) {
  const { t } = useText();
  const panel = useRef<HTMLElement>(null);
  const host = useRef<HTMLDivElement>(null);
  const { active, inverted } = useArrangement();
  useDrag(panel, engine, plane);
  useMeasure(panel, engine, series, plane);
  useEffect(() => (host.current ? engine.attach(plane, host.current) : undefined), [engine, plane]);

  const slice = engine.slice(plane);
  const name = planeName(plane, series, as, t);
  return (
    <section
      ref={panel}
      className="plane"
      data-plane={as ?? plane}
      data-active={(as === undefined && plane === active) || undefined}
      data-inverted={inverted || undefined}
      data-slice={slice?.index}
      data-count={slice?.count}
      data-focal={slice?.focalPoint.map((mm) => mm.toFixed(3)).join(' ')}
      aria-label={slice ? t('plane.label', { plane: name, index: slice.index + 1, count: slice.count }) : name}
      inert={!isShown}
      data-hidden={!isShown || undefined}
    >
      <div ref={host} className="plane-host" />
      {slice ? (
        <OverPixels {...{ engine, series, findings, onSelect, as, slice, name }} isShown={isShown} />
      ) : (
        <NoSlice plane={plane} progress={engine.progress()} />
      )}
    </section>
  );
}

interface OverPixelsProps extends Omit<PlaneViewProps, 'plane'> {
  readonly slice: Slice;
  readonly name: string;
}

/** Everything of ours that lies over the pixels of a slice. */
function OverPixels({ engine, series, slice, findings, onSelect, as, isShown, name }: OverPixelsProps) {
  const peeking = useViewState((state) => state.peeking);
  const isAcquired = slice.plane === 'axial';
  const image = isAcquired ? series.images[slice.index] : undefined;
  return (
    <>
      {slice.failure === undefined ? (
        <Marks {...{ engine, series, slice, findings, onSelect, as, isShown }} />
      ) : (
        <BrokenImage index={slice.index} failure={slice.failure} SOPInstanceUID={image?.SOPInstanceUID ?? ''} />
      )}
      <Edges slice={slice} image={image} />
      <Corners slice={slice} image={image} series={series} name={name} />
      {isAcquired ? (
        <SliceBar engine={engine} series={series} slice={slice} findings={peeking ? [] : findings} />
      ) : null}
      <Pending slice={slice} progress={engine.progress()} />
    </>
  );
}

function Marks({ engine, series, slice, findings, onSelect, as, isShown }: Omit<OverPixelsProps, 'name'>) {
  const { selected, overlay, peeking, crosshair } = useViewState();
  const { slab, slabMm } = useArrangement();
  const shownOverlay: Overlay = peeking ? 'off' : overlay;
  const mode = as === undefined ? slab : undefined;
  return (
    <>
      {mode && isShown ? <Slab engine={engine} series={series} slice={slice} mode={mode} thicknessMm={slabMm} /> : null}
      <FindingsLayer
        findings={findings}
        slice={slice}
        selected={selected}
        overlay={shownOverlay}
        crosshair={peeking || as ? undefined : crosshair}
        onSelect={onSelect}
      />
      <MeasureLayer series={series} slice={slice} pixelsOf={engine.pixels} isSlab={mode !== undefined} />
      {peeking || as ? null : (
        <ReviewLayer
          slice={slice}
          findings={findings}
          hasGeometry={hasGeometry(series)}
          onZoom={(factor, around) => engine.zoomBy(slice.plane, factor, around)}
        />
      )}
    </>
  );
}

function planeName(plane: Plane, series: ImageSeries, as: 'prior' | undefined, t: ReturnType<typeof useText>['t']) {
  if (as) return t('plane.prior');
  return t(plane === 'axial' && !isAxial(series) ? 'plane.acquired' : `plane.${plane}`);
}

function NoSlice({ plane, progress }: { readonly plane: Plane; readonly progress: LoadProgress }) {
  const { t } = useText();
  const { obstacle, drawing, loaded, total } = progress;
  if (plane !== 'axial' && drawing === 'stackOnly') return <NoVolume text={t('engine.stackOnlyPlane')} />;
  if (plane !== 'axial' && obstacle !== undefined) return <NoVolume text={t(obstacleKey(obstacle))} />;
  return (
    <p className="plane-wait">
      {plane !== 'axial' && total > 0 ? t('plane.waits', { loaded, total }) : t('app.loading')}
    </p>
  );
}

const obstacleKey = (obstacle: VolumeObstacle) => `obstacle.${obstacle}` as const;

function NoVolume({ text }: { readonly text: string }) {
  const { t } = useText();
  return (
    <div className="plane-wait">
      <strong>{t('plane.noVolume')}</strong>
      <span>{text}</span>
    </div>
  );
}

/** The picture may be one scroll behind: it says so while it is. */
function Pending({ slice, progress }: { readonly slice: Slice; readonly progress: LoadProgress }) {
  const { t } = useText();
  if (slice.plane !== 'axial' || slice.index === progress.requested) return null;
  return <p className="plane-pending">{t('plane.loading', { index: progress.requested + 1 })}</p>;
}
