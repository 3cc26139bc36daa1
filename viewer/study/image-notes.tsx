import { Button, Progress } from '@mantine/core';
import type { ReactNode } from 'react';
import type { SeenFinding } from '../findings/place.ts';
import { Icon } from '../icon.tsx';
import { useText } from '../locales/i18n.ts';
import { setMeasure, useMeasureState } from '../measure/measure-state.ts';
import type { ImageSeries } from '../series/image-series.ts';
import { gapsOf, outsideMm } from '../series/series-gaps.ts';
import { useViewState } from '../state.ts';
import type { LoadProgress } from '../viewer-engine.ts';

interface ImageNotesProps {
  readonly progress: LoadProgress;
  readonly series: ImageSeries;
  readonly findings: readonly SeenFinding[];
  readonly onReload: () => void;
}

const MAX_LISTED = 12;

/** Positions as image numbers, in order, no more of them than can be read. */
function listed(positions: Iterable<number>): string {
  const list = [...positions].sort((a, b) => a - b).map((index) => index + 1);
  return list.length > MAX_LISTED ? `${list.slice(0, MAX_LISTED).join(', ')} …` : list.join(', ');
}

/** Everything that keeps the images from being what they seem, in words, over the images. */
export function ImageNotes({ progress, series, findings, onReload }: ImageNotesProps) {
  const { t } = useText();
  const { loaded, total, failed, drawing } = progress;
  const selected = useViewState((state) => state.selected);
  const refused = useMeasureState((state) => state.refused);
  const chosen = findings.find(({ TrackingUID }) => TrackingUID === selected);
  const outside = chosen?.place.shape === 'sphere' ? outsideMm(series, chosen.place.center) : undefined;
  const unreachable = [...failed.values()].some(({ kind }) => kind === 'unreachable');
  return (
    <div className="image-notes">
      {drawing === 'gpu' || drawing === 'software' ? null : (
        <Note name={drawing} role={drawing === 'lost' ? 'alert' : 'status'}>
          {t(`engine.${drawing}`)}
        </Note>
      )}
      {failed.size > 0 ? (
        <Note name="failed">
          {t('plane.missing', { count: failed.size, list: listed(failed.keys()) })}
          {unreachable ? (
            <Button size="compact-xs" variant="default" onClick={onReload}>
              {t('plane.again')}
            </Button>
          ) : null}
        </Note>
      ) : null}
      {gapsOf(series).map(({ after, missing, gapMm }) => (
        <Note key={after} name="gap">
          {t('plane.gap', { count: missing, before: after + 1, after: after + 2, mm: Number(gapMm.toFixed(2)) })}
        </Note>
      ))}
      {chosen && outside !== undefined && outside > 0 ? (
        <Note name="outside" role="alert">
          {t('findings.outside', { index: chosen.index, mm: outside.toFixed(1) })}
        </Note>
      ) : null}
      {refused ? (
        <Note name="refused" role="alert">
          {t('measure.refused', { list: listed(refused.images) })}
          <Button size="compact-xs" variant="default" onClick={() => setMeasure({ refused: undefined })}>
            {t('app.close')}
          </Button>
        </Note>
      ) : null}
      {loaded < total ? (
        <div className="planes-progress">
          <Progress size={3} value={(100 * loaded) / total} aria-label={t('plane.progress', { loaded, total })} />
          <span>{t('plane.progress', { loaded, total })}</span>
        </div>
      ) : null}
    </div>
  );
}

interface NoteProps {
  readonly name: string;
  readonly role?: 'alert' | 'status';
  readonly children: ReactNode;
}

function Note({ name, role = 'status', children }: NoteProps) {
  return (
    <p className="planes-alert" role={role} data-note={name}>
      <Icon name="warning" />
      {children}
    </p>
  );
}
