import { type RefObject, useEffect } from 'react';
import { isMeasuring } from '../measure/use-measure.ts';
import type { CanvasPoint, GreyWindow, Plane } from '../slice.ts';
import { type DragTool, setView, useViewState } from '../state.ts';
import type { ViewerEngine } from '../viewer-engine.ts';
import { arrange } from './arrangement.ts';
import { dragWindow } from './window-presets.ts';

const PIXELS_PER_SLICE = 6;
/** One notch of a wheel; trackpads send many small steps that add up to it. */
const WHEEL_STEP = 40;
const MAX_SLICES_PER_WHEEL = 5;

interface Drag {
  readonly tool: DragTool;
  readonly start: CanvasPoint;
  /** Where the pointer went down, and the window then: small steps must not add up their rounding. */
  readonly down: CanvasPoint;
  readonly window: GreyWindow | undefined;
  readonly x: number;
  readonly y: number;
  /** Travelled, but not yet a whole slice. */
  readonly slices: number;
}

/** What a button does: right zooms, middle or Shift pans, the left what the toolbar says. */
function toolOf({ button, shiftKey }: PointerEvent): DragTool {
  if (button === 2) return 'zoom';
  return button === 1 || shiftKey ? 'pan' : useViewState.getState().tool;
}

/** Wheel, drags and double click on one plane. Listeners of the DOM: React's wheel listener cannot prevent scrolling. */
export function useDrag(panel: RefObject<HTMLElement | null>, engine: ViewerEngine, plane: Plane): void {
  useEffect(() => {
    const element = panel.current;
    if (!element) return;
    const ending = new AbortController();
    const { signal } = ending;
    const wheel = { travelled: 0 };
    const current: { drag: Drag | undefined } = { drag: undefined };
    const at = (event: MouseEvent): CanvasPoint => {
      const { left, top } = element.getBoundingClientRect();
      return [event.clientX - left, event.clientY - top];
    };

    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      if (event.ctrlKey) {
        engine.zoomBy(plane, event.deltaY < 0 ? 1.1 : 1 / 1.1, at(event));
        return;
      }
      wheel.travelled += event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * WHEEL_STEP : event.deltaY;
      const slices = Math.trunc(wheel.travelled / WHEEL_STEP);
      wheel.travelled -= slices * WHEEL_STEP;
      if (slices !== 0) engine.scroll(plane, Math.sign(slices) * Math.min(MAX_SLICES_PER_WHEEL, Math.abs(slices)));
    };

    const onDown = (event: PointerEvent) => {
      arrange({ active: plane });
      if (isMeasuring(event)) return;
      if (event.target instanceof Element && event.target.closest('[role=button], button, [data-tool]')) return;
      element.setPointerCapture(event.pointerId);
      current.drag = {
        tool: toolOf(event),
        start: at(event),
        down: [event.clientX, event.clientY],
        window: engine.slice(plane)?.window,
        x: event.clientX,
        y: event.clientY,
        slices: 0,
      };
    };

    const onMove = (event: PointerEvent) => {
      const { drag } = current;
      if (!drag) return;
      const slices = dragBy(engine, plane, drag, event);
      current.drag = { ...drag, x: event.clientX, y: event.clientY, slices };
    };

    const onUp = () => {
      current.drag = undefined;
    };

    const onDoubleClick = (event: MouseEvent) => {
      const point = engine.slice(plane)?.toPatient(at(event));
      if (!point) return;
      setView({ crosshair: point });
      engine.goTo(point);
    };

    element.addEventListener('wheel', onWheel, { passive: false, signal });
    element.addEventListener('pointerdown', onDown, { signal });
    element.addEventListener('pointermove', onMove, { signal });
    element.addEventListener('pointerup', onUp, { signal });
    element.addEventListener('pointercancel', onUp, { signal });
    element.addEventListener('dblclick', onDoubleClick, { signal });
    element.addEventListener('contextmenu', (event) => event.preventDefault(), { signal });
    return () => ending.abort();
  }, [panel, engine, plane]);
}

/** Carries out one step of a drag; answers the part of a slice that is left over. */
function dragBy(engine: ViewerEngine, plane: Plane, drag: Drag, { clientX, clientY }: PointerEvent): number {
  const [dx, dy] = [clientX - drag.x, clientY - drag.y];
  switch (drag.tool) {
    case 'pan':
      engine.pan(plane, dx, dy);
      return 0;
    case 'zoom':
      engine.zoomBy(plane, 1.01 ** -dy, drag.start);
      return 0;
    case 'window': {
      const [right, down] = [clientX - drag.down[0], clientY - drag.down[1]];
      // Colours have no window.
      if (drag.window) setView({ window: dragWindow(drag.window, right, down), preset: undefined });
      return 0;
    }
    default: {
      const travelled = drag.slices + dy / PIXELS_PER_SLICE;
      const slices = Math.trunc(travelled);
      if (slices !== 0) engine.scroll(plane, slices);
      return travelled - slices;
    }
  }
}
