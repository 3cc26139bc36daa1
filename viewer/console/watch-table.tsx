import type { PullOverview } from '../../services/domain/contract/pull.ts';
import { useText } from '../locales/i18n.ts';
import { momentIn } from './moment.ts';
import { PullProblem } from './pull-problem.tsx';

/** Watches and rules of priors, and how each did last. */
export function WatchTable({ watches }: Pick<PullOverview, 'watches'>) {
  const { t, language } = useText();
  const moment = (at: string | null) => (at === null ? t('console.never') : momentIn(language, at));
  return (
    <table className="console-table console-watches">
      <thead>
        <tr>
          <th scope="col">{t('console.watch')}</th>
          <th scope="col">{t('console.mark')}</th>
          <th scope="col">{t('console.askedAt')}</th>
          <th scope="col">{t('console.answeredAt')}</th>
          <th scope="col">{t('console.matches')}</th>
          <th scope="col">{t('console.failures')}</th>
        </tr>
      </thead>
      <tbody>
        {watches.map(({ name, mark, askedAt, answeredAt, matches, failures, problem }) => (
          <tr key={name} data-watch={name}>
            <th scope="row">
              {name}
              <PullProblem said={problem} />
            </th>
            <td>{moment(mark)}</td>
            <td>{moment(askedAt)}</td>
            <td>{moment(answeredAt)}</td>
            <td>{matches}</td>
            <td>{failures}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
