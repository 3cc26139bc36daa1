import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { fetchSystem, fetchWorklist } from '../api.ts';
import { useText } from '../locales/i18n.ts';
import { isFiltered, type ListQuery, withoutFilters } from './list-query.ts';

interface EmptyListProps {
  readonly query: ListQuery;
  /** Studies that match the filters, in every part of the list. */
  readonly all: number;
  readonly onChange: (query: ListQuery) => void;
}

/** Why there is no row, and what to do: nothing matches, nothing is in this part of the list, or nothing ever came. */
export function EmptyList({ query, all, onChange }: EmptyListProps) {
  const { t } = useText();
  if (isFiltered(query)) return <NoMatch query={query} onChange={onChange} />;
  if (all === 0) return <FirstRun />;
  return (
    <div className="empty-list">
      <h2>{t('list.tabEmpty')}</h2>
      <p>{t('list.tabEmptyText', { all })}</p>
      <button type="button" className="plain-button" onClick={() => onChange({ ...query, tab: 'all' })}>
        {t('list.showAll')}
      </button>
    </div>
  );
}

function NoMatch({ query, onChange }: Omit<EmptyListProps, 'all'>) {
  const { t } = useText();
  const all = useTotal();
  return (
    <div className="empty-list">
      <h2>
        {query.search === '' ? t('list.filteredTitle', { all }) : t('list.noMatchTitle', { search: query.search })}
      </h2>
      <p>{query.search === '' ? t('list.filteredText') : t('list.noMatchText')}</p>
      <button type="button" className="plain-button" onClick={() => onChange(withoutFilters(query))}>
        {t('list.clear')}
      </button>
    </div>
  );
}

/** How many studies there are without the filters. */
function useTotal(): number {
  const unfiltered = useQuery({
    queryKey: ['worklist', 'all'],
    queryFn: ({ signal }) => fetchWorklist({ limit: 1 }, signal),
  });
  return unfiltered.data?.total ?? 0;
}

/** The first screen of a new installation: how to reach this node. */
function FirstRun() {
  const { t } = useText();
  const system = useQuery({ queryKey: ['system'], queryFn: ({ signal }) => fetchSystem(signal) });
  const node = system.data;
  const host = location.hostname;
  return (
    <div className="empty-list">
      <h2>{t('list.emptyTitle')}</h2>
      <p>{t('list.emptyText')}</p>
      {node ? (
        <>
          <dl className="address">
            <Part name={t('list.aeTitle')} value={node.AETitle} />
            <Part name={t('list.host')} value={host} />
            <Part name={t('list.port')} value={String(node.dimsePort)} />
          </dl>
          <p>{t('list.demoText')}</p>
          <Copied
            value={`./overread send dicom-samples/chest-phantom --to ${node.AETitle}@${host}:${node.dimsePort}`}
          />
        </>
      ) : null}
      {node?.models.length === 0 ? <p className="warning">{t('list.noModel')}</p> : null}
      {system.error ? <p role="alert">{t('app.serverError', { detail: system.error.message })}</p> : null}
    </div>
  );
}

function Part({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** A command to be taken along. Without a secure origin there is no clipboard, and the text can still be selected. */
function Copied({ value }: { readonly value: string }) {
  const { t } = useText();
  const [isCopied, setCopied] = useState(false);
  return (
    <p className="command">
      <code>{value}</code>
      {navigator.clipboard ? (
        <button
          type="button"
          className="row-button"
          onClick={() => void navigator.clipboard.writeText(value).then(() => setCopied(true))}
        >
          {t(isCopied ? 'list.copied' : 'list.copy')}
        </button>
      ) : null}
    </p>
  );
}
