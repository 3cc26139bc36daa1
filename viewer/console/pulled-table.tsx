import type { PulledStudy } from '../../services/domain/contract/pull.ts';
import { useText } from '../locales/i18n.ts';
import { PulledRow } from './pulled-row.tsx';

interface PulledTableProps {
  readonly studies: readonly PulledStudy[];
  readonly isBusy: boolean;
  onRetry(study: PulledStudy): void;
}

/** Columns keep their width, whatever a refresh brings. */
export function PulledTable({ studies, isBusy, onRetry }: PulledTableProps) {
  const { t } = useText();
  return (
    <table className="console-table console-pulled">
      <thead>
        <tr>
          <th scope="col">{t('console.study')}</th>
          <th scope="col">{t('console.from')}</th>
          <th scope="col">{t('console.state')}</th>
          <th scope="col">{t('console.images')}</th>
          <th scope="col">{t('console.attempts')}</th>
          <th scope="col">{t('console.nextAttempt')}</th>
          <th scope="col">{t('console.changed')}</th>
        </tr>
      </thead>
      <tbody>
        {studies.map((study) => (
          <PulledRow
            key={`${study.peer} ${study.StudyInstanceUID}`}
            study={study}
            isBusy={isBusy}
            onRetry={() => onRetry(study)}
          />
        ))}
      </tbody>
    </table>
  );
}
