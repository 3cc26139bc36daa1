import type { ReactNode } from 'react';
import { useText } from '../locales/i18n.ts';
import type { ImageSeries } from '../series/image-series.ts';
import { edgeLabels, storedEdgeLabels } from '../series/orientation-labels.ts';
import { gridOf } from '../series/plane-grid.ts';
import type { SeriesImage } from '../series/series-image.ts';
import { along } from '../series/vector.ts';
import type { Slice } from '../slice.ts';
import { useArrangement } from './arrangement.ts';
import { windowNumber } from './window-presets.ts';

interface EdgesProps {
  readonly slice: Slice;
  readonly image: SeriesImage | undefined;
}

/** No letter is better than a wrong one: an image without a place in the patient has none, unless it says so itself. */
export function Edges({ slice, image }: EdgesProps) {
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
  /** What stands beside the name: the slab. */
  readonly children?: ReactNode;
}

/** What every image says about itself: plane, number, thickness and spacing, window, zoom, and a scale. */
export function Corners({ slice, image, series, name, children }: CornersProps) {
  const { t } = useText();
  const inverted = useArrangement((state) => state.inverted);
  const place = { index: slice.index + 1, count: slice.count };
  return (
    <div className="corners" aria-hidden="true">
      <span data-corner="name">
        {name}
        {children}
        {inverted ? <em> {t('plane.inverted')}</em> : null}
      </span>
      <span data-corner="slice">
        {slice.plane === 'axial' ? t('plane.slice', place) : t('plane.position', place)}
        {layersText(slice, image, series, t)}
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
      <Scale slice={slice} unit={image?.lengthUnit ?? 'mm'} />
    </div>
  );
}

const short = (mm: number): number => Number(mm.toFixed(2));

/** Thickness of the image and distance to the next; on a reformat the distance of its layers. */
function layersText(
  slice: Slice,
  image: SeriesImage | undefined,
  series: ImageSeries,
  t: ReturnType<typeof useText>['t'],
): string {
  if (slice.plane !== 'axial') {
    const step = gridOf(series, slice)?.stepMm[2];
    return step === undefined ? '' : ` · ${t('plane.spacing', { mm: short(step) })}`;
  }
  const thickness = image?.SliceThickness;
  const spacing = series.sliceSpacingMm;
  return [
    thickness === undefined ? '' : ` · ${t('plane.thickness', { mm: short(thickness) })}`,
    spacing === undefined ? '' : ` · ${t('plane.spacing', { mm: short(spacing) })}`,
  ].join('');
}

/** Lengths a scale may have, mm. */
const SCALES_MM = [1, 2, 5, 10, 20, 50, 100, 200];
const LONGEST_PX = 140;

/** The longest round length that fits, measured on the image itself; none where its pixels have no length. */
function Scale({ slice, unit }: { readonly slice: Slice; readonly unit: SeriesImage['lengthUnit'] }) {
  const { t } = useText();
  if (unit === 'pixel') return null;
  const from = slice.toCanvas(slice.focalPoint);
  const to = slice.toCanvas(along(slice.focalPoint, slice.right, 10));
  const perMm = Math.hypot(to[0] - from[0], to[1] - from[1]) / 10;
  const mm = SCALES_MM.filter((length) => length * perMm <= LONGEST_PX).at(-1);
  if (mm === undefined || !(perMm > 0)) return null;
  const px = mm * perMm;
  return (
    <span data-corner="scale" data-mm={mm} data-px={px.toFixed(1)}>
      <svg width={px + 4} height={9} aria-hidden="true" focusable="false">
        <path className="halo" d={`M2 1V8M2 4.5H${px + 2}M${px + 2} 1V8`} />
        <path className="line" d={`M2 1V8M2 4.5H${px + 2}M${px + 2} 1V8`} />
      </svg>
      {t(unit === 'mm' ? 'measure.mm' : 'measure.detectorMm', { value: mm })}
    </span>
  );
}
