import { createContext, use } from 'react';
import type { ReviewCommands } from './review-keys.ts';

export const ActionsContext = createContext<ReviewCommands | undefined>(undefined);

/** What buttons and keys do; the same functions for both. */
export function useActions(): ReviewCommands {
  const actions = use(ActionsContext);
  if (!actions) throw new Error('outside of a review');
  return actions;
}
