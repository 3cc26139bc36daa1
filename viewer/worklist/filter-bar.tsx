import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ShownAiState } from '../../services/domain/ai-state.ts';
import { fetchWorklistValues } from '../api.ts';
import { useText } from '../locales/i18n.ts';
import { type DateRange, isFiltered, type ListQuery, withoutFilters } from './list-query.ts';
import { SavedViews } from './saved-views.tsx';

interface FilterBarProps {
  readonly query: ListQuery;
  readonly onChange: (patch: Partial<ListQuery>) => void;
  /** What stands at the end of the bar. */
  readonly children: ReactNode;
}

const VALUES_MS = 60_000;
const RANGES = { today: 0, yesterday: 1, week: 6, month: 29 } as const;
type RangeName = keyof typeof RANGES;
const RANGE_NAMES = Object.keys(RANGES) as RangeName[];

/** One line of filters; each says what it is set to, and a set one is marked. */
export function FilterBar({ query, onChange, children }: FilterBarProps) {
  const { t } = useText();
  const values = useQuery({
    queryKey: ['worklist-values'],
    queryFn: ({ signal }) => fetchWorklistValues(signal),
    staleTime: VALUES_MS,
    refetchInterval: VALUES_MS,
  });
  const options = (names: readonly string[] | undefined, chosen: string) =>
    [...new Set([...(names ?? []), ...(chosen === '' ? [] : [chosen])])].map((name) => ({ value: name, words: name }));
  return (
    <search className="filter-bar" aria-label={t('filter.label')}>
      <Choice
        name={t('filter.state')}
        value={query.state}
        options={ShownAiState.options.map((name) => ({ value: name, words: t(`name.${name}`) }))}
        onChange={(value) => onChange({ state: ShownAiState.safeParse(value).data ?? '' })}
      />
      <Choice
        name={t('filter.modality')}
        value={query.modality}
        options={options(values.data?.modalities, query.modality)}
        onChange={(modality) => onChange({ modality })}
      />
      <Choice
        name={t('filter.bodyPart')}
        value={query.bodyPart}
        options={options(values.data?.bodyParts, query.bodyPart)}
        onChange={(bodyPart) => onChange({ bodyPart })}
      />
      <Choice
        name={t('filter.source')}
        value={query.source}
        options={options(values.data?.sources, query.source)}
        onChange={(source) => onChange({ source })}
      />
      <Dates dates={query.dates} onChange={(dates) => onChange({ dates })} />
      {isFiltered(query) ? (
        <button type="button" className="quiet-button" onClick={() => onChange(withoutFilters(query))}>
          {t('filter.clear')}
        </button>
      ) : null}
      <SavedViews query={query} onChange={onChange} />
      {children}
    </search>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly words: string }[];
  readonly onChange: (value: string) => void;
}

function Choice({ name, value, options, onChange }: ChoiceProps) {
  const { t } = useText();
  return (
    <label className="choice" data-set={value !== '' || undefined}>
      <span>{name}</span>
      <select className="worklist-input" value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        <option value="">{t('filter.any')}</option>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.words}
          </option>
        ))}
      </select>
    </label>
  );
}

function Dates({ dates, onChange }: { readonly dates: DateRange; readonly onChange: (dates: DateRange) => void }) {
  const { t } = useText();
  const named = RANGE_NAMES.find((name) => dates.kind === 'days' && RANGES[name] === dates.back);
  const value = dates.kind === 'own' ? 'own' : (named ?? '');
  return (
    <>
      <Choice
        name={t('filter.date')}
        value={value}
        options={[...RANGE_NAMES, 'own' as const].map((name) => ({ value: name, words: t(`filter.date.${name}`) }))}
        onChange={(name) => onChange(rangeOf(name))}
      />
      {dates.kind === 'own' ? (
        <span className="own-dates">
          {(['from', 'to'] as const).map((end) => (
            <input
              className="worklist-input"
              key={end}
              type="date"
              aria-label={t(`filter.${end}`)}
              value={dates[end]}
              onChange={({ currentTarget }) => onChange({ ...dates, [end]: currentTarget.value })}
            />
          ))}
        </span>
      ) : null}
    </>
  );
}

function rangeOf(name: string): DateRange {
  if (name === 'own') return { kind: 'own', from: '', to: '' };
  const range = RANGE_NAMES.find((each) => each === name);
  return range ? { kind: 'days', back: RANGES[range] } : { kind: 'any' };
}
