import { useRef } from 'react';
import { Link } from 'wouter';
import type { PulledStudy } from '../../services/domain/contract/pull.ts';
import { useText } from '../locales/i18n.ts';
import { momentIn } from './moment.ts';
import { PullProblem } from './pull-problem.tsx';

interface PulledRowProps {
  readonly study: PulledStudy;
  readonly isBusy: boolean;
  onRetry(): void;
}

export function PulledRow({ study, isBusy, onRetry }: PulledRowProps) {
  const { t, language } = useText();
  const { StudyInstanceUID, peer, by, how, asPrior, state, held, expected, attempts, nextAttemptAt } = study;
  const row = useRef<HTMLTableRowElement>(null);
  // The button goes with the state it is for; who pressed it by a key goes on from the row.
  const retry = () => {
    row.current?.focus();
    onRetry();
  };
  const isEnded = state === 'incomplete' || state === 'failed';
  return (
    <tr ref={row} tabIndex={-1} data-pulled={StudyInstanceUID} data-state={state}>
      <th scope="row">
        {held > 0 ? <Link href={`/study/${StudyInstanceUID}`}>{StudyInstanceUID}</Link> : StudyInstanceUID}
        {asPrior ? <small>{t('console.asPrior')}</small> : null}
      </th>
      <td>
        {peer}
        <small>
          {by} · {how}
        </small>
      </td>
      <td>
        <span className="pull-state">{t(`console.pull.${state}`)}</span>
        {isEnded ? (
          <button
            type="button"
            className="row-button"
            aria-label={t('console.retryOf', { study: StudyInstanceUID })}
            disabled={isBusy}
            onClick={retry}
          >
            {t('console.retry')}
          </button>
        ) : null}
        <PullProblem said={study.sentence} />
      </td>
      <td>
        {held} / {expected ?? '?'}
      </td>
      <td>{attempts}</td>
      <td>{nextAttemptAt === null ? (isEnded ? t('console.noAttempt') : '–') : momentIn(language, nextAttemptAt)}</td>
      <td>{momentIn(language, study.changedAt)}</td>
    </tr>
  );
}
