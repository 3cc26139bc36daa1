import { useId, useState } from 'react';
import type { RouteRule } from '../../services/domain/routing/route-file.ts';
import { useText } from '../locales/i18n.ts';
import { useKeptText } from './kept-text.ts';
import { type ReadRules, readRules } from './read-rules.ts';
import { ruleProblem } from './rule-problem.ts';

interface RuleEditorProps {
  /** In force: what it begins with. */
  readonly rules: readonly RouteRule[];
  readonly isBusy: boolean;
  /** Why the server did not take the rules that were tried last. */
  readonly problem: string | undefined;
  onTry(rules: readonly unknown[]): void;
  /** The text is no list of rules: nothing was tried. */
  onFault(): void;
}

/** Rules as text, to be tried before they are saved in the file. What was typed outlives whatever the server says. */
export function RuleEditor({ rules, isBusy, problem, onTry, onFault }: RuleEditorProps) {
  const { t } = useText();
  const id = useId();
  const [kept, keep] = useKeptText();
  const [fault, setFault] = useState<Extract<ReadRules, { fault: unknown }>['fault']>();
  const [isOpen, setOpen] = useState(kept !== undefined);
  const text = kept ?? JSON.stringify({ rules }, null, 2);
  const wrong =
    fault === undefined
      ? problem && t('console.rulesInvalid', { problem: ruleProblem(t, problem) })
      : faultWords(fault);
  const tryText = () => {
    const read = readRules(text);
    setFault('fault' in read ? read.fault : undefined);
    if ('fault' in read) onFault();
    else onTry(read.rules);
  };
  return (
    <details className="console-editor" open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{t('console.editRules')}</summary>
      <label htmlFor={id}>{t('console.rulesText')}</label>
      <textarea
        id={id}
        rows={18}
        spellCheck={false}
        value={text}
        aria-invalid={wrong !== undefined}
        aria-describedby={wrong === undefined ? undefined : `${id}-wrong`}
        onChange={({ currentTarget }) => keep(currentTarget.value)}
      />
      <div className="console-acts">
        <button type="button" className="plain-button" disabled={isBusy} onClick={tryText}>
          {t('console.tryText')}
        </button>
        <button
          type="button"
          className="quiet-button"
          disabled={kept === undefined}
          onClick={() => {
            keep(undefined);
            setFault(undefined);
          }}
        >
          {t('console.rulesReset')}
        </button>
      </div>
      {wrong === undefined ? null : (
        <p role="alert" id={`${id}-wrong`} className="console-problem">
          {wrong}
        </p>
      )}
    </details>
  );

  function faultWords(given: NonNullable<typeof fault>): string {
    return given === 'shape' ? t('console.rulesShape') : t('console.rulesFault', { ...given });
  }
}
