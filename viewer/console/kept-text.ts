import { useState } from 'react';

const STORAGE_KEY = 'overread.rules';

/** The rules an editor has typed, until the browser's tab is closed; `undefined`: nothing was changed. */
export function useKeptText(): readonly [text: string | undefined, keep: (text: string | undefined) => void] {
  const [text, setText] = useState(() => sessionStorage.getItem(STORAGE_KEY) ?? undefined);
  const keep = (next: string | undefined) => {
    setText(next);
    if (next === undefined) sessionStorage.removeItem(STORAGE_KEY);
    else sessionStorage.setItem(STORAGE_KEY, next);
  };
  return [text, keep];
}
