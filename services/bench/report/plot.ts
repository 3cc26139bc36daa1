import { type Html, html } from './html.ts';

/** A number of the data to a place on the drawing. */
export type Scale = (value: number) => number;

export const linearScale =
  ([from, to]: readonly [number, number], [a, b]: readonly [number, number]): Scale =>
  (value) =>
    a + ((value - from) / (to - from || 1)) * (b - a);

export const logScale =
  ([from, to]: readonly [number, number], range: readonly [number, number]): Scale =>
  (value) =>
    linearScale([Math.log2(from), Math.log2(to)], range)(Math.log2(value));

export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The rectangle inside the axes. */
export const plotArea = ({ width, height, left, right, top, bottom }: Frame) => ({
  x: [left, width - right] as const,
  y: [height - bottom, top] as const,
});

interface Tick {
  readonly at: number;
  readonly text: string;
}

interface Axes {
  readonly xTicks: readonly Tick[];
  readonly yTicks: readonly Tick[];
  readonly xTitle: string;
  readonly yTitle: string;
}

/** Grid lines, numbers and titles of both axes. */
export function axes(frame: Frame, x: Scale, y: Scale, { xTicks, yTicks, xTitle, yTitle }: Axes): Html {
  const { left, top, bottom, right, width, height } = frame;
  const middleY = (top + height - bottom) / 2;
  return html`<g class="axes">
    ${yTicks.map(({ at, text }) => html`<line class="grid" x1="${left}" x2="${width - right}" y1="${n(y(at))}" y2="${n(y(at))}"/><text x="${left - 8}" y="${n(y(at) + 4)}" text-anchor="end">${text}</text>`)}
    ${xTicks.map(({ at, text }) => html`<line class="grid" x1="${n(x(at))}" x2="${n(x(at))}" y1="${top}" y2="${height - bottom}"/><text x="${n(x(at))}" y="${height - bottom + 18}" text-anchor="middle">${text}</text>`)}
    <text class="title" x="${(left + width - right) / 2}" y="${height - 6}" text-anchor="middle">${xTitle}</text>
    <text class="title" transform="translate(14 ${middleY}) rotate(-90)" text-anchor="middle">${yTitle}</text>
  </g>`;
}

export const svg = ({ width, height }: Frame, title: string, body: readonly Html[]): Html =>
  html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}"><title>${title}</title>${body}</svg>`;

/** A path through points. */
export const linePath = (points: readonly (readonly [number, number])[]): string =>
  points.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${n(x)} ${n(y)}`).join('');

/** A tenth of a pixel is enough. */
export const n = (value: number): string => String(Math.round(value * 10) / 10);

/** From `from` to `to` in steps of 1, 2 or 5 times a power of ten, about `count` of them. */
export function niceTicks(from: number, to: number, count: number): number[] {
  const raw = (to - from || 1) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10) * power;
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}
