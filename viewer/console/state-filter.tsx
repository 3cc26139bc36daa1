import type { PullOverview } from '../../services/domain/contract/pull.ts';
import { PullState } from '../../services/domain/pull/pull-state.ts';
import { useText } from '../locales/i18n.ts';

interface StateFilterProps extends Pick<PullOverview, 'counts'> {
  /** None: all. */
  readonly state: PullState | undefined;
  onState(state: PullState | undefined): void;
}

/** How many studies there are of each state; one of them may be shown alone. */
export function StateFilter({ counts, state, onState }: StateFilterProps) {
  const { t } = useText();
  const all = PullState.options.reduce((sum, each) => sum + counts[each], 0);
  return (
    <fieldset className="pull-filter" aria-label={t('console.pulledFilter')}>
      {[undefined, ...PullState.options].map((each) => (
        <button
          key={each ?? ''}
          type="button"
          data-filter={each ?? 'all'}
          aria-pressed={each === state}
          onClick={() => onState(each)}
        >
          {t(each === undefined ? 'console.pulledAll' : `console.pull.${each}`)}
          <span>{each === undefined ? all : counts[each]}</span>
        </button>
      ))}
    </fieldset>
  );
}
