import { Button, Modal, SegmentedControl } from '@mantine/core';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { fleischnerLine, lungRadsLine } from '../../services/domain/guidelines/advice-words.ts';
import { fleischner } from '../../services/domain/guidelines/fleischner.ts';
import { lungRads } from '../../services/domain/guidelines/lung-rads.ts';
import { readingSummary, type SummaryFinding } from '../../services/domain/summary/reading-summary.ts';
import { Icon } from '../icon.tsx';
import { useText } from '../locales/i18n.ts';
import { LANGUAGES, type Language } from '../locales/languages.ts';
import type { ImageSeries } from '../series/image-series.ts';
import { nearestImage } from '../series/slice-index.ts';
import { copyText } from './copy-text.ts';
import { guidelineInput } from './guideline-input.ts';
import { type ListedFinding, lesionOf, listedFindings } from './listed-findings.ts';
import { type ReviewUi, setReviewUi, useReviewUi } from './review-ui.ts';
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
  const { session, detail, thresholdOf } = useReview();
  const content = useSession(session, ({ review }) => review.content);
  const ui = useReviewUi();
  return useMemo(() => {
    const lists = detail.runs.map(
      (run) => listedFindings(run.findings, { ...content, added: [] }, thresholdOf(run)).shown,
    );
    const added = listedFindings([], content, 0).shown;
    const findings = [...lists.flat(), ...added].flatMap((finding): SummaryFinding[] => {
      const { state } = finding;
      if (state !== 'accepted' && state !== 'edited' && state !== 'added') return [];
      const here = series?.SeriesInstanceUID === finding.SeriesInstanceUID;
      const index = here ? nearestImage(series, finding.center) : undefined;
      return [
        {
          state,
          lesion: lesionOf(finding),
          image: index === undefined ? undefined : index + 1,
          advice: adviceOf(finding, ui, language),
        },
      ];
    });
    return readingSummary(findings, language);
  }, [content, detail, thresholdOf, series, ui, language]);
}

/** What the reader has taken over, while the guideline still says so. */
function adviceOf(
  finding: ListedFinding,
  { patient, nodules, taken }: ReviewUi,
  language: Language,
): readonly string[] {
  const input = guidelineInput(finding, patient, nodules[finding.TrackingUID]);
  const [lung, flei, accepted] = [lungRads(input), fleischner(input), taken[finding.TrackingUID]];
  return [
    ...(lung.outcome === 'result' && lung.category === accepted?.lungRads
      ? [lungRadsLine(lung.category, language)]
      : []),
    ...(flei.outcome === 'result' && flei.category === accepted?.fleischner
      ? [fleischnerLine(flei.category, language)]
      : []),
  ];
}
