import type { KeyboardEvent } from 'react';
import { Icon } from '../icon.tsx';
import { useText } from '../locales/i18n.ts';
import { useLetterOf } from '../priors/prior-letters.ts';
import type { ListedFinding } from '../review/listed-findings.ts';
import { STATE_ICONS } from '../review/verdict-words.ts';
import type { Point, Slice } from '../slice.ts';
import type { Overlay } from '../state.ts';
import { crosshairLines } from './crosshair-lines.ts';
import { findingValues } from './finding-words.ts';
import { cornerTicks, frameHalfSide, type Mark, marksOnSlice } from './marks-on-slice.ts';

/** Length of a circle in units of its dash pattern: a small one has as many dashes as a large one. */
const DASHES = 16;

interface FindingsLayerProps {
  readonly findings: readonly ListedFinding[];
  readonly slice: Slice;
  readonly selected: string | undefined;
  readonly overlay: Overlay;
  readonly crosshair: Point | undefined;
  readonly onSelect: (finding: ListedFinding) => void;
}

/**
 * The findings over the image: our own layer, above Cornerstone's element (z-index 1). Display only: what is edited has
 * handles in a layer of the review.
 */
export function FindingsLayer({ findings, slice, selected, overlay, crosshair, onSelect }: FindingsLayerProps) {
  const { t } = useText();
  const marks = overlay === 'off' ? [] : marksOnSlice(findings, slice);
  const chosen = marks.find(({ finding }) => finding.TrackingUID === selected);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be drawn in
    <svg
      className="findings-layer"
      role="group"
      aria-label={t('findings.title')}
      width={slice.width}
      height={slice.height}
      data-marks={marks.length}
    >
      {crosshair && overlay !== 'off' ? (
        <path className="crosshair" d={crosshairLines(slice, crosshair, chosen)} />
      ) : null}
      {marks.map((mark) => (
        <MarkShape
          key={mark.finding.TrackingUID}
          mark={mark}
          overlay={overlay}
          selected={mark.finding.TrackingUID === selected}
          onSelect={onSelect}
        />
      ))}
    </svg>
  );
}

interface MarkShapeProps {
  readonly mark: Mark;
  readonly overlay: Overlay;
  readonly selected: boolean;
  readonly onSelect: (finding: ListedFinding) => void;
}

function MarkShape({ mark, overlay, selected, onSelect }: MarkShapeProps) {
  const { t } = useText();
  const { finding, x, y, radius } = mark;
  const letter = useLetterOf(finding.TrackingUID);
  const half = frameHalfSide(mark);
  const select = () => onSelect(finding);
  const onKeyDown = ({ key }: KeyboardEvent) => {
    if (key === 'Enter') select();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button of HTML cannot live inside an SVG
    <g
      role="button"
      tabIndex={0}
      className="mark"
      data-f={finding.index}
      data-state={finding.state}
      data-letter={letter}
      data-selected={selected || undefined}
      data-x={x.toFixed(2)}
      data-y={y.toFixed(2)}
      data-radius={radius.toFixed(2)}
      aria-label={t('findings.label', findingValues(finding, t))}
      onClick={select}
      onKeyDown={onKeyDown}
    >
      <rect className="mark-target" x={x - half} y={y - half} width={half * 2} height={half * 2} />
      {overlay === 'circle' ? (
        <>
          <circle className="halo" cx={x} cy={y} r={radius} />
          <circle className="line" cx={x} cy={y} r={radius} pathLength={DASHES} />
          <circle className="line-gap" cx={x} cy={y} r={radius} />
        </>
      ) : (
        <>
          <path className="halo" d={cornerTicks(mark)} />
          <path className="line" d={cornerTicks(mark)} />
          <path className="line-gap" d={cornerTicks(mark)} />
        </>
      )}
      <text className="mark-number" x={x + half + 4} y={y - half + 4}>
        {finding.index}
        {letter === undefined ? null : (
          <tspan className="mark-letter" dx={5}>
            {letter}
          </tspan>
        )}
      </text>
      <g className="mark-icon" transform={`translate(${x + half + 4} ${y - half + 8})`}>
        <Icon name={STATE_ICONS[finding.state]} size={14} />
      </g>
    </g>
  );
}
