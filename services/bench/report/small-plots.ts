import type { AccuracyMetrics } from '../accuracy-metrics.ts';
import { fixed, interval, percent, signed } from './format.ts';
import { type Html, html } from './html.ts';
import { axes, type Frame, linearScale, n, niceTicks, plotArea, svg } from './plot.ts';

const FRAME: Frame = { width: 540, height: 340, left: 58, right: 14, top: 12, bottom: 46 };
const LARGEST_DOT = 13;

/** Hit rate over score, a dot per bin, as large as its share of the marks; on the diagonal scores mean what they say. */
export function reliabilityPlot({ bins, marks }: NonNullable<AccuracyMetrics['calibration']>): Html {
  const area = plotArea(FRAME);
  const [x, y] = [linearScale([0, 1], area.x), linearScale([0, 1], area.y)];
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((at) => ({ at, text: String(at) }));
  const most = Math.max(...bins.map((bin) => bin.marks));
  return svg(FRAME, 'Reliability of scores', [
    axes(FRAME, x, y, { xTicks: ticks, yTicks: ticks, xTitle: 'mean score of a bin', yTitle: 'hits among its marks' }),
    html`<line class="ideal" x1="${n(x(0))}" y1="${n(y(0))}" x2="${n(x(1))}" y2="${n(y(1))}"/>`,
    html`${bins.map((bin) => html`<line class="gap" x1="${n(x(bin.meanScore))}" x2="${n(x(bin.meanScore))}" y1="${n(y(bin.meanScore))}" y2="${n(y(bin.hitRate))}"/><circle class="dot" cx="${n(x(bin.meanScore))}" cy="${n(y(bin.hitRate))}" r="${n(3 + (LARGEST_DOT - 3) * Math.sqrt(bin.marks / most) * (bins.length > 1 ? 0.5 : 1))}"><title>${bin.marks} of ${marks} marks: score ${fixed(bin.meanScore, 2)}, hits ${percent(bin.hitRate)}</title></circle>`)}`,
  ]);
}

type Agreement = NonNullable<NonNullable<AccuracyMetrics['localization']>['diameter']>;

/** Difference of diameters over the true one (Bland and Altman), with bias and limits of agreement. */
export function agreementPlot({ pairs, biasMm, limitsMm }: Agreement): Html {
  const area = plotArea(FRAME);
  const differences = pairs.map(([truth, mark]) => mark - truth);
  const reach = Math.max(1, ...differences.map(Math.abs), ...limitsMm.map(Math.abs)) * 1.1;
  const largest = Math.max(10, ...pairs.map(([truth]) => truth)) * 1.05;
  const [x, y] = [linearScale([0, largest], area.x), linearScale([-reach, reach], area.y)];
  const line = (mm: number, name: string, text: string) =>
    html`<line class="${name}" x1="${area.x[0]}" x2="${area.x[1]}" y1="${n(y(mm))}" y2="${n(y(mm))}"/><text class="value" x="${area.x[1] - 2}" y="${n(y(mm) - 4)}" text-anchor="end">${text} ${signed(mm, 2)}</text>`;
  return svg(FRAME, 'Agreement of diameters', [
    axes(FRAME, x, y, {
      xTicks: niceTicks(0, largest, 5).map((at) => ({ at, text: String(at) })),
      yTicks: niceTicks(-reach, reach, 6).map((at) => ({ at, text: signed(at, reach < 3 ? 1 : 0) })),
      xTitle: 'true diameter, mm',
      yTitle: 'mark − truth, mm',
    }),
    html`<line class="ideal" x1="${area.x[0]}" x2="${area.x[1]}" y1="${n(y(0))}" y2="${n(y(0))}"/>`,
    html`${pairs.map(([truth, mark]) => html`<circle class="dot" cx="${n(x(truth))}" cy="${n(y(mark - truth))}" r="4.5"><title>${fixed(truth, 1)} mm, marked as ${fixed(mark, 1)} mm</title></circle>`)}`,
    line(biasMm, 'bias', 'bias'),
    ...(pairs.length > 1 ? limitsMm.map((mm) => line(mm, 'limit', '95 %')) : []),
  ]);
}

/** A bar per stratum with its interval; the names of strata as headings. */
export function strataBars(strata: AccuracyMetrics['strata']): Html {
  const groups = [...Map.groupBy(strata, ({ name }) => name)];
  return html`<div class="strata">${groups.map(
    ([name, own]) => html`<div class="stratum"><h4>${name}</h4>${own.toSorted(bySize).map(bar)}</div>`,
  )}</div>`;
}

const SIZES = ['< 4 mm', '4-6 mm', '6-8 mm', '8-15 mm', '>= 15 mm'];
const bySize = (a: { value: string }, b: { value: string }) =>
  SIZES.indexOf(a.value) - SIZES.indexOf(b.value) || a.value.localeCompare(b.value, 'en');

function bar({ value, lesions, sensitivity, interval: band }: AccuracyMetrics['strata'][number]): Html {
  const width = 220;
  const at = (part: number) => n(part * width);
  const whisker = band
    ? html`<line class="whisker" x1="${at(band.low)}" x2="${at(band.high)}" y1="9" y2="9"/><line class="whisker" x1="${at(band.low)}" x2="${at(band.low)}" y1="5" y2="13"/><line class="whisker" x1="${at(band.high)}" x2="${at(band.high)}" y1="5" y2="13"/>`
    : html``;
  return html`<div class="bar" title="${interval(band, 2)}"><span>${value}</span><svg viewBox="-1 0 ${width + 2} 18" aria-hidden="true"><rect class="track" width="${width}" height="18" rx="3"/><rect class="fill" width="${at(sensitivity)}" height="18" rx="3"/>${whisker}</svg><b>${fixed(sensitivity, 2)}</b><small>n = ${lesions}</small></div>`;
}
