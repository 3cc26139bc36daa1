import { Button } from '@mantine/core';
import { BoundKey } from '../bindings/bound-key.tsx';
import { Icon } from '../icon.tsx';
import { useText } from '../locales/i18n.ts';
import type { Translate } from '../locales/translate.ts';
import { DeliveryLine } from '../worklist/delivery-line.tsx';
import { useActions } from './actions-context.ts';
import { mismatchWords } from './mismatch-words.ts';
import type { SessionState } from './reading-session.ts';
import { useReviewUi } from './review-ui.ts';
import type { StrangePatient } from './signing.ts';
import { useReview, useSession } from './use-review.ts';
import { localMinute, readerWords } from './verdict-words.ts';

/** Above the findings: whose reading this is, whether it is safe, whether it is signed. */
export function ReviewHeader({ stranger }: { readonly stranger: StrangePatient | undefined }) {
  const { session } = useReview();
  const state = useSession(session, (all) => all);
  return (
    <section className="review-header">
      {stranger ? <Mismatch stranger={stranger} /> : null}
      {state.reading?.state === 'SIGNED' ? <Signed state={state} /> : <Draft state={state} />}
    </section>
  );
}

function Mismatch({ stranger }: { readonly stranger: StrangePatient }) {
  const { t } = useText();
  const { detail } = useReview();
  return (
    <div className="mismatch" role="alert" data-mismatch={stranger.where}>
      <strong>
        <Icon name="warning" /> {t('mismatch.bar')}
      </strong>
      <span>{mismatchWords(stranger, detail.study.PatientID, t)}</span>
    </div>
  );
}

function Draft({ state }: { readonly state: SessionState }) {
  const { t } = useText();
  const { session } = useReview();
  const { reader, reading, saving, restored, conflict, backAt } = state;
  const [latest] = reading?.reports ?? [];
  return (
    <div className="draft-state" data-saving={saving.name}>
      <button type="button" className="reader-button" onClick={session.askReader}>
        {reader ? t('save.reader', { name: readerWords(reader) }) : t('save.noReader')}
      </button>
      <span className="saving-words" data-bad={isBad(saving) || undefined}>
        {isBad(saving) ? <Icon name="warning" size={13} /> : null}
        {savingWords(state, t)}
      </span>
      {backAt ? (
        <span className="restored" data-back>
          {t('save.back', { time: localMinute(backAt).slice(11) })}
        </span>
      ) : null}
      {restored ? <span className="restored">{t('save.restored')}</span> : null}
      {conflict ? <ConflictNote /> : null}
      {latest ? <p className="panel-note">{t('signed.amending', { time: localMinute(latest.signedAt) })}</p> : null}
      {reading?.revealedAt ? (
        <p className="quiet-note">{t('mode.revealed', { time: localMinute(reading.revealedAt) })}</p>
      ) : null}
    </div>
  );
}

const isBad = ({ name }: SessionState['saving']): boolean => name === 'away' || name === 'refused';

function savingWords({ saving, base }: SessionState, t: Translate): string {
  switch (saving.name) {
    case 'away':
      return t(saving.kept ? 'save.away' : 'save.awayNotKept');
    case 'refused':
      return t('save.refused', { detail: saving.detail });
    case 'saved':
      return base.content.verdicts.length + base.content.added.length > 0 ? t('save.saved') : t('save.nothing');
    default:
      return t(`save.${saving.name}`);
  }
}

function ConflictNote() {
  const { t } = useText();
  const { openConflict } = useActions();
  return (
    <div className="conflict-note" role="alert">
      <strong>
        <Icon name="warning" size={14} /> {t('conflict.title')}
      </strong>
      <Button size="compact-xs" variant="default" onClick={openConflict}>
        {t('conflict.open')}
      </Button>
    </div>
  );
}

/** Read-only, with who and when, and the receipts of the report on its way. */
function Signed({ state }: { readonly state: SessionState }) {
  const { t } = useText();
  const { amend, summary } = useActions();
  const busy = useReviewUi((ui) => ui.busy === 'amend');
  const failure = useReviewUi((ui) => ui.failure);
  const [report] = state.reading?.reports ?? [];
  if (!report) return null;
  const { reader, signedAt, deliveries } = report;
  return (
    <div className="signed" data-report={report.SRSOPInstanceUID}>
      <strong>
        <Icon name="sign" /> {t('signed.title')}
      </strong>
      <p>{t('signed.by', { name: readerWords(reader), time: localMinute(signedAt) })}</p>
      {reader.organization ? <p className="quiet-note">{reader.organization}</p> : null}
      <p className="quiet-note">{t('signed.readOnly')}</p>
      {deliveries.length > 0 ? (
        <ul className="receipts" aria-label={t('signed.deliveries')}>
          {deliveries.map((delivery) => (
            <li key={delivery.destination}>
              <DeliveryLine delivery={delivery} />
            </li>
          ))}
        </ul>
      ) : (
        <p className="quiet-note">{t('delivery.nowhere')}</p>
      )}
      {failure ? <p role="alert">{t(failure.message, { detail: failure.detail })}</p> : null}
      <span className="signed-buttons">
        <Button size="compact-sm" variant="default" onClick={summary}>
          {t('summary.button')} <BoundKey action="summary" />
        </Button>
        <Button size="compact-sm" variant="default" loading={busy} onClick={() => void amend()}>
          {t('signed.amend')}
        </Button>
      </span>
    </div>
  );
}
