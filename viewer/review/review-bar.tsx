import { Button } from '@mantine/core';
import { BoundKey } from '../bindings/bound-key.tsx';
import type { ReviewAction } from '../bindings/key-actions.ts';
import { Icon, type IconName } from '../icon.tsx';
import type { MessageKey } from '../locales/en.ts';
import { useText } from '../locales/i18n.ts';
import type { ImageSeries } from '../series/image-series.ts';
import { useViewState } from '../state.ts';
import { useActions } from './actions-context.ts';
import { EditPanel } from './edit-panel.tsx';
import { openOf } from './listed-findings.ts';
import { useReviewUi } from './review-ui.ts';
import { useReview, useSession } from './use-review.ts';

/** At the foot of the panel: the verdicts, how many are left, and the signature. */
export function ReviewBar({ series }: { readonly series: ImageSeries | undefined }) {
  const { t } = useText();
  const { session, listed } = useReview();
  const actions = useActions();
  const mode = useSession(session, ({ review }) => review.mode.name);
  const canUndo = useSession(session, ({ review }) => review.past.length > 0);
  const signed = useSession(session, ({ reading }) => reading?.state === 'SIGNED');
  const selected = useViewState((state) => listed.shown.some(({ TrackingUID }) => TrackingUID === state.selected));
  if (signed) return null;
  const total = listed.shown.length;
  const decided = total - openOf(listed.shown).length;
  return (
    <div className="review-bar">
      <EditPanel series={series} />
      <Failure />
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset draws a frame of its own */}
      <div className="review-actions" role="group" aria-label={t('review.actions')}>
        <Verdict icon="delivered" word="review.accept" name="accept" off={!selected} act={actions.accept} />
        <Verdict icon="refused" word="review.reject" name="reject" off={!selected} act={actions.startReject} />
        <Verdict
          icon="pencil"
          word="review.edit"
          name="edit"
          off={!selected || mode === 'editing'}
          act={actions.startEdit}
        />
        <Verdict icon="defer" word="review.defer" name="defer" off={!selected} act={actions.defer} />
        <Verdict icon="plus" word="review.add" name="add" off={mode === 'adding'} act={actions.startAdd} />
        <Verdict icon="outdated" word="review.undo" name="undo" off={!canUndo} act={actions.undo} />
      </div>
      <div className="review-foot">
        {total > 0 ? (
          <div className="review-counts">
            <progress value={decided} max={total} aria-label={t('review.progress')} />
            <span>{decided === total ? t('review.allDecided') : t('review.counts', { decided, total })}</span>
          </div>
        ) : (
          <span />
        )}
        <Button size="compact-sm" variant="default" onClick={actions.summary}>
          {t('summary.button')} <BoundKey action="summary" />
        </Button>
        <Button size="compact-sm" leftSection={<Icon name="sign" size={14} />} onClick={actions.askToSign}>
          {t('sign.button')} <kbd>Ctrl ↵</kbd>
        </Button>
      </div>
    </div>
  );
}

interface VerdictProps {
  readonly icon: IconName;
  readonly word: MessageKey;
  readonly name: ReviewAction;
  readonly off: boolean;
  readonly act: () => void;
}

function Verdict({ icon, word, name, off, act }: VerdictProps) {
  const { t } = useText();
  return (
    <button type="button" className="verdict-button" data-verdict={icon} disabled={off} onClick={act}>
      <Icon name={icon} size={15} />
      <span>{t(word)}</span>
      <BoundKey action={name} />
    </button>
  );
}

function Failure() {
  const { t } = useText();
  const failure = useReviewUi((state) => state.failure);
  const dialog = useReviewUi((state) => state.dialog);
  if (!failure || dialog) return null;
  return (
    <p className="review-failure" role="alert">
      <Icon name="warning" size={14} /> {t(failure.message, { detail: failure.detail })}
    </p>
  );
}
