import { Link } from 'wouter';
import type { DryRunStudy } from '../../services/domain/contract/routes.ts';
import { useText } from '../locales/i18n.ts';
import { missWords } from './miss-words.ts';

/** A study that a rule does not take, and what it misses. */
export function MissedStudy({ study: { StudyInstanceUID, rules, nearest } }: { readonly study: DryRunStudy }) {
  const { t } = useText();
  return (
    <li data-missed={StudyInstanceUID}>
      <Link href={`/study/${StudyInstanceUID}`}>{StudyInstanceUID}</Link>
      {rules.length === 0 ? null : (
        <span className="console-note">{t('console.takenBy', { rules: rules.join(', ') })}</span>
      )}
      <ul>
        {nearest.map(({ rule, misses }) => (
          <li key={rule}>
            <strong>{t('console.notRule', { rule })}</strong>
            {misses.length === 0
              ? t('console.earlierRule')
              : misses.map((miss) => missWords(t, miss)).join(t('console.and'))}
          </li>
        ))}
      </ul>
    </li>
  );
}
