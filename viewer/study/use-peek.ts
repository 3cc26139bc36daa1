import { useCallback, useEffect, useRef } from 'react';
import { setView, useViewState } from '../state.ts';

/** A short Space on a focused button presses it; longer, it is a peek. */
const HOLD_MS = 200;

/** Space held down takes every mark away. */
export function usePeek() {
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
