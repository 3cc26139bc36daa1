import { useCallback, useEffect, useRef, useState } from 'react';
import type { WorklistStudy } from '../../services/domain/contract/worklist.ts';

interface Focused {
  readonly index: number;
  readonly uid: string | undefined;
}

export interface RowFocus {
  readonly focused: Focused | undefined;
  move(steps: number): void;
  to(index: number): void;
  /** A row was focused by the browser. */
  came(index: number, uid: string): void;
  leave(): void;
  /** The rows are others: no row is meant any more, and the focus of the browser stays where it is. */
  forget(): void;
}

/**
 * Which row the keyboard is on. The focus is the link of the row, so Enter opens it without a word of ours; a row that is not
 * in the page yet, or whose study is still on its way, gets it when it is there.
 */
export function useRowFocus(
  total: number,
  row: (index: number) => WorklistStudy | undefined,
  scrollTo: (index: number) => void,
): RowFocus {
  const [focused, setFocused] = useState<Focused | undefined>(undefined);
  const wanted = useRef<number | undefined>(undefined);

  const to = (index: number) => {
    if (total === 0) return;
    const next = Math.min(total - 1, Math.max(0, index));
    scrollTo(next);
    wanted.current = next;
    setFocused({ index: next, uid: row(next)?.StudyInstanceUID });
  };

  useEffect(() => {
    if (wanted.current === undefined) return;
    const link = document.querySelector<HTMLElement>(`tr[data-index="${wanted.current}"] .row-link`);
    if (!link) return;
    wanted.current = undefined;
    link.focus({ preventScroll: true });
  });

  const forget = useCallback(() => {
    wanted.current = undefined;
    setFocused(undefined);
  }, []);

  return {
    focused,
    forget,
    to,
    move: (steps) => to(focused === undefined ? (steps > 0 ? 0 : total - 1) : focused.index + steps),
    came: (index, uid) => {
      if (focused?.index !== index || focused.uid !== uid) setFocused({ index, uid });
    },
    leave: () => {
      forget();
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    },
  };
}
