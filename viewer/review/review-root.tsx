import './review.css';
import { VisuallyHidden } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useLayoutEffect } from 'react';
import type { StrangeSeries } from '../../services/domain/contract/reading.ts';
import type { RunDetail, StudyDetail } from '../../services/domain/contract/worklist.ts';
import { useText } from '../locales/i18n.ts';
import type { ImageSeries } from '../series/image-series.ts';
import { ActionsContext } from './actions-context.ts';
import type { NamedLesion } from './listed-findings.ts';
import { useMeter } from './meter.ts';
import { useStranger } from './patient-check.ts';
import { reviewActions } from './review-actions.ts';
import { ReviewDialogs } from './review-dialogs.tsx';
import type { ReviewCommands } from './review-keys.ts';
import { resetReviewUi, setReviewUi, useReviewUi } from './review-ui.ts';
import type { StrangePatient } from './signing.ts';
import { type Review, ReviewContext, useSession } from './use-review.ts';
import { useReviewKeys } from './use-review-keys.ts';
import { useWarmSegmenter } from './use-warm-segmenter.ts';

interface ReviewRootProps {
  readonly review: Review;
  readonly series: ImageSeries | undefined;
  readonly onShow: (finding: NamedLesion) => void;
  readonly children: (stranger: StrangePatient | undefined) => ReactNode;
}

/** Around the study screen: the review for every part of it, its keys, its dialogs, and what is said aloud. */
export function ReviewRoot({ review, series, onShow, children }: ReviewRootProps) {
  const text = useText();
  const { session, detail } = review;
  const queries = useQueryClient();
  const hidden = useSession(session, ({ reading }) => reading !== undefined && isHidden(detail, reading));
  const seen = useSession(session, ({ reading }) => reading?.strangers ?? NOBODY);
  const stranger = useStranger(detail, series, seen);
  const revealedAt = useSession(session, ({ reading }) => reading?.revealedAt);
  const loaded = useSession(session, ({ reading }) => reading !== undefined);
  const signed = useSession(session, ({ reading }) => reading?.state === 'SIGNED');
  useLayoutEffect(resetReviewUi, []);

  // What was hidden is sent now, and a signature changes what the study says of itself.
  useEffect(() => {
    if (revealedAt) void queries.invalidateQueries({ queryKey: ['study', detail.study.StudyInstanceUID] });
  }, [queries, revealedAt, detail.study.StudyInstanceUID]);

  const state = () => session.store.getState();
  const commands: ReviewCommands = {
    ...reviewActions({ review, series, text, show: onShow }),
    mode: () => state().review.mode,
    save: () => void session.saveNow(),
    askToSign: () => {
      if (signed) return;
      if (state().reader === undefined) session.askReader();
      setReviewUi({ dialog: 'sign', failure: undefined });
    },
    summary: () => setReviewUi({ dialog: 'summary' }),
    openConflict: () => setReviewUi({ dialog: 'conflict' }),
    showFinding: onShow,
    holdExit: () => {
      if (!hasDraft(review)) return false;
      setReviewUi({ dialog: 'exit' });
      return true;
    },
    canReveal: () => hidden,
    readOnly: () => signed,
  };
  useReviewKeys(commands);
  useWarmSegmenter(review, series, loaded && !signed);
  useExitGuard(review);
  useMeter();
  return (
    <ReviewContext value={review}>
      <ActionsContext value={commands}>
        {children(stranger)}
        <ReviewDialogs series={series} stranger={stranger} hidden={hidden} />
        <Said />
      </ActionsContext>
    </ReviewContext>
  );
}

const NOBODY: readonly StrangeSeries[] = [];

const isHidden = ({ runs }: StudyDetail, { modes, revealedAt }: NonNullable<ReturnType<typeof readingOf>>): boolean =>
  revealedAt === null && runs.some(({ model }) => modes[model.id] === 'second');

const readingOf = ({ session }: Review) => session.store.getState().reading;

/** How the marks of the run on screen are shown now; `concurrent` while nothing else is known. */
export function useModeOf({ session }: Review, run: RunDetail | undefined): 'concurrent' | 'second' | 'triage' {
  const mode = useSession(session, ({ reading }) => (run ? reading?.modes[run.model.id] : undefined));
  const revealed = useSession(session, ({ reading }) => Boolean(reading?.revealedAt));
  return mode === 'second' && revealed ? 'concurrent' : (mode ?? 'concurrent');
}

/** Verdicts that nobody has signed. */
function hasDraft({ session }: Review): boolean {
  const { reading, review } = session.store.getState();
  const { verdicts, added } = review.content;
  return reading?.state !== 'SIGNED' && verdicts.length + added.length > 0;
}

/** The way back to the list asks first, whoever drew the link. */
function useExitGuard(review: Review): void {
  useEffect(() => {
    const onClick = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest('a[href="/worklist"]') : null;
      if (!link || event.ctrlKey || event.metaKey || !hasDraft(review)) return;
      event.preventDefault();
      event.stopPropagation();
      setReviewUi({ dialog: 'exit' });
    };
    document.addEventListener('click', onClick, { capture: true });
    return () => document.removeEventListener('click', onClick, { capture: true });
  }, [review]);
}

/** Verdicts, for a reader who does not see the marks. */
function Said() {
  const said = useReviewUi((ui) => ui.said);
  return (
    <VisuallyHidden role="status" data-said>
      {said}
    </VisuallyHidden>
  );
}
