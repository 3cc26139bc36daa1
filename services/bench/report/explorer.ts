import { createHash } from 'node:crypto';
import { type Html, html } from './html.ts';

/**
 * The threshold slider: counts hits and false marks again from the numbers that the page carries. The only script of the
 * report; its hash stands in the page's policy, so that no other can run.
 */
export const EXPLORER_SCRIPT = `
const metrics = JSON.parse(document.getElementById('metrics').textContent);
for (const panel of document.querySelectorAll('[data-explorer]')) {
  const { accuracy, protocol } = metrics.datasets.find(({ id }) => id === panel.dataset.explorer);
  const scans = accuracy.scans.filter(({ counts }) => counts);
  const lesions = scans.flatMap((scan) => scan.lesions.map(({ score }) => score));
  const marks = scans.flatMap(({ falseMarks }) => falseMarks);
  const [input, output] = [panel.querySelector('input'), panel.querySelector('output')];
  const show = () => {
    const threshold = Number(input.value);
    const found = lesions.filter((score) => score !== null && score >= threshold).length;
    const wrong = marks.filter((score) => score >= threshold).length;
    output.textContent = 'score ≥ ' + threshold.toFixed(3) + ':  ' + found + ' of ' + lesions.length + ' found (' +
      (found / lesions.length * 100).toFixed(1) + ' %), ' + (wrong / scans.length).toFixed(2) + ' false marks per ' + protocol.unit;
  };
  input.addEventListener('input', show);
  panel.hidden = false;
  show();
}
`;

export const explorerHash = createHash('sha256').update(EXPLORER_SCRIPT).digest('base64');

/** Hidden until the script runs. */
export function explorer(dataset: string, scores: readonly number[], at: number): Html {
  const [low, high] = [Math.min(...scores), Math.max(...scores)];
  if (!(high > low)) return html``;
  const place = Math.min(high, Math.max(low, at));
  return html`<div class="explorer" data-explorer="${dataset}" hidden><label for="threshold-${dataset}"><b>Move the threshold</b></label><input id="threshold-${dataset}" type="range" min="${low}" max="${high}" step="${(high - low) / 1000}" value="${place}"><output for="threshold-${dataset}"></output></div>`;
}
