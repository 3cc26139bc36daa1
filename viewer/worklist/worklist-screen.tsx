import './worklist.css';
import { useDebouncedCallback } from '@mantine/hooks';
import { useCallback, useContext, useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import type { WorklistStudy } from '../../services/domain/contract/worklist.ts';
import { duration } from '../dates.ts';
import { ServerClockContext, useNow } from '../frame/clock.ts';
import { type LiveState, useLive } from '../frame/live.ts';
import { LiveBar } from '../frame/live-bar.tsx';
import { PageHeader } from '../frame/page-header.tsx';
import { Icon } from '../icon.tsx';
import { useKeys } from '../keys.ts';
import { useText } from '../locales/i18n.ts';
import { EmptyList } from './empty-list.tsx';
import { FilterBar } from './filter-bar.tsx';
import type { ListQuery } from './list-query.ts';
import { ModelNotices } from './model-notices.tsx';
import { NewsPill } from './news-pill.tsx';
import { RowPreview } from './row-preview.tsx';
import { TABS, TabBar } from './tab-bar.tsx';
import { type List, useList } from './use-list.ts';
import { useListQuery } from './use-list-query.ts';
import { WorklistTable } from './worklist-table.tsx';

const TYPING_MS = 80;

export function WorklistScreen() {
  const { t } = useText();
  const [query, change] = useListQuery();
  const live = useLive();
  const list = useList(query, live);
  const [focused, setFocused] = useState<WorklistStudy | undefined>(undefined);
  const main = useRef<HTMLElement>(null);
  useIdleRefresh(list, main);

  useEffect(() => {
    document.title = `Overread · ${t('list.title')}`;
  }, [t]);
  useKeys({
    '/': () => document.querySelector<HTMLInputElement>('input[type=search]')?.focus(),
    r: list.refresh,
    ...Object.fromEntries(TABS.map((tab, at) => [String(at + 1), () => change({ tab })])),
  });
  const onSort = useCallback((sort: ListQuery['sort'], isReversed: boolean) => change({ sort, isReversed }), [change]);

  return (
    <ServerClockContext value={list.clock}>
      <PageHeader title={t('list.title')}>
        <TabBar tab={query.tab} counts={list.tabs} onChange={(tab) => change({ tab })} />
        <NewsPill newer={list.newer} moved={list.moved} onShow={list.refresh} />
        <SearchBox search={query.search} onSearch={(search) => change({ search })} />
        <AsOf live={live} />
        <Link className="to-console" href="/console">
          {t('console.open')}
        </Link>
      </PageHeader>
      <LiveBar live={live} />
      <main className="worklist-main" ref={main}>
        <FilterBar query={query} onChange={change}>
          <span className="list-count">{list.isLoading ? '' : t('list.count', { total: list.total })}</span>
        </FilterBar>
        <ModelNotices />
        {list.error ? (
          <div className="notice" role="alert">
            <p>{t('app.serverError', { detail: list.error.message })}</p>
            <p>{t('app.retrying')}</p>
          </div>
        ) : null}
        {list.isLoading && !list.error ? <p className="notice">{t('app.loading')}</p> : null}
        {!list.isLoading && list.total === 0 && !list.error ? (
          <EmptyList query={query} all={list.tabs?.all ?? 0} onChange={change} />
        ) : null}
        {list.total > 0 ? (
          <>
            <WorklistTable list={list} query={query} onSort={onSort} onFocusRow={setFocused} />
            <RowPreview study={focused} />
          </>
        ) : null}
        <p className="key-hint">{t('list.keys')}</p>
      </main>
    </ServerClockContext>
  );
}

/** While nobody points at the list or is in it, it follows by itself. */
function useIdleRefresh({ newer, moved, refresh, total }: List, main: { readonly current: HTMLElement | null }): void {
  useEffect(() => {
    if (newer + moved === 0) return;
    const table = main.current?.querySelector('.worklist-scroll');
    const isRead = table?.matches(':hover, :focus-within') === true || (table?.scrollTop ?? 0) > 0;
    if (total === 0 || !isRead) refresh();
  }, [newer, moved, refresh, total, main]);
}

interface SearchBoxProps {
  readonly search: string;
  readonly onSearch: (search: string) => void;
}

function SearchBox({ search, onSearch }: SearchBoxProps) {
  const { t } = useText();
  const [typed, setTyped] = useState(search);
  const later = useDebouncedCallback(onSearch, TYPING_MS);
  // Cleared, or another view chosen, elsewhere.
  useEffect(() => setTyped(search), [search]);
  return (
    <span className="search">
      <Icon name="search" size={14} />
      <input
        className="worklist-input"
        type="search"
        placeholder={t('list.search')}
        aria-label={t('list.search')}
        maxLength={200}
        value={typed}
        onChange={({ currentTarget: { value } }) => {
          setTyped(value);
          later(value);
        }}
        onKeyDown={({ key, currentTarget }) => {
          if (key === 'Escape') {
            setTyped('');
            onSearch('');
          }
          if (key === 'Escape' || key === 'Enter') currentTarget.blur();
        }}
      />
      <kbd>/</kbd>
    </span>
  );
}

/** How old the rows are: live, or so many seconds. */
function AsOf({ live }: { readonly live: LiveState }) {
  const { t } = useText();
  return (
    <span className="as-of" data-live={live.state}>
      {live.state === 'live' ? <span className="live-dot">{t('live.on')}</span> : null}
      {live.state === 'connecting' ? t('live.connecting') : null}
      {live.state === 'lost' ? <Age /> : null}
    </span>
  );
}

function Age() {
  const { t } = useText();
  const now = useNow();
  const clock = useContext(ServerClockContext);
  if (!clock) return null;
  return t('list.age', { age: duration((now - clock.receivedAt) / 1000) });
}
