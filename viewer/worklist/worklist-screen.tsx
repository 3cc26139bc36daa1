import './worklist.css';
import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState } from 'react';
import type { Worklist, WorklistStudy } from '../../services/domain/contract/worklist.ts';
import { fetchWorklist } from '../api.ts';
import { ServerClockContext } from '../frame/clock.ts';
import { type LiveState, useLive } from '../frame/live.ts';
import { LiveBar } from '../frame/live-bar.tsx';
import { PageHeader } from '../frame/page-header.tsx';
import { Icon } from '../icon.tsx';
import { useText } from '../locales/i18n.ts';
import { FirstRun, NoMatch } from './empty-list.tsx';
import { ModelNotices } from './model-notices.tsx';
import { WorklistTable } from './worklist-table.tsx';

const PAGE = 200;
/** While there is no stream the list is asked for; else this often, in case an event never came. */
const POLL_MS = { connecting: 5_000, lost: 5_000, live: 60_000 } as const;

export function WorklistScreen() {
  const { t } = useText();
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), 200);
  const live = useLive();
  const list = useWorklist(search, live);

  useEffect(() => {
    document.title = `Overread · ${t('list.title')}`;
  }, [t]);

  return (
    <>
      <PageHeader title={t('list.title')}>
        <TextInput
          type="search"
          className="search"
          size="xs"
          leftSection={<Icon name="search" size={14} />}
          placeholder={t('list.search')}
          aria-label={t('list.search')}
          value={typed}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          onKeyDown={({ key, currentTarget }) => {
            if (key === 'Escape') setTyped('');
            if (key === 'Escape' || key === 'Enter') currentTarget.blur();
          }}
        />
        <span className="list-count">{t('list.count', { total: list.total })}</span>
        <span className="as-of" data-live={live.state}>
          {live.state === 'live' ? <span className="live-dot">{t('live.on')}</span> : null}
          {live.state === 'connecting' ? t('live.connecting') : null}
          {list.clock ? ` · ${t('live.asOf', { time: new Date(list.clock.asOf).toLocaleTimeString('sv-SE') })}` : null}
        </span>
      </PageHeader>
      <LiveBar live={live} />
      <main className="worklist-main">
        <ModelNotices />
        {list.error ? (
          <div className="notice" role="alert">
            <p>{t('app.serverError', { detail: list.error.message })}</p>
            <p>{t('app.retrying')}</p>
          </div>
        ) : null}
        {list.loading ? <p className="notice">{t('app.loading')}</p> : null}
        {!list.loading && list.rows.length === 0 && !list.error ? (
          search === '' ? (
            <FirstRun />
          ) : (
            <NoMatch search={search} onClear={() => setTyped('')} />
          )
        ) : null}
        {list.rows.length > 0 ? (
          <ServerClockContext value={list.clock}>
            <WorklistTable rows={list.rows} total={list.total} onEnd={list.more} />
          </ServerClockContext>
        ) : null}
        <p className="key-hint">{t('list.hint')}</p>
      </main>
    </>
  );
}

function useWorklist(search: string, { state }: LiveState) {
  const query = useInfiniteQuery({
    queryKey: ['worklist', search],
    queryFn: ({ pageParam, signal }) => fetchWorklist(search, pageParam, PAGE, signal),
    initialPageParam: 0,
    getNextPageParam: (page, _pages, offset) =>
      page.studies.length > 0 && offset + page.studies.length < page.total ? offset + page.studies.length : undefined,
    placeholderData: keepPreviousData,
    refetchInterval: POLL_MS[state],
  });
  const newest = query.data?.pages[0];
  const asOf = newest?.asOf;
  const receivedAt = query.dataUpdatedAt;
  const clock = useMemo(() => (asOf === undefined ? undefined : { asOf, receivedAt }), [asOf, receivedAt]);
  const rows = useMemo(() => distinctStudies(query.data?.pages ?? []), [query.data]);
  const { fetchNextPage, isFetchingNextPage, hasNextPage } = query;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage]);
  return { rows, clock, more, total: newest?.total ?? 0, loading: query.isPending, error: query.error };
}

/** A study that moved between two readings may be on two pages: the first place counts. */
function distinctStudies(pages: readonly Worklist[]): readonly WorklistStudy[] {
  const seen = new Set<string>();
  return pages
    .flatMap(({ studies }) => studies)
    .filter(({ StudyInstanceUID }) => !seen.has(StudyInstanceUID) && seen.add(StudyInstanceUID));
}
