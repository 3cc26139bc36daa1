import { useLayoutEffect, useRef } from 'react';
import { isCharacter } from '../bindings/key-name.ts';
import { useBindings } from '../bindings/use-bindings.ts';
import { hasSingleKeys } from '../keys.ts';
import { type ReviewCommands, reviewKey } from './review-keys.ts';
import type { Mode } from './review-state.ts';

/** What Enter presses where it stands on it; in the middle of something it belongs to that. */
const PRESSED: Readonly<Record<Mode['name'], string>> = {
  idle: 'button, a, summary, [role=button]',
  adding: 'button, a, summary, [role=button]',
  rejecting: '.reason-row button',
  editing: '.edit-panel button',
};

/** Before every other binding: what a key means in a review comes first. */
export function useReviewKeys(commands: ReviewCommands): void {
  const current = useRef(commands);
  current.current = commands;
  useLayoutEffect(() => {
    const onDown = (event: KeyboardEvent) => {
      if (event.metaKey || event.altKey || takesKeys(event, current.current.mode().name)) return;
      const { mode } = current.current;
      // Switched off (WCAG 2.2, 2.1.4); after X a digit is an answer that was asked for.
      if (!hasSingleKeys() && !event.ctrlKey && isCharacter(event) && mode().name !== 'rejecting') return;
      const action = reviewKey(event, current.current, useBindings.getState().bindings);
      if (!action) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      action(current.current);
    };
    addEventListener('keydown', onDown, { capture: true });
    return () => removeEventListener('keydown', onDown, { capture: true });
  }, []);
}

/** Somebody types, a dialog is open, or Enter presses the button it stands on. */
function takesKeys({ target, key, ctrlKey }: KeyboardEvent, mode: Mode['name']): boolean {
  if (!(target instanceof Element)) return false;
  if (document.querySelector('[role=dialog]')) return true;
  if (target.matches('input:not([type=radio]), textarea, select')) return !(ctrlKey && /^(s|enter)$/i.test(key));
  return (key === 'Enter' || key === ' ') && !ctrlKey && target.closest(PRESSED[mode]) !== null;
}
