import { useCallback, useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';
import { addressOf, type ListQuery, listQuery } from './list-query.ts';

/** The query in the address of the page, and how to change a part of it. Going back from a study finds it again. */
export function useListQuery(): readonly [ListQuery, (patch: Partial<ListQuery>) => void] {
  const address = useSearch();
  const [, navigate] = useLocation();
  const query = useMemo(() => listQuery(address), [address]);
  const change = useCallback(
    (patch: Partial<ListQuery>) => {
      const next = addressOf({ ...listQuery(location.search), ...patch });
      navigate(next === '' ? '/worklist' : `/worklist?${next}`, { replace: true });
    },
    [navigate],
  );
  return [query, change];
}
