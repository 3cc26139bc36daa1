import { type FrocCurve, sensitivityAt } from '../../evaluation/froc.ts';
import type { AccuracyMetrics } from '../accuracy-metrics.ts';
import { rateText } from './format.ts';
import { type Html, html } from './html.ts';
import { axes, type Frame, linearScale, linePath, logScale, n, plotArea, svg } from './plot.ts';

type Froc = NonNullable<AccuracyMetrics['froc']>;

const FRAME: Frame = { width: 640, height: 400, left: 58, right: 18, top: 14, bottom: 48 };
const SAMPLES = 320;

const curveOf = ({ curve: { fpPerScan, sensitivity } }: Froc): FrocCurve => ({
  fpPerScan,
  sensitivity,
  threshold: [],
});

/** Sensitivity over false marks per scan, with its band, the rates of the table, operating points, and a baseline. */
export function frocPlot(
  froc: Froc,
  unit: string,
  points: AccuracyMetrics['operatingPoints'],
  baseline: Froc | undefined,
): Html {
  const rates = froc.rates.map(({ fpPerScan }) => fpPerScan);
  const [from, to] = [rates[0] ?? 0.125, rates.at(-1) ?? 8];
  const area = plotArea(FRAME);
  const [x, y] = [logScale([from, to], area.x), linearScale([0, 1], area.y)];
  const drawn = (curve: FrocCurve) =>
    linePath(
      Array.from({ length: SAMPLES + 1 }, (_, at) => from * (to / from) ** (at / SAMPLES)).map((rate) => [
        x(rate),
        y(sensitivityAt(curve, rate)),
      ]),
    );
  const band = [
    ...froc.band.map(({ fpPerScan, high }) => [x(fpPerScan), y(high)] as const),
    ...froc.band.toReversed().map(({ fpPerScan, low }) => [x(fpPerScan), y(low)] as const),
  ];
  const shown = points.filter(
    ({ fpPerScan, sensitivity }) => sensitivity !== null && fpPerScan >= from && fpPerScan <= to,
  );
  return svg(FRAME, 'FROC curve', [
    axes(FRAME, x, y, {
      xTicks: rates.map((at) => ({ at, text: rateText(at) })),
      yTicks: [0, 0.2, 0.4, 0.6, 0.8, 1].map((at) => ({ at, text: at.toFixed(1) })),
      xTitle: `false marks per ${unit} (log scale)`,
      yTitle: 'sensitivity',
    }),
    band.length > 0 ? html`<path class="band" d="${linePath(band)}Z"/>` : html``,
    baseline ? html`<path class="baseline" d="${drawn(curveOf(baseline))}"/>` : html``,
    html`<path class="curve" d="${drawn(curveOf(froc))}"/>`,
    html`${froc.rates.map(({ fpPerScan, sensitivity }) => html`<circle class="rate" cx="${n(x(fpPerScan))}" cy="${n(y(sensitivity))}" r="4"><title>${sensitivity.toFixed(3)} at ${rateText(fpPerScan)}</title></circle>`)}`,
    html`${shown.map(({ id, fpPerScan, sensitivity, threshold }) => pointMark(x(fpPerScan), y(sensitivity ?? 0), `${id} (${threshold})`))}`,
  ]);
}

function pointMark(x: number, y: number, text: string): Html {
  const anchor = x > FRAME.width * 0.75 ? 'end' : x < FRAME.width * 0.25 ? 'start' : 'middle';
  const above = y < FRAME.top + 30 ? y + 24 : y - 13;
  return html`<g class="point"><path d="M${n(x)} ${n(y - 7)}l7 7l-7 7l-7-7Z"/><text x="${n(x)}" y="${n(above)}" text-anchor="${anchor}">${text}</text></g>`;
}
