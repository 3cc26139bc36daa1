import type { SystemInfo } from '../../services/domain/contract/system.ts';
import { useText } from '../locales/i18n.ts';
import { momentIn } from './moment.ts';

export function Models({ told: { models } }: { readonly told: SystemInfo }) {
  const { t, language } = useText();
  return (
    <table className="console-table">
      <thead>
        <tr>
          <th scope="col">{t('console.model')}</th>
          <th scope="col">{t('console.state')}</th>
          <th scope="col">{t('console.runsOn')}</th>
          <th scope="col">{t('console.checked')}</th>
        </tr>
      </thead>
      <tbody>
        {models.map(({ id, version, status, problem, provider, checkedAt }) => (
          <tr key={id} data-model={id}>
            <th scope="row">
              {id} {version}
            </th>
            <td>{t(`console.model.${status}`, { problem: problem ?? '' })}</td>
            <td>{provider ?? '–'}</td>
            <td>{checkedAt === null ? '–' : momentIn(language, checkedAt)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
