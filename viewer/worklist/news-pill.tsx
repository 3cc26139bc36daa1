import { useText } from '../locales/i18n.ts';

interface NewsPillProps {
  readonly newer: number;
  readonly moved: number;
  readonly onShow: () => void;
}

/**
 * What came or moved since the list was ordered. Always in the page, so that a reader is told when there is something;
 * in the header, where it moves no row.
 */
export function NewsPill({ newer, moved, onShow }: NewsPillProps) {
  const { t } = useText();
  const words = [t('news.new', { count: newer }), t('news.moved', { count: moved })].filter((text) => text !== '');
  return (
    <span className="news" role="status">
      {words.length > 0 ? (
        <button type="button" className="news-pill" title={t('news.hint')} onClick={onShow}>
          {words.join(' · ')} <span className="news-show">({t('news.show')})</span>
        </button>
      ) : null}
    </span>
  );
}
