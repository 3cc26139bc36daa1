import { reasonText } from '../../domain/reason.ts';
import type { AccuracyMetrics, DatasetMetrics, ScanMetrics } from '../accuracy-metrics.ts';
import type { GalleryItem } from '../gallery.ts';
import type { Difference } from '../metrics.ts';
import { explorer } from './explorer.ts';
import { counted, fixed, interval, percent, rateText, signed } from './format.ts';
import { frocPlot } from './froc-plot.ts';
import { galleryCard } from './gallery-card.ts';
import { type Html, html } from './html.ts';
import { robustnessCard } from './robustness-card.ts';
import { agreementPlot, reliabilityPlot, strataBars } from './small-plots.ts';

const KIND = { synthetic: 'synthetic', 'real-scans': 'real scans', 'real-cubes': 'real nodule cubes' } as const;

/** What a data set is compared with on the page. */
export interface Beside {
  readonly baseline: DatasetMetrics | undefined;
  readonly differences: readonly Difference[];
}

/** Everything about one data set. */
export function datasetSection(dataset: DatasetMetrics, gallery: readonly GalleryItem[], beside: Beside): Html {
  const { id, title, kind, license, split, caution, accuracy, status, note, protocol } = dataset;
  return html`<section id="${id}"><h2>${title}</h2>
    <div class="chips"><span class="chip">${id}</span><span class="chip ${kind === 'synthetic' ? 'note' : ''}">${KIND[kind]}</span><span class="chip">split: ${split}</span><span class="chip">${license}</span>
    ${protocol ? html`<span class="chip ${protocol.luna16 ? 'good' : 'note'}">${protocol.luna16 ? 'LUNA16 to the letter' : 'not LUNA16 to the letter'}</span>` : html``}</div>
    ${status === 'measured' ? html`` : html`<p class="chip bad">${status}: ${note}</p>`}
    ${caution === null ? html`` : html`<p class="soft">${caution}</p>`}
    ${accuracy ? accuracyParts(dataset, accuracy, gallery, beside) : html``}
  </section>`;
}

function accuracyParts(
  dataset: DatasetMetrics,
  accuracy: AccuracyMetrics,
  gallery: readonly GalleryItem[],
  beside: Beside,
): Html {
  return html`
    ${tiles(dataset, accuracy, beside.differences)}
    ${frocRow(dataset, accuracy, beside)}
    ${galleryCard(gallery)}
    ${accuracy.strata.length > 0 ? html`<div class="card row"><h3>Sensitivity at ${counted(accuracy.strataRate, 'false mark')} per ${unitOf(dataset)}</h3>${strataBars(accuracy.strata)}</div>` : html``}
    ${errorRow(accuracy)}
    ${robustnessCard(dataset.robustness, accuracy.froc?.cpm ?? null)}
    ${scansCard(dataset, accuracy)}`;
}

const unitOf = ({ protocol }: DatasetMetrics): string => protocol?.unit ?? 'scan';

function tiles(dataset: DatasetMetrics, accuracy: AccuracyMetrics, differences: readonly Difference[]): Html {
  const { froc, counts, averagePrecision, examAuroc, calibration, localization } = accuracy;
  const atOne = froc?.rates.find(({ fpPerScan }) => fpPerScan === 1);
  const cpmName = dataset.protocol?.luna16 ? 'CPM (LUNA16)' : 'mean sensitivity at 7 rates';
  const diameter = localization?.diameter;
  const compared = differences.find(({ metric, delta }) => metric === 'cpm' && delta !== null);
  return html`<div class="tiles">
    ${tile(cpmName, fixed(froc?.cpm, 3), doubt(froc?.cpmInterval), 'up')}
    ${compared ? tile('CPM against baseline', signed(compared.delta, 3), compared.p === null ? TOO_FEW : `p = ${fixed(compared.p, 3)}`) : html``}
    ${atOne ? tile(`sensitivity at 1 FP/${unitOf(dataset)}`, fixed(atOne.sensitivity, 3), doubt(atOne.interval)) : html``}
    ${averagePrecision ? tile('AP, IoU 0.1', fixed(averagePrecision.ap10, 3), `mAP .1:.5 ${fixed(averagePrecision.map10to50, 3)}`) : html``}
    ${examAuroc === null ? html`` : tile('AUROC of scans', fixed(examAuroc, 3), 'by highest mark')}
    ${localization ? tile('centre error, mm', fixed(localization.centerMedianMm, 2), `median; p95 ${fixed(localization.centerP95Mm, 2)}`) : html``}
    ${diameter ? tile('diameter bias, mm', signed(diameter.medianMm, 2), `median; 95 % ${signed(diameter.limitsMm[0], 1)} … ${signed(diameter.limitsMm[1], 1)}`) : html``}
    ${calibration ? tile('calibration error', fixed(calibration.ece, 3), `ECE, ${counted(calibration.bins.length, 'bin')}`) : html``}
    ${tile(`${unitOf(dataset)}s`, String(counts.scans), `${counted(counts.lesions, 'lesion')}, ${counts.excluded} excluded`)}
  </div>`;
}

const tile = (name: string, value: string, below: string, accent = ''): Html =>
  html`<div class="tile ${accent}"><span>${name}</span><b>${value}</b><small>${below}</small></div>`;

const TOO_FEW = 'too few scans for an interval';
const doubt = (bounds: { low: number; high: number } | null | undefined): string =>
  bounds ? `95 %: ${interval(bounds, 2)}` : TOO_FEW;

function frocRow(dataset: DatasetMetrics, accuracy: AccuracyMetrics, { baseline }: Beside): Html {
  const { froc, operatingPoints, counts } = accuracy;
  if (froc === null)
    return html`<p class="soft">No FROC: ${counts.failed > 0 ? `the analysis of ${counted(counts.failed, unitOf(dataset))} failed` : 'there is no lesion to find'}. False marks: ${counts.falseMarks} on ${counted(counts.scans, unitOf(dataset))}.</p>`;
  const unit = unitOf(dataset);
  const scores = accuracy.scans.flatMap((scan) => [
    ...scan.falseMarks,
    ...scan.lesions.flatMap(({ score }) => score ?? []),
  ]);
  const start = operatingPoints.find(({ isDefault }) => isDefault)?.threshold ?? 0.5;
  return html`<div class="grid2"><div class="card"><h3>FROC${froc.band.length > 0 ? ` with 95 % band (${dataset.protocol?.bootstraps} bootstraps over ${unit}s)` : ''}${baseline?.accuracy?.froc ? '; dashed: baseline' : ''}</h3>${frocPlot(froc, unit, operatingPoints, baseline?.accuracy?.froc ?? undefined)}${explorer(dataset.id, scores, start)}</div>
    <div class="card"><h3>Sensitivity by false marks per ${unit}</h3><table><thead><tr><th>FP/${unit}</th><th class="n">sensitivity</th><th class="n">95 % interval</th></tr></thead><tbody>${froc.rates.map((rate) => html`<tr><td>${rateText(rate.fpPerScan)}</td><td class="n">${fixed(rate.sensitivity, 3)}</td><td class="n">${interval(rate.interval, 3)}</td></tr>`)}${froc.cpm === null ? html`` : html`<tr><td><b>mean</b></td><td class="n"><b>${fixed(froc.cpm, 3)}</b></td><td class="n">${interval(froc.cpmInterval, 3)}</td></tr>`}</tbody></table>
    <h4>Operating points</h4><table><thead><tr><th>point</th><th class="n">score ≥</th><th class="n">found</th><th class="n">FP/${unit}</th><th class="n">precision</th></tr></thead><tbody>${operatingPoints.map((point) => html`<tr><td>${point.isDefault ? html`<b>${point.id}</b>` : point.id}</td><td class="n">${point.threshold}</td><td class="n">${point.found} / ${point.lesions}</td><td class="n">${fixed(point.fpPerScan, 2)}</td><td class="n">${percent(point.precision)}</td></tr>`)}</tbody></table></div></div>`;
}

function errorRow({ calibration, localization }: AccuracyMetrics): Html {
  const diameter = localization?.diameter;
  if (!calibration && !diameter) return html``;
  return html`<div class="grid2 halves">
    ${calibration ? html`<div class="card"><h3>Do scores mean what they say? ECE ${fixed(calibration.ece, 3)}</h3>${reliabilityPlot(calibration)}</div>` : html``}
    ${diameter ? html`<div class="card"><h3>Diameters of ${counted(diameter.pairs.length, 'lesion')} found, against the truth</h3>${agreementPlot(diameter)}</div>` : html``}
  </div>`;
}

function scansCard(dataset: DatasetMetrics, { scans, counts }: AccuracyMetrics): Html {
  const { protocol } = dataset;
  const rules = Object.entries(protocol?.rules ?? {}).map(([rule, lesions]) => `${rule}: ${lesions}`);
  return html`<div class="card row"><details><summary>${counted(scans.length, unitOf(dataset))}, one by one</summary><div class="scroll"><table><thead><tr><th>${unitOf(dataset)}</th><th>outcome</th><th class="n">lesions</th><th class="n">found</th><th class="n">best rank of a false mark</th><th class="n">false marks</th><th class="n">ignored</th><th class="n">seconds</th></tr></thead><tbody>${scans.map(scanRow)}</tbody></table></div></details>
    <p class="soft">Hit rule ${protocol?.hitRule} (${rules.join(', ')}); at most ${protocol?.marksPerScan} marks per ${unitOf(dataset)}; ${counts.marks} marks, ${counts.falseMarks} false, ${counts.duplicates} on lesions already found, ${counts.ignored} ignored, ${counts.cut} beyond the limit. ${protocol && protocol.deviations.length > 0 ? `Differs from LUNA16: ${protocol.deviations.join('; ')}.` : ''} Excluded findings: ${counts.excluded}. ${dataset.attribution ?? ''}</p></div>`;
}

function scanRow(scan: ScanMetrics): Html {
  const found = scan.lesions.filter(({ score }) => score !== null);
  const outcome =
    scan.outcome === 'ANALYSED'
      ? 'analysed'
      : `${scan.outcome === 'FAILED' ? 'failed' : 'refused'}: ${scan.reason ? reasonText(scan.reason) : ''}`;
  const [best = Number.NEGATIVE_INFINITY] = scan.falseMarks;
  const before = found.filter(({ score }) => (score ?? 0) > best).length;
  return html`<tr><td>${scan.id}</td><td>${outcome}${scan.expected === null ? '' : ' (as expected)'}</td><td class="n">${scan.lesions.length}</td><td class="n">${found.length}</td><td class="n">${scan.falseMarks.length === 0 ? '–' : before + 1}</td><td class="n">${scan.falseMarks.length}</td><td class="n">${scan.ignored}</td><td class="n">${fixed(scan.seconds, 1)}</td></tr>`;
}
