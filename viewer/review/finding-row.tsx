import { useEffect, useRef } from 'react';
import { isPlaced } from '../../services/domain/finding.ts';
import { labelWord, sideWord } from '../findings/finding-words.ts';
import { measuredWords } from '../findings/measured-words.ts';
import { placeOn } from '../findings/place.ts';
import { Icon } from '../icon.tsx';
import { useText } from '../locales/i18n.ts';
import type { ImageSeries } from '../series/image-series.ts';
import { GuidelineHints } from './guideline-hints.tsx';
import type { ListedFinding } from './listed-findings.ts';
import { ReasonRow } from './reason-row.tsx';
import { addedOf, verdictOf } from './review-state.ts';
import { useReview, useSession } from './use-review.ts';
import { STATE_ICONS, verdictWords } from './verdict-words.ts';

interface FindingRowProps {
  readonly finding: ListedFinding;
  readonly series: ImageSeries | undefined;
  readonly selected: boolean;
  readonly onSelect: (finding: ListedFinding) => void;
}

/** One finding: what was measured, and what the reader says of it. */
export function FindingRow({ finding, series, selected, onSelect }: FindingRowProps) {
  const { t } = useText();
  const { session } = useReview();
  const row = useRef<HTMLButtonElement>(null);
  const mode = useSession(session, ({ review }) => review.mode);
  useEffect(() => {
    if (selected) row.current?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  const rejecting = mode.name === 'rejecting' && mode.TrackingUID === finding.TrackingUID;
  return (
    <>
      <button
        ref={row}
        type="button"
        className="finding-row"
        aria-current={selected ? 'true' : undefined}
        data-row={finding.index}
        data-state={finding.state}
        onClick={() => onSelect(finding)}
      >
        <span className="finding-index">{finding.index}</span>
        <span className="finding-top">
          {isPlaced(finding) ? (
            <span className="finding-size">
              {finding.diameterMm.toFixed(1)}{' '}
              <small>mm · {t('findings.volume', { mm3: Math.round(finding.volumeMm3) })}</small>
            </span>
          ) : (
            <span className="finding-size finding-class">{labelWord(finding.label, t)}</span>
          )}
          <StateChip finding={finding} />
        </span>
        <span className="finding-place">
          <Where finding={finding} series={series} />
        </span>
        <Score score={finding.score} />
        {isPlaced(finding) ? (
          <span className="finding-measured">{measuredWords(finding, t) || t('findings.answeredSize')}</span>
        ) : null}
      </button>
      {rejecting ? <ReasonRow /> : null}
      {selected && finding.label === 'nodule' && isPlaced(finding) ? <GuidelineHints finding={finding} /> : null}
    </>
  );
}

/** What it is and where. Findings on single images, whose class stands above, lie on several views: each names its own. */
function Where({ finding, series }: Pick<FindingRowProps, 'finding' | 'series'>) {
  const { t } = useText();
  const { detail } = useReview();
  const { label, laterality, SeriesInstanceUID } = finding;
  const index = placeOn(series, finding)?.index;
  const view = detail.series.find((one) => one.SeriesInstanceUID === SeriesInstanceUID)?.SeriesDescription;
  const what = isPlaced(finding)
    ? [`${labelWord(label, t)}, ${sideWord(laterality, t)}`]
    : [laterality === null ? '' : sideWord(laterality, t), view ?? ''];
  const image = index === undefined ? '' : t('findings.slice', { index: index + 1 });
  const about = finding.isApproximate ? t('findings.approximate') : '';
  return [...what, image, about].filter((part) => part !== '').join(' · ');
}

function Score({ score }: { readonly score: number | undefined }) {
  const { t } = useText();
  if (score === undefined) return <span className="finding-score" />;
  return (
    <span className="finding-score">
      <span className="score-bar" aria-hidden="true">
        <span style={{ width: `${Math.round(score * 100)}%` }} />
      </span>
      {t('findings.score', { score: score.toFixed(2) })}
    </span>
  );
}

/** Icon, words and line style say the state; the colour only helps. */
function StateChip({ finding: { TrackingUID, state } }: { readonly finding: ListedFinding }) {
  const { t } = useText();
  const { session } = useReview();
  const content = useSession(session, ({ review }) => review.content);
  const said = verdictOf(content, TrackingUID) ?? addedOf(content, TrackingUID);
  return (
    <span className="state-chip" data-state={state} title={verdictWords(said, t)}>
      <Icon name={STATE_ICONS[state]} size={13} />
      {verdictWords(said, t)}
    </span>
  );
}
