import { useLayoutEffect, useRef } from 'react';
import { isCharacter, keyName } from './bindings/key-name.ts';

/** What a key does, by `KeyboardEvent.key` in lower case, with `shift+` before it where that matters; `false` leaves it to the browser. */
export type KeyMap = Readonly<Record<string, (event: KeyboardEvent) => unknown>>;

const SWITCH = 'overread.singleKeys';

/** Single characters do something, unless the reader has switched that off (WCAG 2.2, 2.1.4). */
export const hasSingleKeys = (): boolean => localStorage.getItem(SWITCH) !== 'off';
export const switchSingleKeys = (on: boolean): void => localStorage.setItem(SWITCH, on ? 'on' : 'off');

/** Bindings are silent while somebody types or moves a slider, and for the browser's own combinations. */
export function useKeys(down: KeyMap, up: KeyMap = {}): void {
  const current = useRef({ down, up });
  current.current = { down, up };
  // Before the screen is seen: its keys work as soon as a reader can know of them.
  useLayoutEffect(() => {
    const handle = (kind: 'down' | 'up') => (event: KeyboardEvent) => {
      const action = kind === 'up' || isForUs(event) ? current.current[kind][keyName(event)] : undefined;
      if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
      if (action(event) !== false) event.preventDefault();
    };
    const onDown = handle('down');
    const onUp = handle('up');
    addEventListener('keydown', onDown);
    addEventListener('keyup', onUp);
    return () => {
      removeEventListener('keydown', onDown);
      removeEventListener('keyup', onUp);
    };
  }, []);
}

const isForUs = (event: KeyboardEvent): boolean => !takesKeys(event.target) && (hasSingleKeys() || !isCharacter(event));

const takesKeys = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target.matches('input:not([type=radio]), textarea, select, [role=slider], [role=dialog] *'));
