import { useLayoutEffect, useRef } from 'react';

/** What a key does, by `KeyboardEvent.key` in lower case, with `shift+` before it where that matters. */
export type KeyMap = Readonly<Record<string, (event: KeyboardEvent) => void>>;

/** Bindings are silent while somebody types or moves a slider, and for the browser's own combinations. */
export function useKeys(down: KeyMap, up: KeyMap = {}): void {
  const current = useRef({ down, up });
  current.current = { down, up };
  // Before the screen is seen: its keys work as soon as a reader can know of them.
  useLayoutEffect(() => {
    const handle = (kind: 'down' | 'up') => (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (kind === 'down' && takesKeys(event.target)) return;
      const action = current.current[kind][keyName(event)];
      if (!action) return;
      event.preventDefault();
      action(event);
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

/** Letters with Shift are named so; signs that need Shift on some keyboards are themselves. */
const keyName = ({ key, shiftKey }: KeyboardEvent): string =>
  shiftKey && /^[a-z]$/i.test(key) ? `shift+${key.toLowerCase()}` : key.toLowerCase();

const takesKeys = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target.matches('input:not([type=radio]), textarea, select, [role=slider], [role=dialog] *'));
