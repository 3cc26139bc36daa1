import { useText } from '../locales/i18n.ts';
import { stepDetail, takenSyntaxes } from './step-words.ts';

/** What came of a step; a long list waits behind its count. */
export function StepDetail({ detail }: { readonly detail: string }) {
  const { t } = useText();
  const syntaxes = takenSyntaxes(detail);
  if (syntaxes.length === 0) return <span className="console-detail">{stepDetail(t, detail)}</span>;
  const named = syntaxes.filter((name) => name !== 'unknown');
  return (
    <details className="console-detail">
      <summary>{t('console.detail.syntaxes', { count: syntaxes.length })}</summary>
      <p>{named.join(', ')}</p>
    </details>
  );
}
