import { createContext, use, useEffect, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { RunDetail, StudyDetail } from '../../services/domain/contract/worklist.ts';
import { setView, useViewState } from '../state.ts';
import { keptDrafts, keptReader } from './kept-drafts.ts';
import { type Listed, listedFindings } from './listed-findings.ts';
import { meter } from './meter.ts';
import { readingPorts } from './reading-api.ts';
import { type ReadingSession, readingSession, type SessionState } from './reading-session.ts';

/** Everything of a review that a part of the screen may need. */
export interface Review {
  readonly session: ReadingSession;
  readonly detail: StudyDetail;
  readonly run: RunDetail | undefined;
  readonly listed: Listed;
  /** In force for a run: what the reader has set, else the model's own. */
  readonly thresholdOf: (run: RunDetail) => number;
}

export const ReviewContext = createContext<Review | undefined>(undefined);

export function useReview(): Review {
  const review = use(ReviewContext);
  if (!review) throw new Error('outside of a review');
  return review;
}

export const useSession = <T>(session: ReadingSession, select: (state: SessionState) => T): T =>
  useStore(session.store, select);

const TAB = 'overread.tab';

/** The same through a reload, another one in another tab. */
function tabId(): string {
  const known = sessionStorage.getItem(TAB);
  if (known) return known;
  const made = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16)).join('');
  sessionStorage.setItem(TAB, made);
  return made;
}

/** The session of the study on screen; it ends with the screen. */
function useReadingSession(StudyInstanceUID: string, asOf: string): ReadingSession {
  const [session] = useState(() =>
    readingSession(
      readingPorts(StudyInstanceUID),
      keptDrafts(localStorage, StudyInstanceUID, tabId()),
      keptReader(localStorage),
    ),
  );
  useEffect(() => {
    void session.start();
    return () => session.close();
  }, [session]);

  // The study is read again when something of it has changed: so is what others decided.
  const first = useRef(asOf);
  useEffect(() => {
    if (first.current !== asOf) void session.refresh();
  }, [session, asOf]);

  // A network that comes back is not waited for.
  useEffect(() => {
    const back = () => void session.saveNow();
    addEventListener('online', back);
    return () => removeEventListener('online', back);
  }, [session]);

  useEffect(() => {
    const guard = (event: BeforeUnloadEvent) => {
      const { saving } = session.store.getState();
      if (saving.name !== 'saved' && saving.name !== 'loading') event.preventDefault();
    };
    addEventListener('beforeunload', guard);
    return () => removeEventListener('beforeunload', guard);
  }, [session]);
  return session;
}

/** The review of the run on screen. The display threshold goes into the record, and comes back from it. */
export function useRunReview(detail: StudyDetail, run: RunDetail | undefined, threshold: number): Review {
  const session = useReadingSession(detail.study.StudyInstanceUID, detail.asOf);
  const content = useSession(session, ({ review }) => review.content);
  const loaded = useSession(session, ({ reading }) => reading !== undefined);
  // Marks that are not shown have no display threshold: the server would take one for a mistake.
  const runId = run && !run.hidden && !run.flagOnly ? run.runId : undefined;

  useEffect(() => {
    if (runId === undefined || !loaded) return;
    const kept = session.store.getState().review.content.thresholds[runId];
    if (kept !== undefined) setView({ threshold: kept });
    return useViewState.subscribe(({ threshold: now }, before) => {
      if (now !== before.threshold) session.send({ type: 'threshold', runId, threshold: now });
    });
  }, [session, runId, loaded]);

  useEffect(() => followSelection(session), [session]);

  return useMemo(
    () => ({
      session,
      detail,
      run,
      listed: listedFindings(run?.findings ?? [], content, threshold),
      thresholdOf: (of) => content.thresholds[of.runId] ?? of.threshold,
    }),
    [session, detail, run, content, threshold],
  );
}

/** What is selected on the screen is what a verdict is about. An edit that goes on is kept, not lost. */
function followSelection(session: ReadingSession): () => void {
  const select = (TrackingUID: string | undefined) => {
    const { mode } = session.store.getState().review;
    if (mode.name === 'editing' && mode.TrackingUID !== TrackingUID)
      session.send({ type: 'keepEdit', at: new Date().toISOString() });
    if (TrackingUID !== undefined) meter.shown(TrackingUID);
    session.send({ type: 'select', TrackingUID });
  };
  select(useViewState.getState().selected);
  return useViewState.subscribe(({ selected }, before) => {
    if (selected !== before.selected) select(selected);
  });
}
