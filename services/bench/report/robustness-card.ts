import type { RobustnessCell } from '../accuracy-metrics.ts';
import { fixed, signed } from './format.ts';
import { type Html, html } from './html.ts';

/** The grid: what another reconstruction of the same patients costs. */
export function robustnessCard(cells: readonly RobustnessCell[], cpm: number | null): Html {
  if (cells.length === 0) return html``;
  const rows = cells.map((cell) => {
    const { delta } = cell;
    const clear = (delta?.high ?? 0) < 0 ? 'breached' : (delta?.low ?? 0) > 0 ? 'held' : '';
    return html`<tr><td>${cell.axis}</td><td>${cell.value}</td><td class="n">${fixed(cell.cpm, 3)}</td><td class="n ${clear}">${signed(delta?.delta, 3)}</td><td class="n">${delta && delta.low !== null ? `${signed(delta.low, 3)} … ${signed(delta.high, 3)}` : '–'}</td><td class="n">${cell.refused} / ${cell.scans}</td><td>${cell.note ?? ''}</td></tr>`;
  });
  return html`<div class="card row"><h3>Robustness: the same patients, reconstructed in another way (reference CPM ${fixed(cpm, 3)})</h3><table><thead><tr><th>what</th><th>value</th><th class="n">CPM</th><th class="n">change</th><th class="n">95 %, paired</th><th class="n">refused</th><th></th></tr></thead><tbody>${rows}</tbody></table></div>`;
}
