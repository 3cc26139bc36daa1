import { Icon } from '../icon.tsx';
import { useText } from '../locales/i18n.ts';
import { useNow } from './clock.ts';
import type { LostSince } from './live.ts';

/** Amber, across the screen, while what is shown may be old. */
export function LiveBar({ lostSince }: { readonly lostSince: LostSince }) {
  const { t } = useText();
  const now = useNow();
  if (lostSince === undefined) return null;
  return (
    <div className="live-bar" role="status">
      <Icon name="warning" />
      {t('live.off', { seconds: Math.max(0, Math.round((now - lostSince) / 1000)) })}
    </div>
  );
}
