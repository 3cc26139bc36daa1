import type { Shelf } from '../../viewer/review/kept-drafts.ts';

export function shelf(): Shelf & { readonly things: Map<string, string> } {
  const things = new Map<string, string>();
  return {
    things,
    get length() {
      return things.size;
    },
    key: (at) => [...things.keys()][at] ?? null,
    getItem: (key) => things.get(key) ?? null,
    setItem: (key, value) => void things.set(key, value),
    removeItem: (key) => void things.delete(key),
  };
}
