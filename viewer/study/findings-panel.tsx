import { ActionIcon, Button, Slider } from '@mantine/core';
import type { RunDetail } from '../../services/domain/contract/worklist.ts';
import { isPlaced } from '../../services/domain/finding.ts';
import { Icon } from '../icon.tsx';
import { useText } from '../locales/i18n.ts';
import { FindingRow } from '../review/finding-row.tsx';
import type { ListedFinding } from '../review/listed-findings.ts';
import { useReview } from '../review/use-review.ts';
import type { ImageSeries } from '../series/image-series.ts';
import { setView, useViewState } from '../state.ts';

interface FindingsPanelProps {
  readonly run: RunDetail;
  readonly threshold: number;
  readonly series: ImageSeries | undefined;
  readonly onSelect: (finding: ListedFinding) => void;
  readonly onStep: (steps: 1 | -1) => void;
}

/** The list beside the images: what is shown, what is below the threshold, and one row per finding. */
export function FindingsPanel({ run, threshold, series, onSelect, onStep }: FindingsPanelProps) {
  const { t } = useText();
  const selected = useViewState((state) => state.selected);
  const peeking = useViewState((state) => state.peeking);
  const { shown, hidden } = useReview().listed;
  const elsewhere = whereElse(run, series);
  return (
    <section className="findings-panel" aria-labelledby="findings-title">
      <header>
        <h2 id="findings-title">{t('findings.title')}</h2>
        <p className="findings-count" data-shown={shown.length} data-hidden={hidden}>
          <strong>{t('findings.shown', { shown: shown.length })}</strong>
          {', '}
          {t('findings.hidden', { hidden, threshold: threshold.toFixed(2) })}
        </p>
        <ActionIcon variant="default" onClick={() => onStep(-1)} aria-label={t('findings.previous')}>
          <Icon name="previous" />
        </ActionIcon>
        <ActionIcon variant="default" onClick={() => onStep(1)} aria-label={t('findings.next')}>
          <Icon name="next" />
        </ActionIcon>
      </header>
      <ThresholdSlider threshold={threshold} operating={run.threshold} />
      {elsewhere ? <p className="panel-note">{t(elsewhere)}</p> : null}
      {peeking ? <p className="panel-note">{t('findings.peeking')}</p> : null}
      {shown.length === 0 ? <NothingShown threshold={threshold} hidden={hidden} /> : null}
      <ol className="findings-list" aria-label={t('findings.list')}>
        {shown.map((finding) => (
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
    </section>
  );
}

/** Why the series on screen has no marks. Of single images it may have been read like the others. */
function whereElse({ findings, analysedSeriesInstanceUID }: RunDetail, series: ImageSeries | undefined) {
  if (!series || findings.length === 0) return undefined;
  if (findings.every(isPlaced))
    return series.SeriesInstanceUID === analysedSeriesInstanceUID ? undefined : 'findings.otherSeries';
  const isHere = findings.some(({ SeriesInstanceUID }) => SeriesInstanceUID === series.SeriesInstanceUID);
  return isHere ? undefined : 'findings.otherImages';
}

function ThresholdSlider({ threshold, operating }: { readonly threshold: number; readonly operating: number }) {
  const { t } = useText();
  return (
    <div className="threshold">
      <span>{t('findings.threshold')}</span>
      <Slider
        size="sm"
        min={0}
        max={1}
        step={0.01}
        value={threshold}
        onChange={(value) => setView({ threshold: value })}
        marks={[{ value: operating }]}
        label={(value) => value.toFixed(2)}
        thumbLabel={t('findings.threshold')}
      />
      <output>{threshold.toFixed(2)}</output>
      <span className="operating">{t('findings.operating', { threshold: operating.toFixed(2) })}</span>
      <Button
        size="compact-xs"
        variant="subtle"
        color="gray"
        disabled={threshold === operating}
        onClick={() => setView({ threshold: undefined })}
      >
        {t('findings.reset')}
      </Button>
    </div>
  );
}

function NothingShown({ threshold, hidden }: { readonly threshold: number; readonly hidden: number }) {
  const { t } = useText();
  return (
    <div className="nothing-shown">
      <strong>{t('findings.none', { threshold: threshold.toFixed(2) })}</strong>
      {hidden > 0 ? <p>{t('findings.noneHidden', { hidden })}</p> : null}
      <p>{t('findings.noneNote')}</p>
    </div>
  );
}
