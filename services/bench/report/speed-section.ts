import type { LoadMetrics } from '../metrics.ts';
import type { LatencyMetrics, MatrixCell, SpeedMetrics } from '../speed-metrics.ts';
import { counted, fixed, percent } from './format.ts';
import { type Html, html } from './html.ts';

/** Stage by stage; graph in the colour of the curve. */
const STAGE_COLOURS: Readonly<Record<string, string>> = {
  read: '#94a3b8',
  decode: '#64748b',
  volume: '#0f766e',
  mask: '#7c4dbd',
  resample: '#0891b2',
  graph: '#1f6feb',
  postprocess: '#b76e00',
  other: '#cbd5e1',
};

export function speedSection(speed: SpeedMetrics, load: LoadMetrics): Html {
  const { singleStream, server, matrix } = speed;
  return html`<section id="speed"><h2>Speed</h2><div class="chips"><span class="chip">${speed.studies === 1 ? '1 study' : `${speed.studies} studies`} of ${speed.dataset}, ${counted(speed.images, 'image')}</span><span class="chip">provider ${speed.provider ?? '–'}</span><span class="chip">${speed.threads === 0 ? 'all cores' : `${speed.threads} threads`}, ${counted(speed.workers, 'analyzer')}</span>${load.loaded ? html`<span class="chip bad">loaded machine: upper bounds only</span>` : html`<span class="chip good">no other work on the machine</span>`}</div>
    ${tiles(speed)}
    ${singleStream ? html`<div class="card row"><h3>Where the time goes: SingleStream, mean of ${singleStream.endToEnd.count} runs</h3>${stageBar(singleStream.stages)}<p class="soft">The graph is ${percent(singleStream.graphShare)} of files → findings. ${singleStream.settled ? '' : 'p95 has not settled: its 95 % interval is wider than 5 %, or there are too few runs to have one.'}</p></div>` : html``}
    ${latencyTable(speed)}
    ${server ? serverCard(server) : html``}
    ${matrix.length > 0 ? matrixCard(matrix) : html``}
  </section>`;
}

function tiles({ singleStream, offline, server, costPer1000Studies, pricePerHour }: SpeedMetrics): Html {
  const tile = (name: string, value: string, below: string) =>
    html`<div class="tile"><span>${name}</span><b>${value}</b><small>${below}</small></div>`;
  const usage = singleStream ?? offline;
  return html`<div class="tiles">
    ${singleStream ? html`${tile('files → findings, p95', `${fixed(singleStream.endToEnd.p95, 2)} s`, `p50 ${fixed(singleStream.endToEnd.p50, 2)}, min ${fixed(singleStream.endToEnd.min, 2)} s`)}${tile('graph, p95', `${fixed(singleStream.graph.p95, 2)} s`, `p50 ${fixed(singleStream.graph.p50, 2)}, min ${fixed(singleStream.graph.min, 2)} s`)}` : html``}
    ${offline ? tile('Offline', fixed(offline.studiesPerHour, 0), `studies per hour; graph ${fixed(offline.graphSecondsPerStudy, 2)} s each`) : html``}
    ${server ? tile('Server', fixed(server.studiesPerHour, 0), `studies per hour, p99 ≤ ${server.boundSeconds} s`) : html``}
    ${usage ? html`${tile('peak memory', `${fixed(usage.peakRssMb, 0)} MB`, 'resident, of an analyzer')}${tile('CPU', `${fixed(usage.cpuSecondsPerStudy, 1)} s`, 'per study, all threads')}` : html``}
    ${usage?.gpuMemoryMb == null ? html`` : tile('GPU memory', `${fixed(usage.gpuMemoryMb, 0)} MB`, 'of the analyzers')}
    ${costPer1000Studies === null ? html`` : tile('cost', fixed(costPer1000Studies, 2), `per 1,000 studies at ${pricePerHour} per hour`)}
  </div>`;
}

function stageBar(stages: Readonly<Record<string, number>>): Html {
  const all = Object.entries(stages);
  const total = all.reduce((sum, [, seconds]) => sum + seconds, 0);
  const colour = (name: string) => STAGE_COLOURS[name] ?? '#475569';
  return html`<div class="stages">${all.map(([name, seconds]) => html`<div style="width:${((seconds / total) * 100).toFixed(2)}%;background:${colour(name)}" title="${name} ${fixed(seconds, 2)} s"></div>`)}</div><div class="key">${all.map(([name, seconds]) => html`<span><i style="background:${colour(name)}"></i>${name} <b>${fixed(seconds, 2)} s</b> ${percent(seconds / total)}</span>`)}</div>`;
}

const LATENCY_HEAD = html`<th class="n">runs</th><th class="n">min</th><th class="n">mean</th><th class="n">p50</th><th class="n">p90</th><th class="n">p95</th><th class="n">p99</th>`;

const latencyCells = (latency: LatencyMetrics): Html =>
  html`<td class="n">${latency.count}</td>${[latency.min, latency.mean, latency.p50, latency.p90, latency.p95, latency.p99].map((seconds) => html`<td class="n">${fixed(seconds, 2)}</td>`)}`;

function latencyTable({ singleStream, server }: SpeedMetrics): Html {
  const rows = [
    ...(singleStream
      ? [
          ['SingleStream, end to end', singleStream.endToEnd] as const,
          ['SingleStream, graph', singleStream.graph] as const,
        ]
      : []),
    ...(server?.trials ?? []).flatMap((trial) => [
      [`Server at ${fixed(trial.studiesPerHour, 0)} per hour, end to end`, trial.latency] as const,
      [`Server at ${fixed(trial.studiesPerHour, 0)} per hour, graph`, trial.graph] as const,
    ]),
  ];
  if (rows.length === 0) return html``;
  return html`<div class="card row"><h3>Latency, seconds (nearest rank, as MLPerf)</h3><table><thead><tr><th>scenario</th>${LATENCY_HEAD}</tr></thead><tbody>${rows.map(([name, latency]) => html`<tr><td>${name}</td>${latencyCells(latency)}</tr>`)}</tbody></table></div>`;
}

function serverCard({ trials, boundSeconds }: NonNullable<SpeedMetrics['server']>): Html {
  return html`<div class="card row"><h3>Server: Poisson arrivals, p99 ≤ ${boundSeconds} s</h3><table><thead><tr><th class="n">studies per hour</th><th class="n">arrivals</th><th class="n">mean, s</th><th class="n">p99, s</th><th></th></tr></thead><tbody>${trials.map((trial) => html`<tr><td class="n">${fixed(trial.studiesPerHour, 0)}</td><td class="n">${trial.arrivals}</td><td class="n">${fixed(trial.latency.mean, 2)}</td><td class="n">${fixed(trial.latency.p99, 2)}</td><td class="${trial.holds ? 'held' : 'breached'}">${trial.holds ? 'held' : 'too slow'}</td></tr>`)}</tbody></table>${(trials[0]?.arrivals ?? 0) < 100 ? html`<p class="soft">With fewer than 100 arrivals p99 is the slowest of them.</p>` : html``}</div>`;
}

function matrixCard(cells: readonly MatrixCell[]): Html {
  return html`<div class="card row"><h3>Provider × precision × threads × batch, parity against cpu fp32</h3><div class="scroll"><table><thead><tr><th>provider</th><th>precision</th><th class="n">threads</th><th class="n">batch</th><th class="n">end to end p50</th><th class="n">p95</th><th class="n">graph p50</th><th class="n">memory, MB</th><th class="n">largest score difference</th><th class="n">marks without partner</th><th></th></tr></thead><tbody>${cells.map(matrixRow)}</tbody></table></div></div>`;
}

function matrixRow(cell: MatrixCell): Html {
  const { parity, endToEnd, graph } = cell;
  return html`<tr><td>${cell.provider}</td><td>${cell.precision}</td><td class="n">${cell.threads === 0 ? 'all' : cell.threads}</td><td class="n">${cell.batch}</td><td class="n">${fixed(endToEnd?.p50, 2)}</td><td class="n">${fixed(endToEnd?.p95, 2)}</td><td class="n">${fixed(graph?.p50, 2)}</td><td class="n">${fixed(cell.peakRssMb, 0)}</td><td class="n">${parity ? parity.maxScoreDifference.toExponential(1) : '–'}</td><td class="n">${parity ? parity.unmatched : '–'}</td><td class="soft">${cell.note ?? ''}</td></tr>`;
}
