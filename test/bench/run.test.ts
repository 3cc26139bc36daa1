import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Metrics } from '../../services/bench/metrics.ts';
import { type SyntheticSeriesOptions, writeSyntheticSeries } from '../support/synthetic-series.ts';
import { benchFolder, QUIET, run } from './bench-folder.ts';

const MODEL = join(import.meta.dirname, '../../models/blob-log-ct');
const PATIENT = { timeout: 300_000 };

/** As small as lungs may be: an analysis takes about 1.5 CPU seconds. */
const SMALL = { rows: 72, columns: 72, slices: 40 } as const;
/** Scans of balls that the floor finds; the right lung of `b` is empty. */
const SCANS: Readonly<Record<string, SyntheticSeriesOptions>> = {
  a: { ...SMALL, seed: 'bench-a' },
  b: { ...SMALL, seed: 'bench-b', nodules: [{ center: [40, 0, 0], diameterMm: 12 }] },
};

/** The scans in folders, thin and again with a missing slice, and a data set that names both. */
function synthetic() {
  const folder = benchFolder();
  const scans = Object.entries(SCANS).map(([id, options]) => {
    const series = writeSyntheticSeries(folder.path(join('thin', id)), options);
    writeSyntheticSeries(folder.path(join('gap', id)), { ...options, ...(id === 'b' ? { missingSlice: 20 } : {}) });
    const lesions = series.nodules.map(({ center, diameterMm }) => ({
      centerMm: center,
      diameterMm,
      strata: { site: center[0] < 0 ? 'right' : 'left' },
    }));
    return { id, folder: id, SeriesInstanceUID: series.SeriesInstanceUID, lesions };
  });
  const set = (more: object = {}, change: (scan: (typeof scans)[number]) => object = (scan) => scan) =>
    folder.write('set.yaml', {
      ...{
        schemaVersion: '1.0',
        id: 'balls',
        title: 'Balls in a thorax',
        kind: 'synthetic',
        license: 'none',
        split: 'test',
        root: 'thin',
      },
      source: { format: 'inline', scans: scans.map(change) },
      ...more,
    });
  const bench = (more: object = {}) =>
    folder.write('bench.yaml', {
      schemaVersion: '1.0',
      model: 'blob-log-ct',
      datasets: [{ file: 'set.yaml' }],
      accuracy: { bootstraps: 100, gallery: 3 },
      ...more,
    });
  return { ...folder, scans, set, bench };
}

describe('a whole run with the analyzer that ships', PATIENT, () => {
  it('measures accuracy, robustness and speed, and writes all of it', async () => {
    const { set, bench, read } = synthetic();
    const variants = [
      { id: 'gap', axis: 'missing slice', value: 'one of 40', root: 'gap' },
      { id: 'none', axis: 'dose', value: 'half', root: 'half' },
    ];
    set({ variants }, (scan) => ({
      ...scan,
      lesions: [...scan.lesions, { id: 'bone', centerMm: [0, 80, 0], diameterMm: 30, included: false }],
    }));
    const file = bench({
      speed: {
        dataset: 'balls',
        scans: ['b'],
        singleStream: { seconds: 0.1, warmup: 1 },
        offline: { repeats: 2 },
        server: { boundSeconds: 120, arrivals: 2, trials: 1 },
        matrix: {
          providers: ['cpu', 'tensorrt'],
          precisions: ['fp32', 'int8'],
          threads: [1],
          batches: [1, 2],
          runs: 1,
        },
      },
      gates: [
        { metric: 'found', dataset: 'balls', min: 3 },
        { metric: 'centerMm', max: 1 },
        { metric: 'parity', max: 0.001 },
        { metric: 'p95', max: 250 },
      ],
    });
    const metrics = await run(file, { pricePerHour: 3.6 });
    expect(metrics.verdict).toMatchObject({ status: 'passed', exitCode: 0 });
    expect(Metrics.parse(JSON.parse(read('out/metrics.json')))).toEqual(metrics);

    const [dataset] = metrics.datasets;
    expect(dataset?.accuracy?.froc?.rates.map(({ sensitivity }) => sensitivity)).toEqual([1, 1, 1, 1, 1, 1, 1]);
    expect(dataset?.accuracy?.counts).toMatchObject({ scans: 2, analysed: 2, lesions: 3, excluded: 2, failed: 0 });
    expect(dataset?.accuracy?.strata.find(({ value }) => value === 'left')).toMatchObject({
      lesions: 2,
      sensitivity: 1,
    });
    expect(dataset?.accuracy?.scans[0]?.imagesSha256).toMatch(/^[0-9a-f]{64}$/);
    // A scan with a gap is refused, so its lesion is missed: the gate costs sensitivity and shows.
    expect(dataset?.robustness[0]).toMatchObject({ status: 'measured', scans: 2, refused: 1 });
    expect(dataset?.robustness[0]?.cpm).toBeCloseTo(2 / 3, 9);
    expect(dataset?.robustness[0]?.delta?.delta).toBeCloseTo(-1 / 3, 9);
    expect(dataset?.robustness[1]).toMatchObject({ status: 'absent', cpm: null });

    const { speed } = metrics;
    expect(speed).toMatchObject({ studies: 1, images: 40, provider: 'cpu' });
    expect(speed?.singleStream?.endToEnd.count).toBe(1);
    expect(speed?.singleStream?.endToEnd.min).toBeGreaterThan(speed?.singleStream?.graph.min ?? Number.NaN);
    expect(speed?.singleStream?.peakRssMb).toBeGreaterThan(100);
    expect(speed?.singleStream?.cpuSecondsPerStudy).toBeGreaterThan(0.1);
    const { other = 0, ...stages } = speed?.singleStream?.stages ?? {};
    const total = Object.values(stages).reduce((sum, seconds) => sum + seconds, other);
    expect(total).toBeCloseTo(speed?.singleStream?.endToEnd.mean ?? Number.NaN, 1);
    expect(speed?.offline?.studies).toBe(2);
    expect(speed?.costPer1000Studies).toBeCloseTo(3600 / (speed?.offline?.studiesPerHour ?? Number.NaN), 6);
    expect(speed?.server?.trials).toHaveLength(1);
    const cells = speed?.matrix.map(({ provider, precision, batch, status, ran }) =>
      [provider, precision, batch, status, ran].join(' '),
    );
    expect(cells?.toSorted()).toEqual([
      'cpu fp32 1 measured cpu',
      'cpu fp32 2 skipped ',
      'cpu int8 1 skipped ',
      'cpu int8 2 skipped ',
      'tensorrt fp32 1 skipped ',
      'tensorrt fp32 2 skipped ',
      'tensorrt int8 1 skipped ',
      'tensorrt int8 2 skipped ',
    ]);
    expect(speed?.matrix.find(({ provider }) => provider === 'tensorrt')?.note).toContain('cpu ran instead');
    expect(speed?.matrix.find(({ precision }) => precision === 'int8')?.note).toContain('no int8 artifact');

    const csv = read('out/detections.csv').trim().split('\n');
    expect(csv[0]).toBe('seriesuid,coordX,coordY,coordZ,probability,diameter_mm');
    expect(csv.length - 1).toBe(dataset?.accuracy?.counts.marks);
    expect(read('out/junit.xml')).toMatch(/tests="6" failures="0" skipped="0"/);
    const page = read('out/report.html');
    expect(page.match(/data:image\/png;base64,iVBOR/g)?.length).toBe(
      dataset?.accuracy?.counts.falseMarks === 0 ? undefined : Math.min(3, dataset?.accuracy?.counts.falseMarks ?? 0),
    );
    expect(page.includes('Where the time goes')).toBe(true);
  });

  it('without the lung mask a model reads a volume that holds no lung', async () => {
    const { set, bench } = synthetic();
    const water = { seed: 'water', rows: 50, columns: 50, slices: 50, spacingMm: 1, sliceSpacingMm: 1 } as const;
    const folder = benchFolder();
    const nodules = [{ center: [0, 0, 0], diameterMm: 9 }] as const;
    const { SeriesInstanceUID } = writeSyntheticSeries(folder.path('cube'), { ...water, nodules });
    const scan = { id: 'cube', folder: 'cube', SeriesInstanceUID, lesions: [{ centerMm: [0, 0, 0], diameterMm: 9 }] };
    const cubes = {
      root: folder.root,
      kind: 'real-cubes',
      unit: 'cube',
      rates: [0.1, 0.25, 0.5, 1],
      faceMarginVoxels: 1,
      source: { format: 'inline', scans: [scan] },
    };
    set({ ...cubes, lungMask: true });
    const refused = await run(bench(), {});
    expect(refused.datasets[0]?.accuracy?.scans[0]?.reason?.code).toBe('LUNG_NOT_FOUND');
    set({ ...cubes, lungMask: false });
    const [dataset] = (await run(bench(), {})).datasets;
    expect(dataset?.accuracy?.scans[0]?.outcome).toBe('ANALYSED');
    expect(dataset?.accuracy?.froc?.cpm).toBeNull(); // not LUNA16's rates, so not its number
    expect(dataset?.protocol?.deviations).toContain('the model ran without its lung mask');
    expect(dataset?.accuracy?.froc?.rates.map(({ fpPerScan }) => fpPerScan)).toEqual([0.1, 0.25, 0.5, 1]);
  });
});

describe('what must not become a number', PATIENT, () => {
  it('an analysis that dies: the data set is incomplete, the run fails', async () => {
    const { set, bench, read } = synthetic();
    set();
    const metrics = await run(bench({ gates: [{ metric: 'cpm', min: 0 }] }), { memoryMb: 60 });
    expect(metrics.datasets[0]).toMatchObject({ status: 'incomplete', note: expect.stringContaining('a, b failed') });
    expect(metrics.datasets[0]?.accuracy).toMatchObject({
      froc: null,
      averagePrecision: null,
      operatingPoints: [],
      counts: { failed: 2 },
    });
    expect(metrics.verdict).toMatchObject({ status: 'failed', exitCode: 1 });
    expect(read('out/junit.xml')).toContain('failed"');
  });

  it('truth outside the images, images that are not there', async () => {
    const { set, bench } = synthetic();
    set({}, (scan) => ({ ...scan, lesions: [{ centerMm: [0, 900, 0], diameterMm: 5 }] }));
    const outside = await run(bench(), {});
    expect(outside.datasets[0]).toMatchObject({
      status: 'incomplete',
      note: expect.stringContaining('TRUTH_INVALID'),
      accuracy: null,
    });
    set({ root: 'nowhere' });
    const said: string[] = [];
    const absent = await run(bench(), { said });
    expect(absent.verdict).toMatchObject({ status: 'failed', exitCode: 1, text: expect.stringContaining('absent') });
    expect(said.join('\n')).toContain('balls SKIPPED: BENCH_DATA_ABSENT');
    const optional = await run(
      bench({ datasets: [{ file: 'set.yaml', required: false }], gates: [{ metric: 'cpm', min: 0.9 }] }),
      {},
    );
    expect(optional.verdict).toMatchObject({
      status: 'passed',
      text: expect.stringContaining('not on this machine: balls'),
    });
    expect(optional.gates[0]?.status).toBe('skipped');
  });

  it('a scan that must be refused and is not, and one that is', async () => {
    const { set, bench, scans } = synthetic();
    const only = (folder: string, expect: object) =>
      set({ root: folder, source: { format: 'inline', scans: [{ ...scans[1], expect }] } });
    only('gap', { reason: 'MISSING_SLICES' });
    const refused = await run(bench(), {});
    expect(refused.verdict.status).toBe('passed');
    expect(refused.datasets[0]?.accuracy).toMatchObject({
      froc: null,
      counts: { scans: 0, lesions: 0, refusedAsExpected: 1 },
    });
    only('thin', { reason: 'MISSING_SLICES' });
    const read = await run(bench(), {});
    expect(read.verdict).toMatchObject({
      status: 'failed',
      text: expect.stringContaining('must be refused as MISSING_SLICES and was analysed'),
    });
  });

  it('a loaded machine makes the run invalid, in every output', async () => {
    const { set, bench, read, scans } = synthetic();
    set({ source: { format: 'inline', scans: [scans[1]] } });
    const loaded = { cores: 2, loadAverage: () => 7.5 };
    const file = bench({ gates: [{ metric: 'found', min: 1 }] });
    const metrics = await run(file, { probe: loaded });
    expect(metrics.verdict).toMatchObject({
      status: 'invalid',
      exitCode: 2,
      text: expect.stringContaining('load 7.5'),
    });
    expect(metrics.gates[0]?.status).toBe('held'); // accuracy does not depend on the load
    expect(read('out/report.html').includes('<b>INVALID</b>')).toBe(true);
    expect(read('out/junit.xml')).toContain('<failure message="the machine carried other work');
    const allowed = await run(file, { probe: loaded, allowLoaded: true });
    expect(allowed.verdict).toMatchObject({ status: 'invalid', exitCode: 0 });
    expect(read('out/junit.xml')).toContain('<skipped message="the machine carried other work');
  });

  it('a model that is disabled is an error before anything is read', async () => {
    const { set, bench, path } = synthetic();
    set();
    cpSync(MODEL, path('models/blob-log-ct'), { recursive: true });
    const graph = path('models/blob-log-ct/model.fp32.onnx');
    writeFileSync(graph, Buffer.concat([readFileSync(graph), Buffer.of(0)]));
    await expect(run(bench({ model: './models/blob-log-ct' }), {})).rejects.toMatchObject({ code: 'MODEL_INVALID' });
    await expect(run(bench({ model: 'no-such' }), {})).rejects.toMatchObject({ code: 'MODEL_INVALID' });
    const flat = join(import.meta.dirname, '../detection/families/yolo-v8');
    await expect(run(bench({ model: flat }), {})).rejects.toMatchObject({
      code: 'BENCH_INVALID',
      message: expect.stringContaining('reads single images'),
    });
  });

  it('a bench file with an unknown key, metric or data set is refused first', async () => {
    const { set, bench } = synthetic();
    set();
    await expect(run(bench({ treshold: 1 }), {})).rejects.toMatchObject({
      code: 'BENCH_INVALID',
      message: expect.stringContaining('treshold'),
    });
    await expect(run(bench({ gates: [{ metric: 'quality', min: 1 }] }), {})).rejects.toMatchObject({
      code: 'BENCH_INVALID',
    });
    const speed = { dataset: 'other', offline: {} };
    await expect(run(bench({ speed }), { only: 'speed', probe: QUIET })).rejects.toMatchObject({
      message: expect.stringContaining('other'),
    });
  });
});
