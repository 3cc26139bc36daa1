import { useState } from 'react';
import { useText } from '../locales/i18n.ts';
import { addressOf, type ListQuery, listQuery } from './list-query.ts';

const STORAGE_KEY = 'overread.views';
const MAX_VIEWS = 30;

interface SavedView {
  readonly name: string;
  readonly address: string;
}

interface SavedViewsProps {
  readonly query: ListQuery;
  readonly onChange: (query: ListQuery) => void;
}

/** Queries of this browser under a name; a view is nothing but an address. */
export function SavedViews({ query, onChange }: SavedViewsProps) {
  const { t } = useText();
  const [views, setViews] = useState<readonly SavedView[]>(storedViews);
  const [name, setName] = useState<string | undefined>(undefined);
  const address = addressOf(query);
  const current = views.find((view) => view.address === address);

  const keep = (next: readonly SavedView[]) => {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(next));
    setViews(next);
  };
  const save = () => {
    const trimmed = (name ?? '').trim().slice(0, 40);
    if (trimmed !== '')
      keep([...views.filter((view) => view.name !== trimmed), { name: trimmed, address }].slice(-MAX_VIEWS));
    setName(undefined);
  };

  if (name !== undefined) {
    return (
      <span className="view-form">
        <input
          className="worklist-input"
          // biome-ignore lint/a11y/noAutofocus: the reader has just asked to give this name
          autoFocus
          aria-label={t('view.name')}
          placeholder={t('view.name')}
          maxLength={40}
          value={name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
          onKeyDown={({ key }) => {
            if (key === 'Enter') save();
            if (key === 'Escape') setName(undefined);
          }}
        />
        <button type="button" className="quiet-button" onClick={save}>
          {t('view.keep')}
        </button>
        <button type="button" className="quiet-button" onClick={() => setName(undefined)}>
          {t('view.cancel')}
        </button>
      </span>
    );
  }
  return (
    <span className="saved-views">
      <label className="choice" data-set={current !== undefined || undefined}>
        <span>{t('view.label')}</span>
        <select
          className="worklist-input"
          value={current?.name ?? ''}
          disabled={views.length === 0}
          onChange={({ currentTarget }) => {
            const view = views.find((each) => each.name === currentTarget.value);
            if (view) onChange(listQuery(view.address));
          }}
        >
          <option value="">{views.length === 0 ? t('view.none') : '–'}</option>
          {views.map((view) => (
            <option key={view.name} value={view.name}>
              {view.name}
            </option>
          ))}
        </select>
      </label>
      {current ? (
        <button
          type="button"
          className="quiet-button"
          aria-label={t('view.remove', { name: current.name })}
          onClick={() => keep(views.filter((view) => view !== current))}
        >
          ×
        </button>
      ) : (
        <button type="button" className="quiet-button" onClick={() => setName('')}>
          {t('view.save')}
        </button>
      )}
    </span>
  );
}

/** What is there and still a view; anything else is none. */
function storedViews(): readonly SavedView[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '[]');
    return Array.isArray(kept) ? kept.filter(isView).slice(0, MAX_VIEWS) : [];
  } catch {
    return [];
  }
}

const isView = (value: unknown): value is SavedView => {
  const { name, address } = (value ?? {}) as Partial<Record<'name' | 'address', unknown>>;
  return typeof name === 'string' && name !== '' && typeof address === 'string';
};
