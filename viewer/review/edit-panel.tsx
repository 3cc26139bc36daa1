import { Button } from '@mantine/core';
import { LesionDensity as Densities, isPlaced, type LesionDensity } from '../../services/domain/finding.ts';
import { useText } from '../locales/i18n.ts';
import { hasGeometry, type ImageSeries } from '../series/image-series.ts';
import { useActions } from './actions-context.ts';
import type { PlacedLesion } from './reshape-lesion.ts';
import type { Mode } from './review-state.ts';
import { useReviewUi } from './review-ui.ts';
import { useReview, useSession } from './use-review.ts';

/** What the reader is in the middle of, in words, with its ways out. */
export function EditPanel({ series }: { readonly series: ImageSeries | undefined }) {
  const { session } = useReview();
  const mode = useSession(session, ({ review }) => review.mode);
  if (mode.name === 'editing')
    return isPlaced(mode.lesion) ? <Editing mode={mode} lesion={mode.lesion} /> : <Impossible why="edit.singleImage" />;
  if (mode.name !== 'adding') return null;
  return series && !hasGeometry(series) ? <Impossible why="add.singleImage" /> : <Adding />;
}

/** What single images do not allow, where it would be done. */
function Impossible({ why }: { readonly why: 'edit.singleImage' | 'add.singleImage' }) {
  const { t } = useText();
  const { cancel } = useActions();
  return (
    <div className="edit-panel" data-impossible={why}>
      <p role="status">{t(why)}</p>
      <span className="edit-buttons">
        <Button size="compact-xs" variant="default" onClick={cancel}>
          {t('app.close')} <kbd>Esc</kbd>
        </Button>
      </span>
    </div>
  );
}

interface EditingProps {
  readonly mode: Extract<Mode, { name: 'editing' }>;
  readonly lesion: PlacedLesion;
}

function Editing({ mode, lesion }: EditingProps) {
  const { t } = useText();
  const { session, listed } = useReview();
  const { keepEdit, cancel, measureAgain } = useActions();
  const busy = useReviewUi((ui) => ui.busy === 'segment');
  const { measurement } = lesion;
  const index = listed.shown.find(({ TrackingUID }) => TrackingUID === mode.TrackingUID)?.index ?? '';
  const setDensity = (density: LesionDensity | null) => {
    if (measurement)
      session.send({
        type: 'reshape',
        lesion: {
          ...lesion,
          measurement: { ...measurement, density, solidMm: density === 'partSolid' ? measurement.solidMm : null },
        },
      });
  };
  return (
    <div className="edit-panel">
      <strong>{t('edit.title', { index })}</strong>
      <p>{t('edit.help')}</p>
      <output>
        {measurement
          ? t('edit.now', {
              long: measurement.longAxisMm.toFixed(1),
              short: measurement.shortAxisMm.toFixed(1),
              mean: measurement.meanDiameterMm.toFixed(1),
              mm3: Math.round(lesion.volumeMm3),
            })
          : t('edit.nowSphere', { mm: lesion.diameterMm.toFixed(1), mm3: Math.round(lesion.volumeMm3) })}
      </output>
      {measurement ? (
        <label>
          {t('edit.density')}{' '}
          <select
            value={measurement.density ?? ''}
            onChange={({ target }) => setDensity(Densities.safeParse(target.value).data ?? null)}
          >
            <option value="">{t('edit.densityUnknown')}</option>
            {Densities.options.map((density) => (
              <option key={density} value={density}>
                {t(`density.${density}`)}
              </option>
            ))}
          </select>
        </label>
      ) : null}
      <span className="edit-buttons">
        <Button size="compact-xs" onClick={keepEdit}>
          {t('edit.keep')} <kbd>↵</kbd>
        </Button>
        <Button size="compact-xs" variant="default" onClick={cancel}>
          {t('edit.discard')} <kbd>Esc</kbd>
        </Button>
        <Button size="compact-xs" variant="default" disabled={busy} onClick={() => void measureAgain()}>
          {busy ? t('edit.measuring') : t('edit.measure')}
        </Button>
      </span>
    </div>
  );
}

function Adding() {
  const { t } = useText();
  const { cancel } = useActions();
  const busy = useReviewUi((ui) => ui.busy === 'segment');
  return (
    <div className="edit-panel" data-adding>
      <strong>{t('add.title')}</strong>
      <p>{busy ? t('add.measuring') : t('add.help')}</p>
      <span className="edit-buttons">
        <Button size="compact-xs" variant="default" onClick={cancel}>
          {t('edit.discard')} <kbd>Esc</kbd>
        </Button>
      </span>
    </div>
  );
}
