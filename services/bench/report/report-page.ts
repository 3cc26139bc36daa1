import type { GalleryItem } from '../gallery.ts';
import type { GateResult, Metrics } from '../metrics.ts';
import { datasetSection } from './dataset-section.ts';
import { EXPLORER_SCRIPT, explorerHash } from './explorer.ts';
import { fixed, signed } from './format.ts';
import { embeddedJson, type Html, html, trusted } from './html.ts';
import { speedSection } from './speed-section.ts';
import { STYLE } from './style.ts';

export interface ReportInput {
  readonly metrics: Metrics;
  readonly gallery: readonly GalleryItem[];
  /** The run that this one is held against. */
  readonly baseline: Metrics | undefined;
}

const WORD = { passed: 'PASSED', failed: 'FAILED', invalid: 'INVALID' } as const;

/**
 * One file that needs no other and no network: style, pictures and numbers are inside, the policy forbids the rest. The
 * element `#metrics` holds `metrics.json`, from which every figure can be computed again.
 */
export function reportPage({ metrics, gallery, baseline }: ReportInput): string {
  const { system, verdict, datasets, speed, startedAt } = metrics;
  const policy = `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-${explorerHash}'`;
  const page = html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${WORD[verdict.status]}: ${system.id} ${system.version}</title><style>${trusted(STYLE)}</style></head><body><main>
<header><h1>${system.title}</h1><span class="soft">overread bench · ${startedAt.replace('T', ' ').slice(0, 16)} UTC</span></header>
<div class="verdict ${verdict.status}"><b>${WORD[verdict.status]}</b><span>${verdict.text}</span></div>
<div class="chips"><span class="chip">${system.kind === 'model' ? `${system.id} ${system.version}` : `detections of ${system.id}`}</span><span class="chip">hash ${system.hash.slice(0, 12)}</span><span class="chip">commit ${metrics.environment.commit?.slice(0, 10) ?? 'unknown'}${metrics.environment.modified ? ', modified' : ''}</span><span class="chip">${metrics.environment.machineClass}</span><span class="chip">seed ${metrics.bench.seed}</span>${datasets.map(({ id, status }) => html`<span class="chip ${status === 'measured' ? '' : 'bad'}"><a href="#${id}">${id}</a>${status === 'measured' ? '' : `: ${status}`}</span>`)}</div>
${system.label === null ? html`` : html`<p class="label">${system.label}</p>`}
${gatesCard(metrics.gates)}
${baselineCard(metrics)}
${datasets.map((dataset) => datasetSection(dataset, galleryOf(gallery, dataset.id), besideOf(metrics, baseline, dataset.id)))}
${speed ? speedSection(speed, metrics.load) : html``}
${environmentSection(metrics)}
</main><script type="application/json" id="metrics">${embeddedJson(metrics)}</script><script>${trusted(EXPLORER_SCRIPT)}</script></body></html>`;
  return `${page.html}\n`;
}

const galleryOf = (gallery: readonly GalleryItem[], id: string) => gallery.filter(({ dataset }) => dataset === id);

const besideOf = ({ baseline: compared }: Metrics, baseline: Metrics | undefined, id: string) => ({
  baseline: baseline?.datasets.find((dataset) => dataset.id === id),
  differences: (compared?.differences ?? []).filter(({ dataset }) => dataset === id),
});

function gatesCard(gates: readonly GateResult[]): Html {
  if (gates.length === 0) return html``;
  return html`<div class="card row"><h2>Gates</h2><table><tbody>${gates.map(({ status, text }) => html`<tr><td class="${status}">${status}</td><td>${text}</td></tr>`)}</tbody></table></div>`;
}

function baselineCard({ baseline }: Metrics): Html {
  if (!baseline) return html``;
  const { system, startedAt, differences, notes } = baseline;
  return html`<div class="card row"><h2>Against ${system} of ${startedAt.slice(0, 10)}, paired by scan</h2><table><thead><tr><th>data set</th><th>number</th><th class="n">before</th><th class="n">now</th><th class="n">change</th><th class="n">95 %</th><th class="n">p</th></tr></thead><tbody>${differences.map((one) => html`<tr><td>${one.dataset ?? 'speed'}</td><td>${one.metric}</td><td class="n">${fixed(one.before, 3)}</td><td class="n">${fixed(one.after, 3)}</td><td class="n">${signed(one.delta, 3)}</td><td class="n">${one.low === null ? '–' : `${signed(one.low, 3)} … ${signed(one.high, 3)}`}</td><td class="n">${fixed(one.p, 3)}</td></tr>`)}</tbody></table>${notes.map((note) => html`<p class="soft">${note}</p>`)}</div>`;
}

function environmentSection({ environment: e, load, bench, seconds, system }: Metrics): Html {
  const rows: readonly (readonly [string, string])[] = [
    ['bench file', `${bench.file}, SHA-256 ${bench.sha256}`],
    ['system', `${system.id} ${system.version ?? ''}, SHA-256 ${system.hash}`],
    [
      'program',
      `Overread ${e.overread}, commit ${e.commit ?? 'unknown'}${e.modified ? ', with changes' : ''}, Node ${e.node}, onnxruntime ${e.onnxruntime ?? '–'}`,
    ],
    ['processor', `${e.cpuModel}, ${e.cores} cores (cgroup: ${e.cgroupCores ?? 'no limit'}), ${e.cpuFlags.join(' ')}`],
    ['memory', `${e.memoryMb} MB (cgroup: ${e.cgroupMemoryMb === null ? 'no limit' : `${e.cgroupMemoryMb} MB`})`],
    ['GPU', e.gpus.length === 0 ? 'none' : e.gpus.join('; ')],
    ['platform', e.platform],
    [
      'load',
      `${fixed(load.atStart, 1)} at the start, at most ${fixed(load.otherPeak, 1)} beside this run, on ${load.cores} cores${load.allowed ? '; allowed' : ''}`,
    ],
    ['duration', `${fixed(seconds, 0)} s`],
  ];
  return html`<section><h2>Provenance</h2><div class="card row"><table><tbody>${rows.map(([name, value]) => html`<tr><th>${name}</th><td class="code">${value}</td></tr>`)}</tbody></table></div><p class="soft">Pictures on this page come from the data sets named above and carry their licences. Every figure can be computed again from the JSON in this file (element #metrics).</p></section>`;
}
