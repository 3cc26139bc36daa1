import { useId } from 'react';
import type { DryRun } from '../../services/domain/contract/routes.ts';
import { useText } from '../locales/i18n.ts';
import { MissedStudy } from './missed-study.tsx';

/** Studies that are shown with what they miss. */
const SHOWN = 50;

interface TrialResultProps {
  readonly run: DryRun;
  /** Whose misses are shown; none: those of studies that nothing matches. */
  readonly rule: string | undefined;
  /** What is being asked for instead; the same while nothing is. */
  readonly asked: string | undefined;
  readonly isBusy: boolean;
  onRule(rule: string | undefined): void;
}

/** How many studies each rule matches, and how near the others come. */
export function TrialResult({
  run: { rules, studies, unmatched, listed },
  rule,
  asked,
  isBusy,
  onRule,
}: TrialResultProps) {
  const { t } = useText();
  const id = useId();
  const missed = listed.filter((study) =>
    rule === undefined ? study.rules.length === 0 : !study.rules.includes(rule),
  );
  const shown = missed.slice(0, SHOWN);
  const all = rule === undefined ? unmatched : studies - (rules.find(({ name }) => name === rule)?.matched ?? 0);
  return (
    <div className="console-trial-result" data-busy={isBusy}>
      <table className="console-table console-matched">
        <thead>
          <tr>
            <th scope="col">{t('console.rule')}</th>
            <th scope="col">{t('console.matched')}</th>
          </tr>
        </thead>
        <tbody>
          {rules.map(({ name, matched }) => (
            <tr key={name} data-matched={name}>
              <th scope="row">{name}</th>
              <td>{matched}</td>
            </tr>
          ))}
          <tr data-matched="">
            <th scope="row">{t('console.unmatched')}</th>
            <td>{unmatched}</td>
          </tr>
        </tbody>
      </table>
      <div className="console-choice">
        <label htmlFor={id}>{t('console.missedOf')}</label>
        <select
          id={id}
          className="worklist-input"
          value={asked ?? ''}
          onChange={({ currentTarget }) => onRule(currentTarget.value === '' ? undefined : currentTarget.value)}
        >
          <option value="">{t('console.missedAll')}</option>
          {rules.map(({ name }) => (
            <option key={name} value={name}>
              {t('console.missedRule', { name })}
            </option>
          ))}
        </select>
        <span className="console-note">
          {all > shown.length
            ? t('console.missedSome', { shown: shown.length, all })
            : t('console.missedCount', { all })}
        </span>
      </div>
      <ul className="console-missed">
        {shown.map((study) => (
          <MissedStudy key={study.StudyInstanceUID} study={study} />
        ))}
      </ul>
    </div>
  );
}
