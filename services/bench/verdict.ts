import type { DatasetMetrics } from './accuracy-metrics.ts';
import type { GateResult, LoadMetrics, Metrics } from './metrics.ts';

/** 0 everything holds; 1 something does not; 2 the machine carried other work, so the timings are no measurement. */
const EXIT_CODE = { passed: 0, failed: 1, invalid: 2 } as const;

/** The first line of every output. */
export function verdictOf(
  datasets: readonly DatasetMetrics[],
  gates: readonly GateResult[],
  load: LoadMetrics,
): Metrics['verdict'] {
  const problems = [
    ...datasets.flatMap(problemsOf),
    ...gates.filter(({ status }) => status === 'breached').map(({ text }) => text),
  ];
  const loaded = load.loaded ? loadText(load) : undefined;
  if (problems.length > 0) {
    const text = [...problems, ...(loaded ? [`besides, ${loaded}`] : [])].join('; ');
    return { status: 'failed', text, exitCode: EXIT_CODE.failed };
  }
  if (loaded) return { status: 'invalid', text: loaded, exitCode: load.allowed ? EXIT_CODE.passed : EXIT_CODE.invalid };
  return { status: 'passed', text: passedText(datasets, gates), exitCode: EXIT_CODE.passed };
}

function problemsOf({ id, status, note, required, accuracy }: DatasetMetrics): string[] {
  if (status === 'absent') return required ? [`${id} is absent: ${note}`] : [];
  if (status === 'incomplete') return [`${id} is incomplete: ${note}`];
  return (accuracy?.scans ?? [])
    .filter(
      ({ expected, outcome, reason }) =>
        expected !== null && (outcome !== 'NOT_ANALYSABLE' || reason?.code !== expected),
    )
    .map((scan) => `${id}/${scan.id} must be refused as ${scan.expected} and was ${scan.reason?.code ?? 'analysed'}`);
}

const loadText = ({ otherPeak, cores }: LoadMetrics): string =>
  `the machine carried other work (load ${otherPeak.toFixed(1)} beside this run, ${cores} cores): times are upper bounds, accuracy is not touched`;

function passedText(datasets: readonly DatasetMetrics[], gates: readonly GateResult[]): string {
  const count = (status: string) => gates.filter((gate) => gate.status === status).length;
  const skipped = count('skipped') > 0 ? `, ${count('skipped')} skipped` : '';
  const absent = datasets.filter(({ status }) => status === 'absent').map(({ id }) => id);
  const left = absent.length > 0 ? `; not on this machine: ${absent.join(', ')}` : '';
  if (gates.length === 0) return `measured; no gate was set${left}`;
  return `${count('held')} of ${gates.length} gates hold${skipped}${left}`;
}
