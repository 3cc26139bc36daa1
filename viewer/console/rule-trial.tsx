import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { DryRun } from '../../services/domain/contract/routes.ts';
import type { RouteRule } from '../../services/domain/routing/route-file.ts';
import { tryRoutes } from '../api.ts';
import { useText } from '../locales/i18n.ts';
import { RuleEditor } from './rule-editor.tsx';
import { TrialResult } from './trial-result.tsx';

/** As many as are listed at once. */
const LISTED = 1000;

/** What was tried: rules of the editor, or those in force; and whose misses are asked for. */
export interface Trial {
  readonly rules: readonly unknown[] | undefined;
  readonly rule: string | undefined;
}

interface Tried {
  readonly trial: Trial;
  readonly run: DryRun;
}

/** Tries rules on what is stored. Its last answer stays until the next, so that nothing jumps. */
export function RuleTrial({ rules }: { readonly rules: readonly RouteRule[] }) {
  const { t } = useText();
  const [tried, setTried] = useState<Tried>();
  const order = useMutation({
    mutationFn: ({ rules: own, rule }: Trial) =>
      tryRoutes({ ...(own && { rules: [...own] }), ...(rule !== undefined && { rule }), limit: LISTED }),
    onSuccess: (run, trial) => setTried({ trial, run }),
    onError: () => setTried(undefined),
  });
  const isOfEditor = order.variables?.rules !== undefined;
  const problem = order.error?.message;
  return (
    <div className="console-trial" aria-busy={order.isPending}>
      <h3>{t('console.trial')}</h3>
      <p className="console-note">{t('console.trialNote')}</p>
      {rules.length === 0 ? null : (
        <button
          type="button"
          className="plain-button"
          disabled={order.isPending}
          onClick={() => order.mutate({ rules: undefined, rule: undefined })}
        >
          {t('console.tryInForce')}
        </button>
      )}
      {problem === undefined || isOfEditor ? null : (
        <p role="alert" className="console-problem">
          {t('console.trialFailed', { detail: problem })}
        </p>
      )}
      <RuleEditor
        rules={rules}
        isBusy={order.isPending}
        problem={isOfEditor ? problem : undefined}
        onTry={(own) => order.mutate({ rules: own, rule: undefined })}
        onFault={() => setTried(undefined)}
      />
      <p role="status" className="console-trial-status">
        {order.isPending ? t('console.trying') : tried === undefined ? '' : summary(tried)}
      </p>
      {tried === undefined ? null : (
        <TrialResult
          run={tried.run}
          rule={tried.trial.rule}
          asked={(order.isPending ? order.variables : tried.trial).rule}
          isBusy={order.isPending}
          onRule={(rule) => order.mutate({ ...tried.trial, rule })}
        />
      )}
    </div>
  );

  function summary({ trial, run: { studies, unmatched } }: Tried): string {
    return t(trial.rules === undefined ? 'console.triedInForce' : 'console.triedOwn', { studies, unmatched });
  }
}
