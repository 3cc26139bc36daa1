import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { WorklistStudy } from '../../services/domain/contract/worklist.ts';
import { cancelRun, orderAnalysis, orderPriority, retryRun } from '../api.ts';
import { useText } from '../locales/i18n.ts';
import type { Translate } from '../locales/translate.ts';
import { keptReader } from '../review/kept-drafts.ts';
import type { AiState } from './ai-state.ts';
import { patientNames } from './patient-words.ts';

interface StateActionProps {
  readonly study: WorklistStudy;
  readonly state: AiState;
}

interface Action {
  readonly words: string;
  /** Says of whom, for a button is read without its row. */
  readonly label: string;
  order(): Promise<unknown>;
}

/** What can be done about a state from the list; opening the study, which is what the others ask for, is the row itself. */
export function StateAction({ study, state }: StateActionProps) {
  const { t } = useText();
  const queries = useQueryClient();
  const action = actionOf(study, state, t);
  const order = useMutation({
    mutationFn: async () => action?.order(),
    onSettled: () => queries.invalidateQueries({ queryKey: ['worklist'] }),
  });
  if (!action) return null;
  return (
    <span className="retry">
      <button
        type="button"
        className="row-button"
        disabled={order.isPending}
        aria-label={action.label}
        onClick={() => order.mutate()}
      >
        {action.words}
      </button>
      {order.error ? (
        <span role="alert" className="retry-error">
          {t('action.failed', { detail: order.error.message })}
        </span>
      ) : null}
    </span>
  );
}

function actionOf(study: WorklistStudy, { name }: AiState, t: Translate): Action | undefined {
  const uid = study.StudyInstanceUID;
  const patient = patientNames(study, t)[0];
  const failed = study.runs.filter(({ state }) => state === 'FAILED');
  const running = study.runs.filter(({ state }) => state === 'RUNNING');
  switch (name) {
    case 'failed':
    case 'partial':
      return failed.length === 0
        ? undefined
        : {
            ...{ words: t('state.retry'), label: t('state.retryOf', { patient }) },
            order: () => Promise.all(failed.map(({ runId }) => retryRun(runId))),
          };
    case 'outdated':
    case 'withdrawn':
      return {
        ...{ words: t('action.rerun'), label: t('action.rerunOf', { patient }) },
        order: () => orderAnalysis(uid),
      };
    case 'waiting':
      return study.priority === 'STAT'
        ? undefined
        : {
            ...{ words: t('action.stat'), label: t('action.statOf', { patient }) },
            order: () => orderPriority(uid, 'STAT'),
          };
    case 'running':
      return {
        ...{ words: t('action.cancel'), label: t('action.cancelOf', { patient }) },
        order: () => Promise.all(running.map(({ runId }) => cancelRun(runId, keptReader(localStorage)))),
      };
    default:
      return undefined;
  }
}

/** What opening a study in this state is for. */
export function openWords({ name }: AiState, t: Translate): string {
  if (name === 'none') return t('action.lower');
  if (name === 'notAnalysable' || name === 'failed') return t('action.details');
  return t(name === 'signed' ? 'action.amend' : 'action.open');
}
