import type { Growth } from '../../services/domain/growth.ts';
import { useText } from '../locales/i18n.ts';
import type { Translate } from '../locales/translate.ts';
import { type ComparedLesion, meanDiameter } from './matched-lesions.ts';

interface GrowthTableProps {
  readonly rows: readonly ComparedLesion[];
  readonly onSelect: (TrackingUID: string) => void;
}

/** What became of each lesion: its size then and now, the change, and the doubling time with its bounds. */
export function GrowthTable({ rows, onSelect }: GrowthTableProps) {
  const { t } = useText();
  return (
    <section className="growth" aria-labelledby="growth-title">
      <h2 id="growth-title">{t('growth.title')}</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('growth.lesion')}</th>
            <th scope="col">{t('growth.now')}</th>
            <th scope="col">{t('growth.before')}</th>
            <th scope="col">{t('growth.change')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ letter, now, before, growth }) => (
            <tr key={letter} data-lesion={letter}>
              <th scope="row">
                {now ? (
                  <button type="button" onClick={() => onSelect(now.TrackingUID)}>
                    {t('growth.pair', { letter, now: now.index, before: before?.index ?? '–' })}
                  </button>
                ) : (
                  t('growth.pair', { letter, now: '–', before: before?.index ?? '–' })
                )}
              </th>
              <td>{now ? t('measure.mm', { value: meanDiameter(now).toFixed(1) }) : '–'}</td>
              <td>{before ? t('measure.mm', { value: meanDiameter(before).toFixed(1) }) : '–'}</td>
              <td>{growth ? growthWords(growth, t) : t(now ? 'growth.new' : 'growth.gone')}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>{t('growth.note')}</p>
    </section>
  );
}

const signed = (value: number, digits: number): string => `${value > 0 ? '+' : ''}${value.toFixed(digits)}`;

/** Millimetres, percent, and the doubling time or why there is none. */
function growthWords({ diameterMm, volumePercent, doubling, without }: Growth, t: Translate): string {
  const change = [
    t('measure.mm', { value: signed(diameterMm, 1) }),
    t('growth.percent', { percent: signed(volumePercent, 0) }),
  ];
  if (doubling) {
    const values = { days: doubling.days.toFixed(0), low: doubling.lowDays.toFixed(0) };
    change.push(
      doubling.highDays === null
        ? t('growth.vdtOpen', values)
        : t('growth.vdt', { ...values, high: doubling.highDays.toFixed(0) }),
    );
  } else if (without) change.push(t(`growth.${without}`));
  return change.join(' · ');
}
