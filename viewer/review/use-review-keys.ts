import { useLayoutEffect, useRef } from 'react';
import { type ReviewCommands, reviewKey } from './review-keys.ts';

/** Before every other binding: what a key means in a review comes first. */
export function useReviewKeys(commands: ReviewCommands): void {
  const current = useRef(commands);
  current.current = commands;
  useLayoutEffect(() => {
    const onDown = (event: KeyboardEvent) => {
      if (event.metaKey || event.altKey || takesKeys(event)) return;
      const action = reviewKey(event, current.current);
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
function takesKeys({ target, key, ctrlKey }: KeyboardEvent): boolean {
  if (!(target instanceof Element)) return false;
  if (document.querySelector('[role=dialog]')) return true;
  if (target.matches('input:not([type=radio]), textarea, select')) return !(ctrlKey && /^(s|enter)$/i.test(key));
  return key === 'Enter' && !ctrlKey && target.closest('button, a, summary, [role=button]') !== null;
}
