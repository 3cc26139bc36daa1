import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { retryRun } from '../api.ts';
import { useText } from '../locales/i18n.ts';

/** Orders a failed analysis again. */
export function RetryButton({ runId, patient }: { readonly runId: string; readonly patient: string }) {
  const { t } = useText();
  const queries = useQueryClient();
  const retry = useMutation({
    mutationFn: () => retryRun(runId),
    onSettled: () => queries.invalidateQueries(),
  });
  return (
    <span className="retry">
      <Button
        size="compact-xs"
        variant="default"
        loading={retry.isPending}
        onClick={() => retry.mutate()}
        aria-label={t('state.retryOf', { patient })}
      >
        {t('state.retry')}
      </Button>
      {retry.error ? (
        <span role="alert" className="retry-error">
          {t('state.retryFailed', { detail: retry.error.message })}
        </span>
      ) : null}
    </span>
  );
}
