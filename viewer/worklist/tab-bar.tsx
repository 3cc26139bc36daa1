import { WorklistTab } from '../../services/domain/contract/worklist.ts';
import { useText } from '../locales/i18n.ts';

interface TabBarProps {
  readonly tab: WorklistTab;
  readonly counts: Readonly<Record<WorklistTab, number>> | undefined;
  readonly onChange: (tab: WorklistTab) => void;
}

export const TABS = WorklistTab.options;

/** The parts of the list with what is in each; one is chosen, and all of them filter the same. */
export function TabBar({ tab, counts, onChange }: TabBarProps) {
  const { t } = useText();
  return (
    <nav className="tab-bar" aria-label={t('tab.label')}>
      {TABS.map((name) => (
        <button
          key={name}
          type="button"
          data-tab={name}
          aria-current={name === tab ? 'page' : undefined}
          onClick={() => onChange(name)}
        >
          {t(`tab.${name}`)}
          <span className="tab-count" data-zero={counts?.[name] === 0 || undefined}>
            {counts ? counts[name].toLocaleString('en') : '–'}
          </span>
        </button>
      ))}
    </nav>
  );
}
