import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { cancelRun, retryRun } from '../api.ts';
import { useText } from '../locales/i18n.ts';
import { keptReader } from '../review/kept-drafts.ts';

interface RunButtonProps {
  readonly runId: string;
  readonly patient: string;
}

/** Orders a failed analysis again. */
export function RetryButton({ runId, patient }: RunButtonProps) {
  const { t } = useText();
  const words = { words: t('state.retry'), label: t('state.retryOf', { patient }) };
  return <RunButton {...words} act={() => retryRun(runId)} />;
}

/** Ends an analysis that waits or runs; the run can be ordered again. */
export function CancelButton({ runId, patient }: RunButtonProps) {
  const { t } = useText();
  const words = { words: t('action.cancel'), label: t('action.cancelOf', { patient }) };
  return <RunButton {...words} act={() => cancelRun(runId, keptReader(localStorage))} />;
}

interface ActProps {
  readonly words: string;
  readonly label: string;
  act(): Promise<unknown>;
}

function RunButton({ words, label, act }: ActProps) {
  const { t } = useText();
  const queries = useQueryClient();
  const retry = useMutation({ mutationFn: act, onSettled: () => queries.invalidateQueries() });
  return (
    <span className="retry">
      <Button
        size="compact-xs"
        variant="default"
        loading={retry.isPending}
        onClick={() => retry.mutate()}
        aria-label={label}
      >
        {words}
      </Button>
      {retry.error ? (
        <span role="alert" className="retry-error">
          {t('state.retryFailed', { detail: retry.error.message })}
        </span>
      ) : null}
    </span>
  );
}
