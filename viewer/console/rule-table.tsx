import type { RouteRule } from '../../services/domain/routing/route-file.ts';
import { useText } from '../locales/i18n.ts';
import type { Translate } from '../locales/translate.ts';
import { ConditionWords } from './condition-words.tsx';

/** Rules in the order in which they are asked. */
export function RuleTable({ rules }: { readonly rules: readonly RouteRule[] }) {
  const { t } = useText();
  return (
    <table className="console-table console-rules">
      <thead>
        <tr>
          <th scope="col">{t('console.rule')}</th>
          <th scope="col">{t('console.asksFor')}</th>
          <th scope="col">{t('console.ruleModels')}</th>
          <th scope="col">{t('console.priority')}</th>
          <th scope="col">{t('console.destinations')}</th>
        </tr>
      </thead>
      <tbody>
        {rules.map((rule) => (
          <tr key={rule.name} data-rule={rule.name}>
            <th scope="row">
              {rule.name}
              {rule.continue ? <small>{t('console.continues')}</small> : null}
            </th>
            <td>{rule.when === undefined ? t('console.everyStudy') : <ConditionWords condition={rule.when} />}</td>
            <td>
              {rule.models.length === 0 ? t('console.noReading') : rule.models.join(', ')}
              {rule.reads === 'series' ? <small>{t('console.readsSeries')}</small> : null}
            </td>
            <td>{rule.priority === undefined ? t('console.asImagesSay') : t(`priority.${rule.priority}`)}</td>
            <td>{destinationWords(rule, t)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function destinationWords({ models, destinations }: RouteRule, t: Translate): string {
  if (models.length === 0) return '–';
  if (destinations === undefined) return t('console.allOfPacs');
  return destinations.length === 0 ? t('console.staysHere') : destinations.join(', ');
}
