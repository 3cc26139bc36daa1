import { RejectReason } from '../../services/domain/contract/reading.ts';
import { useText } from '../locales/i18n.ts';
import { useActions } from './actions-context.ts';

const bringIntoView = (row: HTMLDivElement | null): void => row?.scrollIntoView({ block: 'nearest' });

/** After X: why. Never forced: Enter rejects without a reason. */
export function ReasonRow() {
  const { t } = useText();
  const { reject, cancel } = useActions();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset draws a frame of its own
    <div ref={bringIntoView} className="reason-row" role="group" aria-label={t('reason.title')}>
      <p>{t('reason.title')}</p>
      {RejectReason.options.map((reason, at) => (
        <button key={reason} type="button" onClick={() => reject(reason)}>
          <kbd>{at + 1}</kbd> {t(`reason.${reason}`)}
        </button>
      ))}
      <button type="button" onClick={() => reject(null)}>
        <kbd>↵</kbd> {t('reason.none')}
      </button>
      <button type="button" className="quiet" onClick={cancel}>
        <kbd>Esc</kbd> {t('edit.discard')}
      </button>
    </div>
  );
}
