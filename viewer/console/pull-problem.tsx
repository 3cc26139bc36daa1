import { useText } from '../locales/i18n.ts';
import { lookAt } from './look-at.ts';

/** What a query or a try has met: where to look, and the text itself as the log has it. */
export function PullProblem({ said }: { readonly said: string | null }) {
  const { t } = useText();
  if (said === null) return null;
  const place = lookAt(said);
  return (
    <div className="pull-problem">
      {place === undefined ? null : <span className="console-failure">{t(`console.look.${place}`)}</span>}
      <small lang="en">{said}</small>
    </div>
  );
}
