import type { Delivery, RunSummary } from '../../services/domain/contract/worklist.ts';
import { Icon, type IconName } from '../icon.tsx';
import { useText } from '../locales/i18n.ts';
import type { Translate } from '../locales/translate.ts';

const ICONS = { DELIVERED: 'delivered', PENDING: 'pending', REFUSED: 'refused' } as const satisfies Record<
  Delivery['state'],
  IconName
>;

/** Where the report of a run stands on its way to each PACS. */
export function DeliveryLines({ run }: { readonly run: RunSummary | undefined }) {
  const { t } = useText();
  const ended = run !== undefined && run.state !== 'WAITING' && run.state !== 'RUNNING';
  if (!ended) return <Line icon="absent" state="absent" words={t('delivery.notYet')} />;
  if (run.state === 'FAILED') return <Line icon="absent" state="absent" words={t('delivery.noReport')} />;
  if (run.deliveries.length === 0) return <Line icon="absent" state="absent" words={t('delivery.nowhere')} />;
  return run.deliveries.map((delivery) => <DeliveryLine key={delivery.destination} delivery={delivery} />);
}

/** Where one result stands on its way to one PACS. */
export function DeliveryLine({ delivery }: { readonly delivery: Delivery }) {
  const { t } = useText();
  return <Line icon={ICONS[delivery.state]} state={delivery.state.toLowerCase()} words={deliveryWords(delivery, t)} />;
}

function Line({ icon, state, words }: { readonly icon: IconName; readonly state: string; readonly words: string }) {
  return (
    <span className="delivery" data-delivery={state} title={words}>
      <Icon name={icon} size={14} />
      <span>{words}</span>
    </span>
  );
}

/** Commitment that was not asked for, or of which nothing is known, says no more than the delivery. */
const DELIVERED = {
  none: 'delivery.delivered',
  asked: 'delivery.asked',
  committed: 'delivery.committed',
  failed: 'delivery.delivered',
} as const satisfies Record<Delivery['commitment'], string>;

function deliveryWords({ destination, state, attempts, lastError, commitment }: Delivery, t: Translate): string {
  const error = lastError ?? '';
  if (state === 'DELIVERED') return t(DELIVERED[commitment], { destination });
  if (state === 'REFUSED') return t('delivery.refused', { destination, error });
  return attempts > 0 && error
    ? t('delivery.pendingAgain', { destination, attempts, error })
    : t('delivery.pending', { destination });
}
