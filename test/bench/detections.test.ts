import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scoredScans } from '../../services/bench/compare-runs.ts';
import { Metrics } from '../../services/bench/metrics.ts';
import { cpmOf, frocCurve, frocEvents, sensitivityAt } from '../../services/evaluation/froc.ts';
import { hasProgram } from '../support/programs.ts';
import { benchFolder, luna16Lists, type Row, run, writeLuna16 } from './bench-folder.ts';

const ORACLE = join(import.meta.dirname, '../evaluation/oracle/froc.py');

/** Marks that any system made, judged without a model and without images. */
describe('detections in the form of LUNA16', () => {
  const folder = benchFolder();
  const lists = luna16Lists(0.7);
  const file = writeLuna16(folder, lists, [{ metric: 'cpm', min: 0.1 }]);
  const judge = (more: object = {}) => run(file, { detections: folder.path('marks.csv'), ...more });
  const luna = ({ datasets: [dataset] }: Metrics) => {
    if (!dataset?.accuracy?.froc) throw new Error('nothing was measured');
    return { ...dataset, accuracy: dataset.accuracy, froc: dataset.accuracy.froc };
  };

  it('are judged to the letter of LUNA16, and the report says so', async () => {
    const metrics = await judge();
    const { protocol, accuracy } = luna(metrics);
    expect(protocol).toMatchObject({ luna16: true, deviations: [], rules: { luna16: lists.annotations.length } });
    expect(accuracy.counts).toMatchObject({
      scans: 24,
      lesions: lists.annotations.length,
      excluded: lists.excluded.length,
    });
    expect(metrics.verdict).toMatchObject({ status: 'passed', exitCode: 0 });
    expect(metrics.system).toMatchObject({ kind: 'detections', label: null });
    expect(folder.read('out/report.html').includes('LUNA16 to the letter')).toBe(true);
    // Marks without a diameter have no box and no size.
    expect(accuracy.averagePrecision).toBeNull();
    expect(accuracy.localization?.diameter).toBeNull();
  });

  it('the table of the report follows from the JSON inside it, to 1e-9', async () => {
    await judge();
    const [, json = ''] =
      /<script type="application\/json" id="metrics">(.*?)<\/script>/s.exec(folder.read('out/report.html')) ?? [];
    const embedded = Metrics.parse(JSON.parse(json));
    expect(embedded).toEqual(Metrics.parse(JSON.parse(folder.read('out/metrics.json'))));
    const { froc } = luna(embedded);
    const curve = frocCurve(frocEvents(scoredScans(luna(embedded))));
    if (!curve) throw new Error('no curve');
    expect(froc.rates).toHaveLength(7);
    for (const { fpPerScan, sensitivity } of froc.rates)
      expect(Math.abs(sensitivityAt(curve, fpPerScan) - sensitivity)).toBeLessThan(1e-9);
    expect(Math.abs(cpmOf(curve) - (froc.cpm ?? Number.NaN))).toBeLessThan(1e-9);
  });

  it.skipIf(!hasProgram('python3'))(
    'and from the lists by the independent FROC in Python (needs python3)',
    async () => {
      const { froc, accuracy } = luna(await judge());
      const own = (rows: readonly Row[], uid: string) => rows.filter(({ series }) => series === uid);
      const lesion =
        (included: boolean) =>
        ({ x, y, z, value: d }: Row) => ({ x, y, z, d, included });
      const scans = lists.series.map((uid) => ({
        lesions: [...own(lists.annotations, uid).map(lesion(true)), ...own(lists.excluded, uid).map(lesion(false))],
        marks: own(lists.marks, uid).map(({ x, y, z, value }) => [x, y, z, value]),
      }));
      const input = JSON.stringify([{ scans, rates: froc.rates.map(({ fpPerScan }) => fpPerScan) }]);
      const [answer] = JSON.parse(spawnSync('python3', [ORACLE], { input, encoding: 'utf8' }).stdout);
      expect(accuracy.counts.falseMarks).toBe(answer.falseMarks);
      expect(Math.abs(answer.cpm - (froc.cpm ?? Number.NaN))).toBeLessThan(1e-9);
      for (const [at, { sensitivity }] of froc.rates.entries())
        expect(Math.abs(answer.sensitivity[at] - sensitivity)).toBeLessThan(1e-9);
    },
  );

  it('come out as they went in: the written CSV gives the same numbers', async () => {
    const first = luna(await judge());
    const again = luna(await judge({ detections: folder.path('out/detections.csv'), out: folder.path('again') }));
    expect(again.accuracy).toEqual(first.accuracy);
  });

  it('the seed decides the intervals and nothing else', async () => {
    const [one, same, other] = [
      luna(await judge({ seed: 3 })),
      luna(await judge({ seed: 3 })),
      luna(await judge({ seed: 4 })),
    ];
    expect(same.accuracy).toEqual(one.accuracy);
    expect(other.froc.cpm).toBe(one.froc.cpm);
    expect(other.froc.cpmInterval).not.toEqual(one.froc.cpmInterval);
  });

  it('the report names no address but data of its own', async () => {
    await judge();
    const page = folder.read('out/report.html');
    expect(page.match(/(?:src|href)=["'](?!data:|#)[^"']*/g)).toBeNull();
    expect(page.match(/url\(|@import|https?:\/\/[^"\s]{0,60}/g)).toBeNull();
    expect(page.includes('default-src &#39;none&#39;')).toBe(true);
  });

  it.each([
    ['NaN', '1.2.56.0,1,2,3,NaN', 'MARKS_INVALID', 'line 2: probability is "NaN"'],
    ['nothing', '1.2.56.0,1,2,3,', 'MARKS_INVALID', 'line 2: probability'],
    ['infinity', '1.2.56.0,Infinity,2,3,0.5', 'MARKS_INVALID', 'line 2: coordX'],
  ])('a score of %s is an error with its line, never a number', async (_what, line, code, text) => {
    const detections = folder.write('bad.csv', `seriesuid,coordX,coordY,coordZ,probability\n${line}\n`);
    await expect(judge({ detections })).rejects.toMatchObject({ code, message: expect.stringContaining(text) });
  });

  it('a missing column is named', async () => {
    const detections = folder.write('bad.csv', 'seriesuid,coordX,coordY,coordZ\n');
    await expect(judge({ detections })).rejects.toMatchObject({
      code: 'BENCH_INVALID',
      message: expect.stringContaining('probability'),
    });
  });
});

describe('data sets without lesions, and truth that is none', () => {
  const folder = benchFolder();

  it('no lesion: false marks are counted, sensitivity is not invented, its gate does not hold', async () => {
    const file = writeLuna16(folder, { ...luna16Lists(0.7), annotations: [] }, [{ metric: 'cpm', min: 0 }]);
    const metrics = await run(file, { detections: folder.path('marks.csv') });
    expect(metrics.datasets[0]?.accuracy).toMatchObject({ froc: null, examAuroc: null, localization: null });
    expect(metrics.datasets[0]?.accuracy?.counts.falseMarks).toBeGreaterThan(0);
    expect(metrics.verdict).toMatchObject({
      status: 'failed',
      exitCode: 1,
      text: expect.stringContaining('could not be measured'),
    });
    expect(folder.read('out/report.html').includes('there is no lesion to find')).toBe(true);
  });

  it('a truth that is no number ends the data set, named, and the run fails', async () => {
    const file = writeLuna16(folder, luna16Lists(0.7));
    folder.write('annotations.csv', 'seriesuid,coordX,coordY,coordZ,diameter_mm\n1.2.56.0,1,2,x,5\n');
    const metrics = await run(file, { detections: folder.path('marks.csv') });
    expect(metrics.datasets[0]).toMatchObject({
      status: 'incomplete',
      accuracy: null,
      note: expect.stringContaining('line 2: coordZ'),
    });
    expect(metrics.verdict).toMatchObject({ status: 'failed', exitCode: 1 });
    expect(folder.read('out/junit.xml')).toContain('<failure message="TRUTH_INVALID');
  });

  it('neither model nor detections is an error', async () => {
    const file = writeLuna16(folder, luna16Lists(0.7));
    await expect(run(file, {})).rejects.toMatchObject({ code: 'BENCH_INVALID' });
  });
});
