import { routingAttribute } from '../../services/domain/routing/attributes.ts';
import type { Condition } from '../../services/domain/routing/condition.ts';
import { useText } from '../locales/i18n.ts';
import { operatorWords } from './operator-words.ts';

/** A condition as a person reads it; its parts are a list below it. */
export function ConditionWords({ condition }: { readonly condition: Condition }) {
  const { t } = useText();
  const { attribute = '', all, any, not } = condition;
  const parts = all ?? any;
  if (parts !== undefined)
    return (
      <div className="console-condition">
        {t(all === undefined ? 'console.anyOf' : 'console.allOf')}
        <ul>
          {parts.map((part, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: parts have no names, and hold no state
            <li key={at}>
              <ConditionWords condition={part} />
            </li>
          ))}
        </ul>
      </div>
    );
  if (not !== undefined)
    return (
      <div className="console-condition">
        {t('console.noneOf')}
        <ul>
          <li>
            <ConditionWords condition={not} />
          </li>
        </ul>
      </div>
    );
  return (
    <span>
      <code>{routingAttribute(attribute)?.keyword ?? attribute}</code> {operatorWords(t, condition)}
    </span>
  );
}
