import { Icon } from '../icon.tsx';
import { useText } from '../locales/i18n.ts';
import { useNow } from './clock.ts';
import type { LiveState } from './live.ts';

/** Amber, across the screen, while what is shown may be old. */
export function LiveBar({ live }: { readonly live: LiveState }) {
  const { t } = useText();
  const now = useNow();
  if (live.state !== 'lost') return null;
  return (
    <div className="live-bar" role="status">
      <Icon name="warning" />
      {t('live.off', { seconds: Math.max(0, Math.round((now - live.since) / 1000)) })}
    </div>
  );
}
