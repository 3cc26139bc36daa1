import './routing.css';
import type { RulesInForce } from '../api.ts';
import { useText } from '../locales/i18n.ts';
import { momentIn } from './moment.ts';
import { ruleProblem } from './rule-problem.ts';
import { RuleTable } from './rule-table.tsx';
import { RuleTrial } from './rule-trial.tsx';

/** The rules in force, what is wrong with a newer file, and a trial of them or of others. */
export function Routing({ told: { configured, rules, loadedAt, problem } }: { readonly told: RulesInForce }) {
  const { t, language } = useText();
  return (
    <>
      {problem === null ? null : (
        <p role="alert" className="console-problem">
          {t('console.routesProblem', { problem: ruleProblem(t, problem) })}
        </p>
      )}
      {configured ? null : <p className="console-note">{t('console.noRoutes')}</p>}
      {loadedAt === null ? null : (
        <p className="console-note">{t('console.routesSince', { since: momentIn(language, loadedAt) })}</p>
      )}
      {configured && rules.length === 0 && problem === null ? <p>{t('console.routesEmpty')}</p> : null}
      {rules.length === 0 ? null : <RuleTable rules={rules} />}
      <RuleTrial rules={rules} />
    </>
  );
}
