import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { PulledStudy, PullOverview } from '../../services/domain/contract/pull.ts';
import { PullState } from '../../services/domain/pull/pull-state.ts';
import { fetchPullOf, retryPull } from '../api.ts';
import { useText } from '../locales/i18n.ts';
import { AGAIN_MS } from './again.ts';
import { PulledTable } from './pulled-table.tsx';
import { StateFilter } from './state-filter.tsx';

/** The studies that watches have found, the last changed first; what failed can be ordered again. */
export function PulledStudies({ told }: { readonly told: PullOverview }) {
  const { t } = useText();
  const queries = useQueryClient();
  const [state, setState] = useState<PullState>();
  const filtered = useQuery({
    queryKey: ['pull', state],
    queryFn: ({ signal }) => fetchPullOf(state ?? 'found', signal),
    enabled: state !== undefined,
    refetchInterval: AGAIN_MS,
  });
  const retry = useMutation({
    mutationFn: ({ peer, StudyInstanceUID }: PulledStudy) => retryPull({ peer, StudyInstanceUID }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['pull'] }),
  });
  const shown = state === undefined ? told : (filtered.data ?? told);
  const studies = shown.studies.filter((study) => state === undefined || study.state === state);
  const all = PullState.options
    .filter((each) => state === undefined || each === state)
    .reduce((sum, each) => sum + shown.counts[each], 0);
  const ordered = retry.variables;
  return (
    <>
      <h3>{t('console.pulled')}</h3>
      <StateFilter counts={told.counts} state={state} onState={setState} />
      <p role="status" className="pull-status">
        {retry.isSuccess && ordered
          ? t('console.retried', { study: ordered.StudyInstanceUID, peer: ordered.peer })
          : ''}
      </p>
      {retry.error && ordered ? (
        <p role="alert" className="console-problem">
          {t('console.retryRefused', { study: ordered.StudyInstanceUID, detail: retry.error.message })}
        </p>
      ) : null}
      {filtered.error && state !== undefined ? (
        <p role="alert">{t('app.serverError', { detail: filtered.error.message })}</p>
      ) : null}
      {studies.length === 0 ? (
        <p className="console-note">{t('console.pulledNone')}</p>
      ) : (
        <PulledTable studies={studies} isBusy={retry.isPending} onRetry={(study) => retry.mutate(study)} />
      )}
      {all > studies.length && studies.length > 0 ? (
        <p className="console-note">{t('console.pulledSome', { shown: studies.length, all })}</p>
      ) : null}
    </>
  );
}
