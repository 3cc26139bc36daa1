import { type RefObject, useEffect } from 'react';
import type { ImageSeries } from '../series/image-series.ts';
import { imagesUnder } from '../series/plane-grid.ts';
import type { CanvasPoint, Plane, Point, Slice } from '../slice.ts';
import type { ViewerEngine } from '../viewer-engine.ts';
import {
  addMeasurement,
  type Draft,
  type MeasureState,
  replaceMeasurement,
  setMeasure,
  useMeasureState,
} from './measure-state.ts';
import { type Measurement, type MeasureTool, moveHandle, POINTS, pointsFrom } from './measurement.ts';

/** Less travel than this is a click: the next point comes with the next one. */
const CLICK_PX = 4;
/** A measurement smaller than this on screen was a slip. */
const SLIP_PX = 3;

/** Does the left button draw a measurement now? */
export const isMeasuring = ({ button, shiftKey }: PointerEvent): boolean =>
  button === 0 && !shiftKey && useMeasureState.getState().tool !== undefined;

interface Held {
  readonly id: string;
  readonly handle: number;
}

/** Draws measurements on one plane with a drag or with clicks, and moves their handles. */
export function useMeasure(
  panel: RefObject<HTMLElement | null>,
  engine: ViewerEngine,
  series: ImageSeries,
  plane: Plane,
): void {
  useEffect(() => {
    const element = panel.current;
    if (!element) return;
    const ending = new AbortController();
    const { signal } = ending;
    const held: { handle: Held | undefined; down: CanvasPoint } = { handle: undefined, down: [0, 0] };
    const at = ({ clientX, clientY }: PointerEvent): CanvasPoint => {
      const { left, top } = element.getBoundingClientRect();
      return [clientX - left, clientY - top];
    };
    /** The plane as it can be measured: an image without a picture cannot. */
    const measurable = () => {
      const slice = engine.slice(plane);
      return slice?.failure === undefined ? slice : undefined;
    };

    const onDown = (event: PointerEvent) => {
      const slice = measurable();
      if (!slice || event.button !== 0) return;
      held.down = at(event);
      held.handle = handleUnder(event.target);
      if (held.handle) {
        element.setPointerCapture(event.pointerId);
        setMeasure({ selected: held.handle.id });
        return;
      }
      const { tool } = useMeasureState.getState();
      if (!isMeasuring(event) || !tool || isButton(event.target)) return;
      element.setPointerCapture(event.pointerId);
      give(slice, tool, slice.toPatient(at(event)));
    };

    const onMove = (event: PointerEvent) => {
      const slice = measurable();
      if (!slice) return;
      const point = slice.toPatient(at(event));
      const { draft, measurements } = useMeasureState.getState();
      if (held.handle) {
        const moved = measurements.find(({ id }) => id === held.handle?.id);
        if (moved && isOn(moved, slice)) replaceMeasurement(moveHandle(moved, held.handle.handle, point));
      } else if (draft && isOn(draft, slice)) {
        setMeasure({ draft: { ...draft, pointer: point } });
      }
    };

    const onUp = (event: PointerEvent) => {
      const wasHandle = held.handle !== undefined;
      held.handle = undefined;
      const slice = measurable();
      const { tool } = useMeasureState.getState();
      const [x, y] = at(event);
      const isDrag = Math.hypot(x - held.down[0], y - held.down[1]) > CLICK_PX;
      if (!wasHandle && tool && slice && isDrag && event.button === 0) give(slice, tool, slice.toPatient([x, y]));
    };

    const give = (slice: Slice, tool: MeasureTool, point: Point) => {
      const { draft } = useMeasureState.getState();
      const going = draft && draft.tool === tool && isOn(draft, slice) ? draft : undefined;
      // A release without a press on this plane begins nothing.
      const given = [...(going?.given ?? []), point];
      const next = draftOn(slice, series, tool, given);
      if (given.length < POINTS[tool]) setMeasure({ draft: next, refused: undefined });
      else finish(engine, series, slice, next);
    };

    element.addEventListener('pointerdown', onDown, { signal });
    element.addEventListener('pointermove', onMove, { signal });
    element.addEventListener('pointerup', onUp, { signal });
    return () => ending.abort();
  }, [panel, engine, series, plane]);
}

const isButton = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('[role=button], button') !== null;

function handleUnder(target: EventTarget | null): Held | undefined {
  const element = target instanceof Element ? target.closest<SVGElement>('[data-handle]') : null;
  const { of: id, handle } = element?.dataset ?? {};
  return id && handle !== undefined ? { id, handle: Number(handle) } : undefined;
}

/** Was it drawn on the slice on screen? */
export const isOn = (
  { plane, index, SeriesInstanceUID }: Pick<Measurement, 'plane' | 'index' | 'SeriesInstanceUID'>,
  slice: Pick<Slice, 'plane' | 'index'>,
  series?: string,
): boolean => plane === slice.plane && index === slice.index && (series ?? SeriesInstanceUID) === SeriesInstanceUID;

function draftOn(slice: Slice, { SeriesInstanceUID }: ImageSeries, tool: MeasureTool, given: readonly Point[]): Draft {
  const { plane, index, normal, right, up } = slice;
  const pointer = given.at(-1) ?? slice.focalPoint;
  return { tool, SeriesInstanceUID, plane, index, normal, right, up, given, pointer };
}

/** Keeps what was drawn, unless it is a slip, or crosses images that cannot be seen. */
function finish(engine: ViewerEngine, series: ImageSeries, slice: Slice, draft: Draft): Measurement | undefined {
  const { tool, SeriesInstanceUID, plane, index, normal } = draft;
  const points = pointsFrom(tool, draft.given, draft);
  const patch: Partial<MeasureState> = { draft: undefined };
  const unseen = unseenUnder(engine, series, slice, points);
  if (unseen.length > 0) setMeasure({ ...patch, refused: { plane, images: unseen } });
  else if (tool !== 'probe' && sizeOnScreen(slice, points) < SLIP_PX) setMeasure(patch);
  else return addMeasurement({ tool, SeriesInstanceUID, plane, index, normal, points });
  return undefined;
}

function sizeOnScreen(slice: Slice, points: readonly Point[]): number {
  const [first, ...others] = points.map((point) => slice.toCanvas(point));
  return Math.max(0, ...others.map(([x, y]) => Math.hypot(x - (first?.[0] ?? 0), y - (first?.[1] ?? 0))));
}

/** Positions of the images below some points that have no picture. */
function unseenUnder(engine: ViewerEngine, series: ImageSeries, slice: Slice, points: readonly Point[]) {
  const [from, to] = imagesUnder(series, slice, points);
  return [...engine.progress().failed.keys()].filter((at) => at >= from && at <= to).sort((a, b) => a - b);
}

/** Half the size of a measurement that was made with a key, in CSS pixels. */
const KEY_HALF_PX = 40;

/** A measurement of some size around a point (or the middle of the plane): its handles are then moved with the arrows. */
export function measureByKey(
  engine: ViewerEngine,
  series: ImageSeries,
  plane: Plane,
  around: Point | undefined,
): Measurement | undefined {
  const slice = engine.slice(plane);
  const { tool } = useMeasureState.getState();
  if (!slice || !tool || slice.failure) return undefined;
  const [x, y] = around ? slice.toCanvas(around) : [slice.width / 2, slice.height / 2];
  const corner = (sx: number, sy: number) => slice.toPatient([x + sx * KEY_HALF_PX, y + sy * KEY_HALF_PX]);
  const given = {
    length: [corner(-1, 0), corner(1, 0)],
    bidirectional: [corner(-1, 0), corner(1, 0)],
    ellipse: [corner(-1, -1), corner(1, 1)],
    probe: [corner(0, 0)],
    angle: [corner(-1, 0), corner(0, 0), corner(0, -1)],
  }[tool];
  const made = finish(engine, series, slice, draftOn(slice, series, tool, given));
  setMeasure({ grabbed: made?.id });
  return made;
}
