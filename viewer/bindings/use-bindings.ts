import { create } from 'zustand';
import { type Bindings, type KeyAction, keptBindings, keyLabel } from './key-actions.ts';

const KEPT = 'overread.keys';

function read(): Bindings {
  try {
    return keptBindings(JSON.parse(localStorage.getItem(KEPT) ?? 'null'));
  } catch {
    return keptBindings(null);
  }
}

/** The keys of whoever reads at this browser. */
export const useBindings = create<{ readonly bindings: Bindings }>(() => ({ bindings: read() }));

export function keepBindings(bindings: Bindings): void {
  useBindings.setState({ bindings });
  try {
    localStorage.setItem(KEPT, JSON.stringify(bindings));
  } catch {
    // They hold until the page is left.
  }
}

/** The key of an action as it is printed. */
export const useKeyLabel = (action: KeyAction): string => useBindings(({ bindings }) => keyLabel(bindings[action]));
