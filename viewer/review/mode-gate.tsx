import { Button } from '@mantine/core';
import type { ReadingMode } from '../../services/domain/reading-state.ts';
import { BoundKey } from '../bindings/bound-key.tsx';
import { Icon } from '../icon.tsx';
import { useText } from '../locales/i18n.ts';
import type { ImageSeries } from '../series/image-series.ts';
import { useViewState } from '../state.ts';
import { useActions } from './actions-context.ts';
import { FindingRow } from './finding-row.tsx';
import type { ListedFinding } from './listed-findings.ts';
import { useReviewUi } from './review-ui.ts';
import { useReview } from './use-review.ts';

interface ModeGateProps {
  readonly mode: Exclude<ReadingMode, 'concurrent'>;
  readonly series: ImageSeries | undefined;
  readonly onSelect: (finding: ListedFinding) => void;
}

/** In place of the findings, where a model's marks are not shown, or not yet; what the reader added stays listed. */
export function ModeGate({ mode, series, onSelect }: ModeGateProps) {
  const { t } = useText();
  const { listed } = useReview();
  const selected = useViewState((state) => state.selected);
  const { reveal } = useActions();
  const busy = useReviewUi((ui) => ui.busy === 'reveal');
  const failure = useReviewUi((ui) => ui.failure);
  return (
    <>
      <section className="mode-gate" data-mode={mode}>
        <strong>
          <Icon name="eyeOff" /> {t(mode === 'second' ? 'mode.hiddenTitle' : 'mode.triageTitle')}
        </strong>
        <p>{t(mode === 'second' ? 'mode.hiddenText' : 'mode.triageText')}</p>
        {mode === 'second' ? (
          <Button loading={busy} onClick={() => void reveal()}>
            {t('mode.reveal')} <BoundKey action="reveal" />
          </Button>
        ) : null}
        {failure ? <p role="alert">{t(failure.message, { detail: failure.detail })}</p> : null}
      </section>
      {listed.shown.length > 0 ? (
        <ol className="findings-list" aria-label={t('findings.list')}>
          {listed.shown.map((finding) => (
            <li key={finding.TrackingUID}>
              <FindingRow
                finding={finding}
                series={series}
                selected={finding.TrackingUID === selected}
                onSelect={onSelect}
              />
            </li>
          ))}
        </ol>
      ) : null}
    </>
  );
}
