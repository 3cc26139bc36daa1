import { useEffect, useRef, useState } from 'react';
import { useKeys } from '../keys.ts';

/**
 * J and K move along the rows and `/` goes to the search. The focus is the link of a row, so Enter opens it without
 * a word of ours, and it stays on its study when the list is read again.
 */
export function useRowKeys(ids: readonly string[], scrollTo: (index: number) => void): string | undefined {
  const [focused, setFocused] = useState<string | undefined>(undefined);
  const wanted = useRef<string | undefined>(undefined);

  const move = (steps: 1 | -1) => {
    if (ids.length === 0) return;
    const at = focused === undefined ? -1 : ids.indexOf(focused);
    const next = at < 0 ? (steps === 1 ? 0 : ids.length - 1) : Math.min(ids.length - 1, Math.max(0, at + steps));
    const id = ids[next];
    scrollTo(next);
    wanted.current = id;
    setFocused(id);
  };

  useKeys({
    j: () => move(1),
    k: () => move(-1),
    '/': () => document.querySelector<HTMLInputElement>('input[type=search]')?.focus(),
  });

  // A row that was far away enters the page a render after the scroll.
  useEffect(() => {
    const id = wanted.current;
    if (id === undefined) return;
    const link = document.querySelector<HTMLElement>(`[data-study="${CSS.escape(id)}"] .row-link`);
    if (!link) return;
    link.focus({ preventScroll: true });
    wanted.current = undefined;
  });

  return focused;
}
