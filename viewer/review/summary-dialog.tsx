import { Button, Modal, SegmentedControl } from '@mantine/core';
import { useCallback, useEffect, useMemo, useState } from 'react';
import type { ReadLesion } from '../../services/domain/contract/reading.ts';
import { readingSummary } from '../../services/domain/summary/reading-summary.ts';
import { summaryFindings } from '../../services/domain/summary/summary-findings.ts';
import { Icon } from '../icon.tsx';
import { useText } from '../locales/i18n.ts';
import { LANGUAGES, type Language } from '../locales/languages.ts';
import type { ImageSeries } from '../series/image-series.ts';
import { copyText } from './copy-text.ts';
import { setReviewUi } from './review-ui.ts';
import { useReview, useSession } from './use-review.ts';

const close = () => setReviewUi({ dialog: undefined });

/** The text for the report, seen before it is pasted. It is on the clipboard when this opens. */
export function SummaryDialog({ series }: { readonly series: ImageSeries | undefined }) {
  const { t, language: ofScreen } = useText();
  const [language, setLanguage] = useState<Language>(ofScreen);
  const [copied, setCopied] = useState<boolean | undefined>(undefined);
  const text = useSummary(series, language);
  const copy = useCallback(() => void copyText(text).then(setCopied), [text]);
  useEffect(copy, [copy]);
  return (
    <Modal
      opened
      size="lg"
      onClose={close}
      title={t('summary.title')}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      <div className="summary-dialog">
        <p>{t('summary.text')}</p>
        <SegmentedControl
          size="xs"
          aria-label={t('summary.language')}
          value={language}
          onChange={setLanguage}
          data={LANGUAGES.map(({ tag, name }) => ({ value: tag, label: name }))}
        />
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text is scrolled with the keys */}
        <section className="summary-text" lang={language} tabIndex={0} aria-label={t('summary.preview')}>
          {text}
        </section>
        <div className="dialog-buttons">
          <span role="status" data-copied={copied}>
            {copied === true ? <Icon name="delivered" size={14} /> : null}{' '}
            {copied === undefined ? '' : t(copied ? 'summary.copied' : 'summary.notCopied')}
          </span>
          <Button variant="default" leftSection={<Icon name="copy" size={14} />} onClick={copy}>
            {t('summary.copy')}
          </Button>
        </div>
      </div>
    </Modal>
  );
}

function useSummary(series: ImageSeries | undefined, language: Language): string {
  const { session, detail } = useReview();
  const content = useSession(session, ({ review }) => review.content);
  return useMemo(() => {
    const { runs, study } = detail;
    const imageOf = (lesion: ReadLesion) => imageNumber(series, lesion);
    return readingSummary(summaryFindings({ content, runs, StudyDate: study.StudyDate, language, imageOf }), language);
  }, [content, detail, series, language]);
}

/** As a PACS shows it: the Instance Number, of a multi-frame image the frame. */
function imageNumber(series: ImageSeries | undefined, { region }: ReadLesion): number | undefined {
  const ofObject = series?.images.filter(({ SOPInstanceUID }) => SOPInstanceUID === region.SOPInstanceUID) ?? [];
  return ofObject.length > 1 ? region.frame : ofObject[0]?.InstanceNumber;
}
