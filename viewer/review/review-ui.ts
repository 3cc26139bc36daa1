import { create } from 'zustand';
import type { MessageKey } from '../locales/en.ts';

/** What is open on the screen of a review: nothing of it is stored. */
interface ReviewUi {
  readonly dialog: 'sign' | 'summary' | 'exit' | 'conflict' | undefined;
  readonly busy: 'segment' | 'sign' | 'reveal' | 'amend' | undefined;
  /** What went wrong last, with its detail. */
  readonly failure: { readonly message: MessageKey; readonly detail: string } | undefined;
  /** For the live region. */
  readonly said: string;
}

const START: ReviewUi = {
  dialog: undefined,
  busy: undefined,
  failure: undefined,
  said: '',
};

export const useReviewUi = create<ReviewUi>(() => START);
export const setReviewUi = (patch: Partial<ReviewUi>): void => useReviewUi.setState(patch);
/** Another study begins with nothing open. */
export const resetReviewUi = (): void => useReviewUi.setState(START);
