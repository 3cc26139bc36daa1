import { type Experience, ExperienceKind } from '../../services/domain/contract/experience.ts';
import { useText } from '../locales/i18n.ts';
import { momentIn } from './moment.ts';

const seconds = (ms: number | null): string => (ms === null ? '–' : `${(ms / 1000).toFixed(2)} s`);

export function Waits({ told: { since, kinds } }: { readonly told: Experience }) {
  const { t, language } = useText();
  return (
    <>
      <p className="console-note">{t('console.waitsSince', { since: momentIn(language, since) })}</p>
      <table className="console-table">
        <thead>
          <tr>
            <th scope="col">{t('console.what')}</th>
            <th scope="col">{t('console.count')}</th>
            <th scope="col">{t('console.median')}</th>
            <th scope="col">{t('console.p95')}</th>
          </tr>
        </thead>
        <tbody>
          {ExperienceKind.options.map((kind) => {
            const { count = 0, medianMs = null, p95Ms = null } = kinds[kind] ?? {};
            return (
              <tr key={kind} data-kind={kind}>
                <th scope="row">{t(`console.${kind}`)}</th>
                <td>{count === 0 ? t('console.none') : count}</td>
                <td>{seconds(medianMs)}</td>
                <td>{seconds(p95Ms)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </>
  );
}
