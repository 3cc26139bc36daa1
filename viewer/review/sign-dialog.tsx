import { Button, Modal } from '@mantine/core';
import { sizeBehind } from '../findings/size-words.ts';
import { Icon } from '../icon.tsx';
import { useText } from '../locales/i18n.ts';
import { useViewState } from '../state.ts';
import { useActions } from './actions-context.ts';
import { mismatchWords } from './mismatch-words.ts';
import type { FindingState } from './review-state.ts';
import { setReviewUi, useReviewUi } from './review-ui.ts';
import { canRejectRest, type Obstacle, obstacles, type StrangePatient } from './signing.ts';
import { useReview, useSession } from './use-review.ts';
import { readerWords, STATE_ICONS } from './verdict-words.ts';

interface SignDialogProps {
  readonly stranger: StrangePatient | undefined;
  readonly hidden: boolean;
}

const COUNTED = ['accepted', 'edited', 'added', 'rejected'] as const satisfies readonly FindingState[];
const close = () => setReviewUi({ dialog: undefined, failure: undefined });

/** What will be signed, or why it cannot be. */
export function SignDialog({ stranger, hidden }: SignDialogProps) {
  const { t } = useText();
  const { session, detail, thresholdOf } = useReview();
  const { sign } = useActions();
  const state = useSession(session, (all) => all);
  const { busy, failure } = useReviewUi();
  const all = obstacles({ session: state, runs: detail.runs, thresholdOf, stranger, hidden });
  const signing = busy === 'sign';
  return (
    <Modal opened onClose={close} title={t('sign.title')} closeButtonProps={{ 'aria-label': t('app.close') }}>
      <div className="sign-dialog" data-obstacles={all.map(({ name }) => name).join(' ')}>
        {all.length === 0 ? <p>{t('sign.text')}</p> : <strong>{t('sign.blocked')}</strong>}
        {all.map((obstacle) => (
          <ObstacleWords key={obstacle.name} obstacle={obstacle} />
        ))}
        <Counts />
        {failure ? (
          <p className="review-failure" role="alert">
            <Icon name="warning" size={14} /> {t(failure.message, { detail: failure.detail })}
          </p>
        ) : null}
        {canRejectRest(all) ? (
          <div className="reject-rest">
            <Button variant="default" loading={signing} onClick={() => void sign(true)}>
              {t('sign.rejectRest')}
            </Button>
            <p className="bulk-note">{t('sign.rejectRestNote')}</p>
          </div>
        ) : null}
        <div className="dialog-buttons">
          <Button variant="default" data-autofocus={all.length > 0 || undefined} onClick={close}>
            {t('sign.goOn')}
          </Button>
          {all.length === 0 ? (
            <Button data-autofocus loading={signing} onClick={() => void sign(false)}>
              {t('sign.confirm', { name: readerWords(state.reader) })}
            </Button>
          ) : null}
        </div>
      </div>
    </Modal>
  );
}

/** Over all models of the study, not only the list on screen. */
function Counts() {
  const { t } = useText();
  const { session } = useReview();
  const { verdicts, added } = useSession(session, ({ review }) => review.content);
  const count = (state: (typeof COUNTED)[number]) =>
    state === 'added' ? added.length : verdicts.filter(({ verdict }) => verdict === state).length;
  return (
    <ul className="sign-counts" aria-label={t('sign.list')}>
      {COUNTED.map((state) => (
        <li key={state} className="state-chip" data-state={state}>
          <Icon name={STATE_ICONS[state]} size={13} /> {t(`sign.${state}`, { count: count(state) })}
        </li>
      ))}
    </ul>
  );
}

function ObstacleWords({ obstacle }: { readonly obstacle: Obstacle }) {
  const { t } = useText();
  const { session, detail } = useReview();
  const { openConflict, showFinding } = useActions();
  switch (obstacle.name) {
    case 'patientMismatch':
      return (
        <p className="mismatch" role="alert">
          {mismatchWords(obstacle.stranger, detail.study.PatientID, t)}
        </p>
      );
    case 'newerResult':
      return (
        <p>
          {t('sign.newerResult', { count: obstacle.gone.length })}{' '}
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => {
              for (const TrackingUID of obstacle.gone) session.send({ type: 'clear', TrackingUID });
            }}
          >
            {t('sign.dropGone')}
          </Button>
        </p>
      );
    case 'conflict':
      return (
        <p>
          {t('sign.conflict')}{' '}
          <Button size="compact-xs" variant="default" onClick={openConflict}>
            {t('conflict.open')}
          </Button>
        </p>
      );
    case 'unreviewed':
      return (
        <>
          <p>{t('sign.unreviewed', { count: obstacle.findings.length })}</p>
          <ul className="open-list">
            {obstacle.findings.map((finding) => (
              <li key={finding.TrackingUID}>
                <button
                  type="button"
                  className="state-chip"
                  data-state={finding.state}
                  onClick={() => {
                    close();
                    if (useViewState.getState().selected !== finding.TrackingUID) showFinding(finding);
                  }}
                >
                  <Icon name={STATE_ICONS[finding.state]} size={13} />{' '}
                  {t('conflict.findingOf', { index: finding.index })}
                  {`${sizeBehind(finding.diameterMm)} · ${t(`verdict.${finding.state}`)}`}
                </button>
              </li>
            ))}
          </ul>
        </>
      );
    default:
      return <p>{t(`sign.${obstacle.name}`)}</p>;
  }
}
