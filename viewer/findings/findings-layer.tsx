import type { KeyboardEvent } from 'react';
import { Icon } from '../icon.tsx';
import { useText } from '../locales/i18n.ts';
import { useLetterOf } from '../priors/prior-letters.ts';
import { STATE_ICONS } from '../review/verdict-words.ts';
import type { Point, Slice } from '../slice.ts';
import type { Overlay } from '../state.ts';
import { crosshairLines, isOfOtherImage } from './crosshair-lines.ts';
import { findingValues } from './finding-words.ts';
import { cornerTicks, frameHalves, type Mark, marksOnSlice, outline } from './marks-on-slice.ts';
import type { SeenFinding } from './place.ts';

/** Length of a circle in units of its dash pattern: a small one has as many dashes as a large one. */
const DASHES = 16;

interface FindingsLayerProps {
  readonly findings: readonly SeenFinding[];
  readonly slice: Slice;
  readonly selected: string | undefined;
  readonly overlay: Overlay;
  readonly crosshair: Point | undefined;
  readonly onSelect: (finding: SeenFinding) => void;
}

/**
 * The findings over the image: our own layer, above Cornerstone's element (z-index 1). Display only: what is edited has
 * handles in a layer of the review.
 */
export function FindingsLayer({ findings, slice, selected, overlay, crosshair, onSelect }: FindingsLayerProps) {
  const { t } = useText();
  const marks = overlay === 'off' ? [] : marksOnSlice(findings, slice);
  const chosen = marks.find(({ finding }) => finding.TrackingUID === selected);
  const place = findings.find(({ TrackingUID }) => TrackingUID === selected)?.place;
  const aim = crosshair && !isOfOtherImage(crosshair, place, slice) ? crosshair : undefined;
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
      {aim && overlay !== 'off' ? <path className="crosshair" d={crosshairLines(slice, aim, chosen)} /> : null}
      {marks.map((mark) => (
        <MarkShape
          key={mark.finding.TrackingUID}
          mark={mark}
          width={slice.width}
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
  /** Of the slice: a number stays on it. */
  readonly width: number;
  readonly overlay: Overlay;
  readonly selected: boolean;
  readonly onSelect: (finding: SeenFinding) => void;
}

function MarkShape({ mark, width, overlay, selected, onSelect }: MarkShapeProps) {
  const { t } = useText();
  const { finding, x, y, halves } = mark;
  const { shape } = finding.place;
  const letter = useLetterOf(finding.TrackingUID);
  const [across, down] = frameHalves(mark);
  const [wordsX, wordsY] = beside(mark, width);
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
      data-shape={shape}
      data-radius={shape === 'sphere' ? halves[0].toFixed(2) : undefined}
      data-halves={shape === 'box' ? halves.map((px) => px.toFixed(2)).join(' ') : undefined}
      aria-label={t('findings.label', findingValues(finding, t))}
      onClick={select}
      onKeyDown={onKeyDown}
    >
      <rect className="mark-target" x={x - across} y={y - down} width={across * 2} height={down * 2} />
      <MarkLines mark={mark} overlay={overlay} />
      <text className="mark-number" x={wordsX} y={wordsY}>
        {finding.index}
        {letter === undefined ? null : (
          <tspan className="mark-letter" dx={5}>
            {letter}
          </tspan>
        )}
      </text>
      <g className="mark-icon" transform={`translate(${wordsX} ${wordsY + 4})`}>
        <Icon name={STATE_ICONS[finding.state]} size={14} />
      </g>
    </g>
  );
}

function MarkLines({ mark, overlay }: Pick<MarkShapeProps, 'mark' | 'overlay'>) {
  const { x, y, halves, finding } = mark;
  if (overlay === 'circle' && finding.place.shape === 'sphere')
    return (
      <>
        <circle className="halo" cx={x} cy={y} r={halves[0]} />
        <circle className="line" cx={x} cy={y} r={halves[0]} pathLength={DASHES} />
        <circle className="line-gap" cx={x} cy={y} r={halves[0]} />
      </>
    );
  const d = overlay === 'circle' ? outline(mark) : cornerTicks(mark);
  return (
    <>
      <path className="halo" d={d} />
      <path className="line" d={d} />
      <path className="line-gap" d={d} />
    </>
  );
}

/** What number and icon take beside a mark. */
const WORDS_PX = { across: 34, down: 14 } as const;

/** Right of the upper corner; inside of a box that reaches to the edge of the picture, as many on breasts and lungs do. */
function beside(mark: Mark, width: number): readonly [x: number, y: number] {
  const [across, down] = frameHalves(mark);
  const [x, y] = [mark.x + across + 4, mark.y - down + 4];
  if (mark.finding.place.shape === 'sphere' || mark.x - across > width) return [x, y];
  return [Math.min(x, width - WORDS_PX.across), mark.y + down > 0 ? Math.max(y, WORDS_PX.down) : y];
}
