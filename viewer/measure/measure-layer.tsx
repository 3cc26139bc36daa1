import './measure.css';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { useText } from '../locales/i18n.ts';
import type { ImageSeries } from '../series/image-series.ts';
import type { PixelsOf } from '../series/plane-grid.ts';
import type { CanvasPoint, Slice } from '../slice.ts';
import { shapeOf } from './measure-shape.ts';
import { deleteMeasurement, replaceMeasurement, setMeasure, useMeasureState } from './measure-state.ts';
import { measuredLines } from './measured-values.ts';
import { handlesOf, type Measurement, moveHandle, pointsFrom } from './measurement.ts';
import { isOn } from './use-measure.ts';

interface MeasureLayerProps {
  readonly series: ImageSeries;
  readonly slice: Slice;
  readonly pixelsOf: PixelsOf;
  /** A slab is on screen: what the pixels of one slice say is not shown over it. */
  readonly isSlab: boolean;
}

/** The reader's measurements on a slice, in a layer of our own over the image. */
export function MeasureLayer({ series, slice, pixelsOf, isSlab }: MeasureLayerProps) {
  const { t } = useText();
  const { measurements, draft, selected } = useMeasureState();
  const shown = measurements.filter(
    (one) => isOn(one, slice, series.SeriesInstanceUID) && !(isSlab && saysValues(one)),
  );
  const drawn = draft && isOn(draft, slice, series.SeriesInstanceUID) ? draft : undefined;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be drawn in
    <svg
      className="measure-layer"
      role="group"
      aria-label={t('measure.title')}
      width={slice.width}
      height={slice.height}
    >
      {shown.map((one) => (
        <Drawn
          key={one.id}
          measurement={one}
          slice={slice}
          lines={measuredLines(one, { series, pixelsOf, slice }, t)}
          selected={one.id === selected}
        />
      ))}
      {drawn ? (
        <Figure
          measurement={{ tool: drawn.tool, points: pointsFrom(drawn.tool, [...drawn.given, drawn.pointer], drawn) }}
          slice={slice}
          lines={measuredLines(
            { tool: drawn.tool, points: pointsFrom(drawn.tool, [...drawn.given, drawn.pointer], drawn) },
            { series, pixelsOf, slice },
            t,
          )}
        />
      ) : null}
    </svg>
  );
}

const saysValues = ({ tool }: Pick<Measurement, 'tool'>): boolean => tool === 'ellipse' || tool === 'probe';

interface FigureProps {
  readonly measurement: Pick<Measurement, 'tool' | 'points'>;
  readonly slice: Slice;
  readonly lines: readonly string[];
}

const LINE_PX = 16;
/** A label is kept inside the panel: about as wide as this. */
const LABEL_PX = 150;

function Figure({ measurement, slice, lines }: FigureProps) {
  const { path, anchor } = shapeOf(measurement, slice);
  const x = Math.max(4, Math.min(anchor[0] + 10, slice.width - LABEL_PX));
  const y = Math.max(LINE_PX, Math.min(anchor[1], slice.height - LINE_PX * lines.length));
  return (
    <>
      <path className="halo" d={path} />
      <path className="line" d={path} />
      <path className="measure-target" d={path} />
      <text className="measure-text" x={x} y={y}>
        {lines.map((line, at) => (
          <tspan key={line} x={x} dy={at === 0 ? 0 : LINE_PX}>
            {line}
          </tspan>
        ))}
      </text>
    </>
  );
}

interface DrawnProps {
  readonly measurement: Measurement;
  readonly slice: Slice;
  readonly lines: readonly string[];
  readonly selected: boolean;
}

function Drawn({ measurement, slice, lines, selected }: DrawnProps) {
  const { t } = useText();
  const { id, tool } = measurement;
  const name = `${t(`measure.${tool}`)} ${lines.join(', ')}`;
  const select = () => setMeasure({ selected: id });
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') select();
    else if (event.key === 'Delete' || event.key === 'Backspace') deleteMeasurement(id);
    else return;
    event.stopPropagation();
  };
  return (
    <g data-measurement={tool} data-selected={selected || undefined} data-lines={lines.join(' | ')}>
      {/* biome-ignore lint/a11y/useSemanticElements: a button of HTML cannot live inside an SVG */}
      <g
        role="button"
        tabIndex={0}
        className="measurement"
        aria-label={t('measure.named', { name })}
        onClick={select}
        onFocus={select}
        onKeyDown={onKeyDown}
      >
        <Figure measurement={measurement} slice={slice} lines={lines} />
      </g>
      {selected
        ? handlesOf(measurement).map((point, handle) => (
            <Handle
              // biome-ignore lint/suspicious/noArrayIndexKey: a handle is its place in the measurement
              key={handle}
              measurement={measurement}
              handle={handle}
              at={slice.toCanvas(point)}
              slice={slice}
              label={t('measure.handle', { number: handle + 1, name })}
            />
          ))
        : null}
    </g>
  );
}

interface HandleProps {
  readonly measurement: Measurement;
  readonly handle: number;
  readonly at: CanvasPoint;
  readonly slice: Slice;
  readonly label: string;
}

const ARROWS: Readonly<Record<string, CanvasPoint>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
const FAST_PX = 10;

function Handle({ measurement, handle, at: [x, y], slice, label }: HandleProps) {
  const element = useRef<SVGGElement>(null);
  useEffect(() => {
    if (handle !== 0 || useMeasureState.getState().grabbed !== measurement.id) return;
    element.current?.focus();
    setMeasure({ grabbed: undefined });
  }, [handle, measurement.id]);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = ARROWS[event.key];
    if (event.key === 'Delete' || event.key === 'Backspace') deleteMeasurement(measurement.id);
    else if (step) {
      const px = event.shiftKey ? FAST_PX : 1;
      replaceMeasurement(moveHandle(measurement, handle, slice.toPatient([x + step[0] * px, y + step[1] * px])));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button of HTML cannot live inside an SVG
    <g
      ref={element}
      role="button"
      tabIndex={0}
      className="measure-handle"
      data-of={measurement.id}
      data-handle={handle}
      aria-label={label}
      onKeyDown={onKeyDown}
    >
      <circle className="measure-grip" cx={x} cy={y} r={12} />
      <circle className="measure-knob" cx={x} cy={y} r={4} />
    </g>
  );
}
