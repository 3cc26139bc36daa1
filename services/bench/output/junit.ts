import { reasonText } from '../../domain/reason.ts';
import type { DatasetMetrics } from '../accuracy-metrics.ts';
import type { GateResult, Metrics } from '../metrics.ts';

interface TestCase {
  readonly suite: string;
  readonly name: string;
  readonly failure?: string | undefined;
  readonly skipped?: string | undefined;
}

/** The run as a CI server reads test results: a case per gate, per data set, per scan that must be refused, and the machine. */
export function junit(metrics: Metrics): string {
  const cases = [machineCase(metrics), ...metrics.datasets.flatMap(datasetCases), ...metrics.gates.map(gateCase)];
  const suites = Map.groupBy(cases, ({ suite }) => suite);
  const body = [...suites].map(([suite, own]) => suiteXml(suite, own)).join('');
  const { failures, skipped } = totals(cases);
  const counts = `tests="${cases.length}" failures="${failures}" skipped="${skipped}" time="${metrics.seconds.toFixed(1)}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="overread bench" ${counts}>\n${body}</testsuites>\n`;
}

function suiteXml(name: string, cases: readonly TestCase[]): string {
  const { failures, skipped } = totals(cases);
  const lines = cases.map(({ name: title, failure, skipped: why }) => {
    const inner =
      failure !== undefined
        ? `<failure message="${xml(failure)}"/>`
        : why !== undefined
          ? `<skipped message="${xml(why)}"/>`
          : '';
    return `    <testcase classname="${xml(name)}" name="${xml(title)}">${inner}</testcase>\n`;
  });
  const counts = `tests="${cases.length}" failures="${failures}" skipped="${skipped}"`;
  return `  <testsuite name="${xml(name)}" ${counts}>\n${lines.join('')}  </testsuite>\n`;
}

const totals = (cases: readonly TestCase[]) => ({
  failures: cases.filter(({ failure }) => failure !== undefined).length,
  skipped: cases.filter(({ skipped }) => skipped !== undefined).length,
});

function machineCase({ load, verdict }: Metrics): TestCase {
  const about = { suite: 'machine', name: 'carries no other work' };
  if (!load.loaded) return about;
  const text = verdict.status === 'invalid' ? verdict.text : `load ${load.otherPeak.toFixed(1)} on ${load.cores} cores`;
  return load.allowed ? { ...about, skipped: text } : { ...about, failure: text };
}

function datasetCases({ id, status, note, required, accuracy }: DatasetMetrics): TestCase[] {
  const present = { suite: `data set ${id}`, name: 'is here and whole' };
  if (status === 'absent') return [{ ...present, ...(required ? { failure: note ?? '' } : { skipped: note ?? '' }) }];
  if (status === 'incomplete') return [{ ...present, failure: note ?? '' }];
  const expected = (accuracy?.scans ?? []).filter((scan) => scan.expected !== null);
  return [
    present,
    ...expected.map((scan) => {
      const about = { suite: present.suite, name: `${scan.id} is refused as ${scan.expected}` };
      if (scan.outcome === 'NOT_ANALYSABLE' && scan.reason?.code === scan.expected) return about;
      return { ...about, failure: scan.reason ? reasonText(scan.reason) : 'it was analysed' };
    }),
  ];
}

function gateCase({ gate, dataset, status, text }: GateResult): TestCase {
  const about = { suite: 'gates', name: dataset === null ? gate.metric : `${gate.metric} of ${dataset}` };
  if (status === 'held') return about;
  return status === 'skipped' ? { ...about, skipped: text } : { ...about, failure: text };
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Characters that XML 1.0 does not have are dropped. */
const xml = (text: string): string =>
  [...text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '')]
    .filter((character) => character >= ' ' || character === '\n' || character === '\t')
    .join('');
