import { beforeAll, describe, expect, it } from 'vitest';
import { compareRuns } from '../../services/bench/compare-runs.ts';
import { judgeGates, parseGate } from '../../services/bench/gates.ts';
import type { Metrics } from '../../services/bench/metrics.ts';
import { benchFolder, luna16Lists, run, writeLuna16 } from './bench-folder.ts';

const OPTIONS = { samples: 300, seed: 1 };
const runs: { good?: Metrics; poor?: Metrics } = {};

async function measure(skill: number): Promise<Metrics> {
  const folder = benchFolder();
  return await run(writeLuna16(folder, luna16Lists(skill)), { detections: folder.path('marks.csv') });
}

function both() {
  const { good, poor } = runs;
  if (!good || !poor) throw new Error('not measured');
  return { good, poor };
}

const measured = (metrics: Metrics) => ({ ...metrics, machineClass: metrics.environment.machineClass });
const judge = (gate: string, before: Metrics, after: Metrics) =>
  judgeGates([parseGate(gate)], measured(after), { reference: measured(before) })[0];

beforeAll(async () => {
  runs.good = await measure(0.95);
  runs.poor = await measure(0.4);
});

describe('two runs on the same truth', () => {
  it('differ by what they differ, with interval and probability', () => {
    const { good, poor } = both();
    const cpm = compareRuns(poor, good, OPTIONS).differences.find(({ metric }) => metric === 'cpm');
    const value = (metrics: Metrics) => metrics.datasets[0]?.accuracy?.froc?.cpm ?? Number.NaN;
    expect(cpm?.delta).toBeCloseTo(value(good) - value(poor), 12);
    expect(cpm?.low).toBeGreaterThan(0);
    expect(cpm?.p).toBeLessThan(0.05);
    const itself = compareRuns(good, good, OPTIONS).differences.find(({ metric }) => metric === 'cpm');
    expect(itself).toMatchObject({ delta: 0, low: 0, high: 0, p: 1 });
  });

  it('gates judge the change', () => {
    const { good, poor } = both();
    expect(judge('cpm:-0.01', poor, good)?.status).toBe('held');
    expect(judge('cpm:-0.01', good, poor)?.status).toBe('breached');
    expect(judge('cpm:-0.99', good, poor)?.status).toBe('held');
    expect(judge('cpm:0', good, good)?.status).toBe('held');
    expect(judge('sens@1:-0.01', good, poor)?.text).toContain('sensitivity at 1 false marks per scan of luna');
  });

  it('a gate on what was not measured is not held', () => {
    const { good } = both();
    expect(judge('auroc:-0.01', good, good)?.status).toBe('held');
    expect(judge('ap@0.1:-0.01', good, good)?.status).toBe('breached');
    expect(judge('p95:+10%', good, good)).toMatchObject({ status: 'breached', value: null });
  });

  it('times of a loaded machine or of another one are not judged', () => {
    const { good } = both();
    const loaded = { ...good, load: { ...good.load, loaded: true } };
    expect(judge('p95:+10%', loaded, good)).toMatchObject({
      status: 'skipped',
      text: expect.stringContaining('loaded machine'),
    });
    const elsewhere = { ...good, environment: { ...good.environment, machineClass: 'another' } };
    expect(judge('p95:+10%', elsewhere, good)?.text).toContain('another machine');
  });

  it('other truth or other rules cannot be compared', async () => {
    const { good } = both();
    const folder = benchFolder();
    const other = await run(writeLuna16(folder, luna16Lists(0.9, 77)), { detections: folder.path('marks.csv') });
    expect(() => compareRuns(good, other, OPTIONS)).toThrow(expect.objectContaining({ code: 'RUNS_NOT_COMPARABLE' }));
    const empty = { ...good, datasets: [] };
    expect(() => compareRuns(empty, good, OPTIONS)).toThrow(expect.objectContaining({ code: 'RUNS_NOT_COMPARABLE' }));
  });

  it('a run with a baseline shows the difference first', async () => {
    const folder = benchFolder();
    const file = writeLuna16(folder, luna16Lists(0.4), [{ metric: 'cpm', maxDrop: 0.01 }]);
    folder.write('good.json', both().good);
    const metrics = await run(file, { detections: folder.path('marks.csv'), baseline: folder.path('good.json') });
    expect(metrics.verdict).toMatchObject({ status: 'failed', exitCode: 1 });
    expect(metrics.baseline?.differences.find(({ metric }) => metric === 'cpm')?.delta).toBeLessThan(0);
    expect(folder.read('out/report.html').includes('CPM against baseline')).toBe(true);
    expect(folder.read('out/report.html').includes('dashed: baseline')).toBe(true);
    await expect(run(file, { baseline: folder.path('bench.yaml') })).rejects.toMatchObject({ code: 'BENCH_INVALID' });
  });
});

describe('gates on the command line', () => {
  it.each([
    ['cpm:-0.01', { metric: 'cpm', maxDrop: 0.01 }],
    ['sens@0.5:-0.02', { metric: 'sens@0.5', maxDrop: 0.02 }],
    ['ece:+0.02', { metric: 'ece', maxRise: 0.02 }],
    ['p95:+10%', { metric: 'p95', maxRisePercent: 10 }],
  ])('%s is understood', (text, gate) => expect(parseGate(text)).toEqual(gate));

  it.each(['cpm', 'cpm:0.01', 'ece:-0.1', 'quality:-1', 'cpm:-1%', 'p95:fast'])(
    '%s is refused, with what to write',
    (text) => expect(() => parseGate(text)).toThrow(expect.objectContaining({ code: 'BENCH_INVALID' })),
  );
});

it('a report without data sets that could be absent fails a gate, one with optional ones skips it', () => {
  const { good } = both();
  const [dataset] = good.datasets;
  const absent = (required: boolean) => ({
    ...measured(good),
    datasets: dataset ? [{ ...dataset, status: 'absent' as const, required, accuracy: null }] : [],
  });
  const gate = { metric: 'cpm', min: 0.5 };
  expect(judgeGates([gate], absent(false))[0]?.status).toBe('skipped');
  expect(judgeGates([gate], absent(true))[0]?.status).toBe('breached');
  expect(judgeGates([{ ...gate, dataset: 'luna' }], absent(false))[0]?.status).toBe('skipped');
  expect(judgeGates([{ ...gate, dataset: 'moon' }], absent(false))[0]?.status).toBe('breached');
});
