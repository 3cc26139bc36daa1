import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Worklist, WorklistStudy } from '../../services/domain/contract/worklist.ts';
import { fetchWorklist } from '../api.ts';
import type { ServerClock } from '../frame/clock.ts';
import type { LiveState } from '../frame/live.ts';
import { type ListQuery, serverQuery } from './list-query.ts';

const PAGE = 60;
/** Rows on screen that are read again when something changes. */
const MAX_SEEN = 60;
/** While there is no stream the list is asked for; else this often, in case an event never came. */
const POLL_MS = { connecting: 5_000, lost: 5_000, live: 60_000 } as const;
const SETTLED_MS = 400;

export interface List {
  /** Rows of this list, as they were ordered when it was last brought up to date. */
  readonly total: number;
  readonly tabs: Worklist['tabs'] | undefined;
  /** What came and what moved since then. */
  readonly newer: number;
  readonly moved: number;
  readonly clock: ServerClock | undefined;
  readonly isLoading: boolean;
  /** The rows are still those of the query before. */
  readonly isStale: boolean;
  readonly error: Error | null;
  /** `undefined` while its page is on its way. */
  row(index: number): WorklistStudy | undefined;
  /** Says which rows are on screen: their pages are loaded, and they are kept up to date. */
  see(first: number, last: number): void;
  /** Puts the list in the order of now. */
  refresh(): void;
}

/**
 * The list in an order that holds still: pages are read as of one moment, and changes come into the rows and not between
 * them. How many studies came or moved since is counted, until the reader asks to see them.
 */
export function useList(query: ListQuery, { state }: LiveState): List {
  const asked = useMemo(() => serverQuery(query), [query]);
  const key = JSON.stringify(asked);
  const [version, setVersion] = useState(0);
  const [pages, setPages] = useState<readonly number[]>([0]);
  const seen = useRef<{ first: number; last: number }>({ first: 0, last: 0 });

  const head = useQuery({
    queryKey: ['list', key, version],
    queryFn: ({ signal }) => fetchWorklist({ ...asked, limit: PAGE }, signal),
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
    retry: false,
    refetchInterval: ({ state: { data, error } }) => (error && !data ? POLL_MS.lost : false),
  });
  const before = head.data?.asOf;
  const wanted = head.isPlaceholderData ? [] : pages.filter((page) => page > 0);
  const loaded = useQueries({
    queries: wanted.map((page) => ({
      queryKey: ['list-page', key, before, page],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        fetchWorklist({ ...asked, limit: PAGE, offset: page * PAGE, before: before ?? '' }, signal),
      staleTime: Number.POSITIVE_INFINITY,
      enabled: before !== undefined,
    })),
  });
  const pageData = new Map(wanted.map((page, at) => [page, loaded[at]?.data?.studies]));
  pageData.set(0, head.data?.studies);

  const at = (index: number) => pageData.get(Math.floor(index / PAGE))?.[index % PAGE];
  const current = useRef(at);
  current.current = at;

  const live = useQuery({
    queryKey: ['worklist', key, before],
    queryFn: ({ signal }) =>
      fetchWorklist({ ...asked, before: before ?? '', uids: seenUids().join(','), limit: 1 }, signal),
    enabled: before !== undefined && !head.isPlaceholderData,
    staleTime: 10_000,
    refetchInterval: POLL_MS[state],
  });
  const { refetch } = live;
  const fresh = useFresh(live.data, before);

  function seenUids(): readonly string[] {
    const { first, last } = seen.current;
    const uids = Array.from({ length: Math.min(MAX_SEEN, last - first + 1) }, (_none, n) => current.current(first + n));
    const known = uids.flatMap((study) => (study ? [study.StudyInstanceUID] : []));
    // Never empty: without one the server would answer a page.
    return known.length > 0 ? known : ['0'];
  }

  const settled = useRef(0);
  const see = useCallback(
    (first: number, last: number) => {
      if (first === seen.current.first && last === seen.current.last) return;
      seen.current = { first, last };
      const needed = [...new Set([0, Math.floor(first / PAGE), Math.floor(last / PAGE)])];
      setPages((have) => (needed.join() === have.join() ? have : needed));
      clearTimeout(settled.current);
      settled.current = window.setTimeout(() => void refetch(), SETTLED_MS);
    },
    [refetch],
  );
  useEffect(() => () => clearTimeout(settled.current), []);

  const counts = live.data ?? head.data;
  const asOf = counts?.asOf;
  const receivedAt = live.data ? live.dataUpdatedAt : head.dataUpdatedAt;
  const clock = useMemo(() => (asOf === undefined ? undefined : { asOf, receivedAt }), [asOf, receivedAt]);
  return {
    total: head.data?.total ?? 0,
    tabs: counts?.tabs,
    newer: live.data?.newer ?? 0,
    // One that left the list, or was being written while it was read, has changed how many there are.
    moved: live.data && head.data ? live.data.moved + Math.abs(live.data.total - head.data.total) : 0,
    clock,
    isLoading: head.isPending,
    isStale: head.isPlaceholderData,
    error: head.error ?? live.error,
    row: (index) => {
      const study = at(index);
      return study && (fresh.get(study.StudyInstanceUID) ?? study);
    },
    see,
    refresh: useCallback(() => setVersion((last) => last + 1), []),
  };
}

/** Rows as they were last read again, newest first wins, until the list is brought up to date. */
function useFresh(data: Worklist | undefined, before: string | undefined): ReadonlyMap<string, WorklistStudy> {
  const kept = useRef<{ before: string | undefined; rows: ReadonlyMap<string, WorklistStudy> }>({
    before: undefined,
    rows: new Map(),
  });
  return useMemo(() => {
    const rows = kept.current.before === before ? kept.current.rows : new Map<string, WorklistStudy>();
    const all = data
      ? new Map([...rows, ...data.studies.map((study) => [study.StudyInstanceUID, study] as const)])
      : rows;
    kept.current = { before, rows: all };
    return all;
  }, [data, before]);
}
