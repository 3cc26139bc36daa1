import type { RunDetail } from '../../domain/contract/worklist.ts';
import type { Comparison } from './ground-truth.ts';

/** The findings beside the truth, as a table of plain text. */
export function findingsTable({ hits, falseMarks }: Comparison): string {
  const rows = hits.map(({ nodule, finding }) => [
    nodule.id,
    nodule.kind,
    `${nodule.diameterMm.toFixed(1)} mm`,
    finding === undefined ? 'missed' : `#${finding.index}`,
    finding === undefined ? '' : `${finding.diameterMm.toFixed(1)} mm`,
    finding === undefined ? '' : `${offset(nodule.centerMm, finding.center).toFixed(1)} mm`,
    finding === undefined ? '' : finding.score.toFixed(2),
  ]);
  const table = columns([['planted', 'kind', 'size', 'found', 'size', 'off by', 'score'], ...rows]);
  return `${table}\nmarks that are no planted nodule: ${falseMarks.length}`;
}

/** Seconds of each stage, in the order they happen. */
export function stagesTable(run: RunDetail, received: number, delivered: number): string {
  const waited = seconds(run.createdAt, run.startedAt);
  const rows: [string, number][] = [
    ['sent and stored', received],
    ...(waited === undefined ? [] : [['queued', waited] satisfies [string, number]]),
    ...Object.entries(run.stageSeconds),
    ['result to PACS', delivered],
  ];
  return columns(rows.map(([stage, value]) => [stage, `${value.toFixed(2)} s`]));
}

const seconds = (from: string, to: string | null): number | undefined =>
  to === null ? undefined : (Date.parse(to) - Date.parse(from)) / 1000;

const offset = (a: readonly number[], b: readonly number[]): number =>
  Math.hypot(...a.map((value, axis) => value - (b[axis] ?? 0)));

function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>((all, row) => row.map((cell, i) => Math.max(cell.length, all[i] ?? 0)), []);
  return rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd()).join('\n');
}
