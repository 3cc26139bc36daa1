import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { WorklistStudy } from '../../services/domain/contract/worklist.ts';
import { StudyPriority } from '../../services/domain/priority.ts';
import { orderPriority } from '../api.ts';
import { Icon } from '../icon.tsx';
import { useText } from '../locales/i18n.ts';
import { patientNames } from './patient-words.ts';

/** How urgent a person says it is, to be changed in place; and a mark of its own for what a model found. */
export function PriorityCell({ study }: { readonly study: WorklistStudy }) {
  const { t } = useText();
  const queries = useQueryClient();
  const order = useMutation({
    mutationFn: (priority: StudyPriority) => orderPriority(study.StudyInstanceUID, priority),
    onSettled: () => queries.invalidateQueries({ queryKey: ['worklist'] }),
  });
  const priority = order.isPending ? order.variables : study.priority;
  return (
    <span className="priority" data-priority={priority}>
      <select
        className="worklist-input"
        aria-label={t('priority.of', { patient: patientNames(study, t)[0] })}
        value={priority}
        onChange={({ currentTarget }) => {
          const { data } = StudyPriority.safeParse(currentTarget.value);
          if (data) order.mutate(data);
        }}
        onKeyDown={({ key, currentTarget }) => {
          if (key === 'Escape') currentTarget.closest('tr')?.querySelector<HTMLElement>('.row-link')?.focus();
        }}
      >
        {StudyPriority.options.map((each) => (
          <option key={each} value={each}>
            {t(`priority.${each}`)}
          </option>
        ))}
      </select>
      {study.aiCritical ? (
        <span className="ai-critical" title={t('priority.ai')}>
          <Icon name="findings" size={12} /> {t('priority.ai')}
        </span>
      ) : null}
      {order.error ? (
        <span role="alert" className="retry-error">
          {t('priority.failed', { detail: order.error.message })}
        </span>
      ) : null}
    </span>
  );
}
