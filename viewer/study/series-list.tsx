import type { SeriesSummary } from '../../services/domain/contract/worklist.ts';
import { useText } from '../locales/i18n.ts';

interface SeriesListProps {
  readonly series: readonly SeriesSummary[];
  readonly chosen: string | undefined;
  readonly onChoose: (SeriesInstanceUID: string) => void;
}

export function SeriesList({ series, chosen, onChoose }: SeriesListProps) {
  const { t } = useText();
  return (
    <section className="series-list" aria-labelledby="series-title">
      <h2 id="series-title">{t('study.series')}</h2>
      <ul>
        {series.map(({ SeriesInstanceUID, SeriesNumber, Modality, SeriesDescription, instanceCount, analysed }) => (
          <li key={SeriesInstanceUID}>
            <button
              type="button"
              aria-current={SeriesInstanceUID === chosen ? 'true' : undefined}
              onClick={() => onChoose(SeriesInstanceUID)}
            >
              <span>{SeriesDescription || t('study.noDescription')}</span>
              <small>
                {t('study.seriesItem', { number: SeriesNumber ?? '–', modality: Modality, images: instanceCount })}
                {analysed ? ` · ${t('study.analysed')}` : ''}
              </small>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
