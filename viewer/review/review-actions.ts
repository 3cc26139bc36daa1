import type { ReadLesion } from '../../services/domain/contract/reading.ts';
import { isPlaced } from '../../services/domain/finding.ts';
import { sizeValue } from '../findings/size-words.ts';
import type { Text } from '../locales/i18n.ts';
import type { ImageSeries } from '../series/image-series.ts';
import type { Point } from '../slice.ts';
import { useViewState } from '../state.ts';
import { type ListedFinding, lesionOf, type NamedLesion } from './listed-findings.ts';
import { meter } from './meter.ts';
import { newUid } from './new-uid.ts';
import { segment } from './reading-api.ts';
import { Refused } from './reading-ports.ts';
import { isReshaped, remeasured } from './remeasure.ts';
import { onNearestImage } from './reshape-lesion.ts';
import type { ReviewActions } from './review-keys.ts';
import { addedOf, type Mode, verdictOf } from './review-state.ts';
import { setReviewUi, useReviewUi } from './review-ui.ts';
import type { Review } from './use-review.ts';
import { verdictWords } from './verdict-words.ts';

interface ActionContext {
  readonly review: Review;
  readonly series: ImageSeries | undefined;
  readonly text: Text;
  /** Brings a finding on screen. */
  readonly show: (finding: NamedLesion) => void;
}

export function reviewActions({ review, series, text, show }: ActionContext): ReviewActions {
  const { t } = text;
  const detailOf = (error: unknown): string =>
    error instanceof Refused && error.reason ? text.reason(error.reason) : messageOf(error);
  const { session, listed } = review;
  const state = () => session.store.getState();
  const at = () => new Date().toISOString();
  const order = listed.shown.map(({ TrackingUID }) => TrackingUID);
  const selected = () => listed.shown.find(({ TrackingUID }) => TrackingUID === useViewState.getState().selected);

  /** After a verdict: it is said aloud, and the next finding comes on screen. */
  const told = (about: ListedFinding | undefined): void => {
    const { content, selected: next } = state().review;
    if (about) {
      meter.judged(about.TrackingUID);
      const said = verdictOf(content, about.TrackingUID) ?? addedOf(content, about.TrackingUID);
      setReviewUi({
        said: t('review.announce', { index: about.index, state: verdictWords(said, t) }),
        failure: undefined,
      });
    }
    const finding = listed.shown.find(({ TrackingUID }) => TrackingUID === next);
    if (finding && next !== useViewState.getState().selected) show(finding);
  };
  const onSelected = (act: (finding: ListedFinding) => void): void => {
    const finding = selected();
    if (!finding) return;
    act(finding);
    told(finding);
  };
  const measured = async (point: Point): Promise<ReturnType<typeof lesionOf> | undefined> => {
    if (!series || useReviewUi.getState().busy) return undefined;
    setReviewUi({ busy: 'segment', failure: undefined });
    try {
      const label = review.run?.findings[0]?.label ?? 'nodule';
      const { StudyInstanceUID, SeriesInstanceUID } = series;
      return await segment(StudyInstanceUID, { SeriesInstanceUID, point: [...point], label });
    } catch (error) {
      setReviewUi({ failure: { message: 'add.failed', detail: detailOf(error) } });
      return undefined;
    } finally {
      setReviewUi({ busy: undefined });
    }
  };
  /** Mean value and density of an edited lesion are those of the place where it now is, without being asked for. */
  const measureEdited = async (TrackingUID: string, before: ReadLesion, lesion: ReadLesion, key: ImageSeries) => {
    const { center, measurement } = lesion;
    if (!measurement || !center) return;
    const { StudyInstanceUID, SeriesInstanceUID } = key;
    try {
      const point: [number, number, number] = [...center];
      const found = await segment(StudyInstanceUID, { SeriesInstanceUID, point, label: lesion.label });
      const values = remeasured(before, lesion, found);
      if (values) session.send({ type: 'remeasured', TrackingUID, of: lesion, values });
    } catch (error) {
      setReviewUi({ failure: { message: 'edit.notMeasured', detail: detailOf(error) } });
    }
  };
  const ordered = async (
    busy: 'sign' | 'reveal' | 'amend',
    message: 'sign.failed' | 'mode.revealFailed' | 'signed.failed',
    carryOut: () => Promise<void>,
  ) => {
    setReviewUi({ busy, failure: undefined });
    try {
      await carryOut();
      setReviewUi({ dialog: undefined });
    } catch (error) {
      setReviewUi({ failure: { message, detail: detailOf(error) } });
    } finally {
      setReviewUi({ busy: undefined });
    }
  };
  const turn = (type: 'undo' | 'redo') => {
    session.send({ type });
    told(undefined);
    setReviewUi({ said: t(type === 'undo' ? 'review.undone' : 'review.redone') });
  };

  return {
    accept: () => onSelected(({ TrackingUID }) => session.send({ type: 'accept', TrackingUID, at: at(), order })),
    defer: () => onSelected(({ TrackingUID }) => session.send({ type: 'defer', TrackingUID, at: at(), order })),
    startReject: () => {
      const finding = selected();
      if (finding) session.send({ type: 'startReject', TrackingUID: finding.TrackingUID });
    },
    reject: (reason) => {
      const { mode } = state().review;
      if (mode.name !== 'rejecting') return;
      session.send({ type: 'reject', reason, at: at(), order });
      told(listed.shown.find(({ TrackingUID }) => TrackingUID === mode.TrackingUID));
    },
    startEdit: () => {
      const finding = selected();
      if (!finding) return;
      show(finding);
      session.send({ type: 'startEdit', TrackingUID: finding.TrackingUID, lesion: lesionOf(finding) });
    },
    keepEdit: () => {
      const { mode } = state().review;
      if (mode.name !== 'editing') return;
      if (series && mode.lesion !== mode.before)
        session.send({ type: 'reshape', lesion: onNearestImage(mode.lesion, series) });
      const { lesion } = nowEditing(state().review.mode) ?? mode;
      session.send({ type: 'keepEdit', at: at() });
      if (series && isReshaped(mode.before, lesion)) void measureEdited(mode.TrackingUID, mode.before, lesion, series);
      told(listed.shown.find(({ TrackingUID }) => TrackingUID === mode.TrackingUID));
    },
    startAdd: () => {
      setReviewUi({ failure: undefined });
      session.send({ type: 'startAdd' });
    },
    addAt: async (point) => {
      const lesion = await measured(point);
      if (!lesion || state().review.mode.name !== 'adding') return;
      const TrackingUID = newUid();
      session.send({ type: 'add', TrackingUID, at: at(), lesion });
      show({ ...lesion, TrackingUID });
      const last = Math.max(0, ...listed.shown.map(({ index }) => index));
      setReviewUi({ said: t('add.added', { index: last + 1, mm: sizeValue(lesion.diameterMm) }) });
    },
    measureAgain: async () => {
      const { mode } = state().review;
      if (mode.name !== 'editing' || !isPlaced(mode.lesion)) return;
      const lesion = await measured(mode.lesion.center);
      if (lesion) session.send({ type: 'reshape', lesion: { ...lesion, label: mode.lesion.label } });
    },
    cancel: () => {
      setReviewUi({ failure: undefined });
      session.send({ type: 'cancel' });
    },
    undo: () => turn('undo'),
    redo: () => turn('redo'),
    sign: (rejectRest) => ordered('sign', 'sign.failed', () => session.sign({ rejectRest, language: text.language })),
    reveal: () => ordered('reveal', 'mode.revealFailed', session.reveal),
    amend: () => ordered('amend', 'signed.failed', session.amend),
  };
}

const nowEditing = (mode: Mode) => (mode.name === 'editing' ? mode : undefined);

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
