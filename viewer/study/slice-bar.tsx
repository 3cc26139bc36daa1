import type { PointerEvent } from 'react';
import type { SeenFinding } from '../findings/place.ts';
import type { ImageSeries } from '../series/image-series.ts';
import { gapsOf } from '../series/series-gaps.ts';
import type { Slice } from '../slice.ts';
import type { ViewerEngine } from '../viewer-engine.ts';

interface SliceBarProps {
  readonly engine: ViewerEngine;
  readonly series: ImageSeries;
  readonly slice: Slice;
  readonly findings: readonly SeenFinding[];
}

/**
 * The whole stack at the edge of the image: where it stands, where findings lie, what failed and where images are
 * missing. Pressing it goes there; keys have Home, End and the arrows.
 */
export function SliceBar({ engine, series, slice, findings }: SliceBarProps) {
  const { count } = slice;
  if (count < 2) return null;
  const share = (index: number) => `${(100 * (index + 0.5)) / count}%`;
  const go = (event: PointerEvent<HTMLDivElement>) => {
    if (event.type === 'pointermove' && event.buttons !== 1) return;
    const { top, height } = event.currentTarget.getBoundingClientRect();
    if (event.type === 'pointerdown') event.currentTarget.setPointerCapture(event.pointerId);
    engine.showIndex('axial', Math.floor(((event.clientY - top) / height) * count));
    event.stopPropagation();
  };
  const height = `${Math.max(0.6, 100 / count)}%`;
  return (
    <div className="slice-bar" role="presentation" onPointerDown={go} onPointerMove={go} data-tool="slices">
      {gapsOf(series).map(({ after }) => (
        <span key={`gap${after}`} data-bar="gap" style={{ top: `${(100 * (after + 1)) / count}%` }} />
      ))}
      {[...engine.progress().failed.keys()].map((index) => (
        <span key={`failed${index}`} data-bar="failed" style={{ top: share(index), height }} />
      ))}
      {findings.map(({ TrackingUID, place: { index } }) =>
        index === undefined ? null : <span key={TrackingUID} data-bar="finding" style={{ top: share(index) }} />,
      )}
      <span data-bar="here" style={{ top: share(slice.index), height }} />
    </div>
  );
}
