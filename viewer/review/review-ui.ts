import { create } from 'zustand';
import type { FleischnerCategory, FleischnerInput } from '../../services/domain/guidelines/fleischner.ts';
import type { LungRadsCategory, LungRadsInput } from '../../services/domain/guidelines/lung-rads.ts';
import type { MessageKey } from '../locales/en.ts';

/** What a reader has said of one nodule, or of the patient, for the guidelines. */
export type GuidelineInput = LungRadsInput & FleischnerInput;

/** What was taken over into the summary; void when the guideline says something else by now. */
interface Taken {
  readonly lungRads?: LungRadsCategory | undefined;
  readonly fleischner?: FleischnerCategory | undefined;
}

/** What is open on the screen of a review, and what a guideline was told: nothing of it is stored. */
export interface ReviewUi {
  readonly dialog: 'sign' | 'summary' | 'exit' | 'conflict' | undefined;
  readonly busy: 'segment' | 'sign' | 'reveal' | 'amend' | undefined;
  /** What went wrong last, with its detail. */
  readonly failure: { readonly message: MessageKey; readonly detail: string } | undefined;
  /** For the live region. */
  readonly said: string;
  readonly patient: GuidelineInput;
  readonly nodules: Readonly<Record<string, GuidelineInput>>;
  readonly taken: Readonly<Record<string, Taken>>;
}

const START: ReviewUi = {
  dialog: undefined,
  busy: undefined,
  failure: undefined,
  said: '',
  patient: {},
  nodules: {},
  taken: {},
};

export const useReviewUi = create<ReviewUi>(() => START);
export const setReviewUi = (patch: Partial<ReviewUi>): void => useReviewUi.setState(patch);
/** Another study: what was told of a patient is not told of the next. */
export const resetReviewUi = (): void => useReviewUi.setState(START);
