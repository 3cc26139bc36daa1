import { useCallback, useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import { type KeyMap, useKeys } from '../keys.ts';
import type { ImageSeries } from '../series/image-series.ts';
import { nextOverlay, setView, useViewState } from '../state.ts';
import type { ViewerEngine } from '../viewer-engine.ts';
import { choosePreset } from './toolbar.tsx';

interface StudyKeys {
  readonly engine: ViewerEngine | undefined;
  readonly series: ImageSeries | undefined;
  readonly threshold: number;
  readonly onStep: (steps: 1 | -1) => void;
  readonly onHelp: () => void;
}

const ZOOM_STEP = 1.25;
const THRESHOLD_STEP = 0.05;
/** A short Space on a focused button presses it; longer, it is a peek. */
const HOLD_MS = 200;

export function useStudyKeys({ engine, series, threshold, onStep, onHelp }: StudyKeys): void {
  const [, navigate] = useLocation();
  const peek = usePeek();
  const zoom = (factor: number) => {
    const { crosshair } = useViewState.getState();
    engine?.zoomBy('axial', factor, crosshair && engine.slice('axial')?.toCanvas(crosshair));
  };
  // From where it is now: a second press may come before the first has been drawn.
  const moveThreshold = (by: number) => {
    const now = useViewState.getState().threshold ?? threshold;
    setView({ threshold: Math.min(1, Math.max(0, Math.round((now + by) * 100) / 100)) });
  };
  const last = (series?.images.length ?? 1) - 1;
  const keys: KeyMap = {
    n: () => onStep(1),
    'shift+n': () => onStep(-1),
    o: () => setView({ overlay: nextOverlay(useViewState.getState().overlay) }),
    1: () => choosePreset('lung', series),
    2: () => choosePreset('mediastinum', series),
    3: () => choosePreset('bone', series),
    4: () => choosePreset('soft', series),
    5: () => choosePreset('stored', series),
    arrowup: () => engine?.scroll('axial', -1),
    arrowdown: () => engine?.scroll('axial', 1),
    home: () => engine?.showIndex('axial', 0),
    end: () => engine?.showIndex('axial', last),
    '+': () => zoom(ZOOM_STEP),
    '-': () => zoom(1 / ZOOM_STEP),
    '=': () => engine?.fit(),
    ',': () => moveThreshold(-THRESHOLD_STEP),
    '.': () => moveThreshold(THRESHOLD_STEP),
    '?': onHelp,
    escape: () => navigate('/worklist'),
    ' ': peek.down,
  };
  useKeys(keys, { ' ': peek.up });
}

function usePeek() {
  const held = useRef<{
    timer: ReturnType<typeof setTimeout> | undefined;
    button: HTMLElement | SVGElement | undefined;
  }>({
    timer: undefined,
    button: undefined,
  });
  const stop = useCallback(() => {
    clearTimeout(held.current.timer);
    held.current.timer = undefined;
    setView({ peeking: false });
  }, []);

  // A key that is let go in another window never comes up here.
  useEffect(() => {
    addEventListener('blur', stop);
    return () => {
      removeEventListener('blur', stop);
      stop();
    };
  }, [stop]);

  return {
    down: ({ repeat, target }: KeyboardEvent) => {
      if (repeat) return;
      const button =
        target instanceof Element ? target.closest<HTMLElement | SVGElement>('button, [role=button]') : null;
      held.current.button = button ?? undefined;
      if (button) held.current.timer = setTimeout(() => setView({ peeking: true }), HOLD_MS);
      else setView({ peeking: true });
    },
    up: () => {
      const { button } = held.current;
      const short = button !== undefined && !useViewState.getState().peeking;
      held.current.button = undefined;
      stop();
      if (short) button.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));
    },
  };
}
