import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BenchScan } from '../../services/bench/dataset.ts';
import { loadDataset } from '../../services/bench/load-dataset.ts';
import { readScanFiles } from '../../services/bench/scan-files.ts';
import { checkTruth, faceDistanceVoxels, gridPoint, seriesGrid } from '../../services/bench/series-grid.ts';
import { hasSharedData } from '../support/programs.ts';
import { writeSyntheticSeries } from '../support/synthetic-series.ts';
import { benchFolder } from './bench-folder.ts';

const ABOUT = { schemaVersion: '1.0', title: 'A set', kind: 'synthetic', license: 'none', split: 'test' } as const;
const SMALL = { slices: 6, rows: 32, columns: 32, spacingMm: 5, sliceSpacingMm: 2.5 } as const;

/** A folder with two small scans and a data set file that tells of them. */
function twoScans(change: object = {}) {
  const folder = benchFolder();
  const series = ['a', 'b'].map((name) => writeSyntheticSeries(folder.path(name), { ...SMALL, seed: name }));
  const scans = ['a', 'b'].map((id, at) => ({
    id,
    folder: id,
    SeriesInstanceUID: series[at]?.SeriesInstanceUID,
    lesions: [{ centerMm: [0, 0, 0], diameterMm: 5 }],
  }));
  const file = (source: object = { format: 'inline', scans }, more: object = change) =>
    folder.write('set.yaml', { ...ABOUT, id: 'set', source, ...more });
  return { ...folder, scans, file };
}

const first = async (file: string) => (await loadDataset(file)).scans[0] as BenchScan;

describe('a data set that is not whole', () => {
  it('absent as a whole is absent; a part is incomplete', async () => {
    const { file, path } = twoScans();
    expect((await loadDataset(file())).scans).toHaveLength(2);
    rmSync(path('b'), { recursive: true });
    await expect(loadDataset(file())).rejects.toMatchObject({
      code: 'BENCH_DATA_INCOMPLETE',
      message: expect.stringContaining('1 of 2 scans'),
    });
    rmSync(path('a'), { recursive: true });
    await expect(loadDataset(file())).rejects.toMatchObject({ code: 'BENCH_DATA_ABSENT' });
    await expect(loadDataset(file(undefined, { root: 'nowhere' }))).rejects.toMatchObject({
      code: 'BENCH_DATA_ABSENT',
    });
  });

  it('one changed or lost image is another scan: its hash tells', async () => {
    const { file, scans, path } = twoScans();
    const { sha256 } = await readScanFiles(await first(file()));
    const pinned = () => file({ format: 'inline', scans: [{ ...scans[0], sha256 }] });
    expect((await readScanFiles(await first(pinned()))).sha256).toBe(sha256);
    cpSync(path('a/0001.dcm'), path('a/renamed.dcm'));
    rmSync(path('a/0001.dcm'));
    expect((await readScanFiles(await first(pinned()))).sha256).toBe(sha256); // names do not matter
    rmSync(path('a/renamed.dcm'));
    await expect(readScanFiles(await first(pinned()))).rejects.toMatchObject({ code: 'BENCH_DATA_INCOMPLETE' });
  });

  it('a cut image is named; other files are passed over', async () => {
    const { file, path, write } = twoScans();
    write('a/notes.txt', 'not an image');
    expect((await readScanFiles(await first(file()))).headers).toHaveLength(6);
    const image = path('a/0003.dcm');
    writeFileSync(image, readFileSync(image).subarray(0, 400));
    await expect(readScanFiles(await first(file()))).rejects.toMatchObject({
      code: 'BENCH_DATA_INCOMPLETE',
      message: expect.stringContaining('0003.dcm'),
    });
  });

  it('a folder without images, and a series that is not in it', async () => {
    const { file, path, scans } = twoScans();
    for (const name of readdirSync(path('a'))) rmSync(join(path('a'), name));
    await expect(readScanFiles(await first(file()))).rejects.toMatchObject({ code: 'BENCH_DATA_INCOMPLETE' });
    const other = file({ format: 'inline', scans: [{ ...scans[1], SeriesInstanceUID: '1.2.3' }] });
    await expect(readScanFiles(await first(other))).rejects.toMatchObject({ code: 'TRUTH_INVALID' });
  });
});

describe('truth', () => {
  it('must lie in its images, give or take a radius', async () => {
    const { file, scans } = twoScans();
    const check = async (centerMm: readonly number[], diameterMm = 5) => {
      const scan = await first(
        file({ format: 'inline', scans: [{ ...scans[0], lesions: [{ centerMm, diameterMm }] }] }),
      );
      const grid = seriesGrid((await readScanFiles(scan)).headers);
      if (grid) checkTruth(grid, scan.truth);
    };
    await check([79, 79, 6]);
    await check([0, 0, 9], 5); // 1.5 mm beyond the last slice, within its radius
    // RAS instead of LPS, another frame, voxels instead of millimetres: all land outside.
    for (const center of [
      [0, 0, 60],
      [0, 400, 0],
      [-140, 0, 0],
    ])
      await expect(check(center)).rejects.toMatchObject({
        code: 'TRUTH_INVALID',
        message: expect.stringContaining('lesion 1'),
      });
  });

  it('places points in columns, rows and slices', async () => {
    const { file } = twoScans();
    const grid = seriesGrid((await readScanFiles(await first(file()))).headers);
    if (!grid) throw new Error('no grid');
    // 32 columns of 5 mm around 0, six slices of 2.5 mm around 0.
    expect(gridPoint(grid, [0, 0, 0])).toMatchObject({ column: 15.5, row: 15.5, slice: 2.5 });
    expect(gridPoint(grid, [-77.5, 77.5, 6.25])).toMatchObject({ column: 0, row: 31, slice: 5 });
    expect(faceDistanceVoxels(grid, [-77.5, 0, 0])).toBeCloseTo(0.5, 9);
    expect(faceDistanceVoxels(grid, [0, 0, -6.25 - 2.5])).toBeCloseTo(-0.5, 9);
  });

  it.each([
    ['a lesion without size', { centerMm: [0, 0, 0] }],
    ['a lesion without place', { diameterMm: 5 }],
    ['a diameter of 0', { centerMm: [0, 0, 0], diameterMm: 0 }],
    ['a place that is no number', { centerMm: [0, 0, null], diameterMm: 5 }],
    ['an unknown key', { centerMm: [0, 0, 0], diameterMm: 5, radius: 2 }],
  ])('%s is refused with its key', async (_what, lesion) => {
    const { file, scans } = twoScans();
    const source = { format: 'inline', scans: [{ ...scans[0], lesions: [lesion] }] };
    await expect(loadDataset(file(source))).rejects.toMatchObject({
      code: 'BENCH_INVALID',
      message: expect.stringContaining('lesions'),
    });
  });

  it('two scans or two lesions of one name are refused', async () => {
    const { file, scans } = twoScans();
    await expect(loadDataset(file({ format: 'inline', scans: [scans[0], scans[0]] }))).rejects.toMatchObject({
      code: 'TRUTH_INVALID',
    });
    const lesion = { id: 'x', centerMm: [0, 0, 0], diameterMm: 5 };
    const twice = { format: 'inline', scans: [{ ...scans[0], lesions: [lesion, lesion] }] };
    await expect(loadDataset(file(twice))).rejects.toMatchObject({ code: 'TRUTH_INVALID' });
  });

  it('no scans, a wrong rule, and a file that is no YAML', async () => {
    const { file, write } = twoScans();
    await expect(loadDataset(file({ format: 'inline', scans: [] }))).rejects.toMatchObject({ code: 'BENCH_INVALID' });
    await expect(loadDataset(file(undefined, { hitRule: 'nearby' }))).rejects.toMatchObject({
      message: expect.stringContaining('hitRule'),
    });
    await expect(loadDataset(write('set.yaml', 'id: [1, 2'))).rejects.toMatchObject({
      message: expect.stringContaining('not YAML'),
    });
    await expect(loadDataset('/nowhere.yaml')).rejects.toMatchObject({ code: 'BENCH_INVALID' });
  });

  it('a mask is read bit by bit, highest first, x fastest', async () => {
    const { file, scans, path } = twoScans();
    // 4 x 2 x 1 voxels of 2 mm from (10, 20, 30): bits 1000 0010.
    writeFileSync(path('mask.bin'), Buffer.of(0b10000010));
    const mask = { file: 'mask.bin', sizeVoxels: [4, 2, 1], originMm: [10, 20, 30], spacingMm: [2, 2, 2] };
    const source = (more: object) => ({
      format: 'inline',
      scans: [{ ...scans[0], lesions: [{ centerMm: [0, 0, 0], mask: { ...mask, ...more } }] }],
    });
    const [lesion] = (await first(file(source({})))).truth.lesions;
    const inside = (x: number, y: number, z: number) => lesion?.mask?.contains([x, y, z]);
    expect([
      inside(10, 20, 30),
      inside(10.9, 20.9, 30.9),
      inside(12, 20, 30),
      inside(14, 22, 30),
      inside(16, 22, 30),
      inside(6, 20, 30),
    ]).toEqual([true, true, false, true, false, false]);
    await expect(loadDataset(file(source({ sizeVoxels: [8, 2, 1] })))).rejects.toMatchObject({
      code: 'BENCH_DATA_INCOMPLETE',
    });
    await expect(loadDataset(file(source({ file: 'lost.bin' })))).rejects.toMatchObject({
      code: 'BENCH_DATA_INCOMPLETE',
    });
  });

  it('rules and truth make the digest, the place of the images does not', async () => {
    const { file, scans } = twoScans();
    const { digest } = await loadDataset(file());
    const moved = scans.map((scan) => ({ ...scan, folder: `./${scan.folder}` }));
    expect((await loadDataset(file({ format: 'inline', scans: moved }))).digest).toBe(digest);
    expect((await loadDataset(file(), { hitRule: 'iou@0.1' })).digest).not.toBe(digest);
    const other = scans.map((scan) => ({ ...scan, lesions: [{ centerMm: [0, 0, 1], diameterMm: 5 }] }));
    expect((await loadDataset(file({ format: 'inline', scans: other }))).digest).not.toBe(digest);
  });
});

it('scans of one phantom patient are drawn together, and what is too small is left out', async () => {
  const { file, write } = twoScans();
  const truth = (more: object) => JSON.stringify({ SeriesInstanceUID: '1.2.3', nodules: [], ...more });
  write('a/ground-truth.json', truth({ patient: 'test-0007' }));
  const small = { id: 1, centerMm: [0, 0, 0], diameterMm: 2.9, kind: 'solid' };
  write('b/ground-truth.json', truth({ nodules: [small, { ...small, id: 2, diameterMm: 3 }] }));
  const { scans } = await loadDataset(file({ format: 'phantom', folders: ['a', 'b'] }));
  expect(scans.map(({ group }) => group)).toEqual(['test-0007', 'b']);
  expect(scans[1]?.truth.lesions.map(({ included }) => included)).toEqual([false, true]);
});

describe('the data sets of the repository', () => {
  const DATASETS = join(import.meta.dirname, '../../benchmarks/datasets');

  it('chest-phantom has its nine nodules with their kinds and sites', async () => {
    const { scans } = await loadDataset(join(DATASETS, 'chest-phantom.yaml'));
    const lesions = scans.flatMap(({ truth }) => truth.lesions);
    expect(lesions).toHaveLength(9);
    expect(lesions.every(({ included, strata }) => included && strata.density && strata.site && strata.thickness)).toBe(
      true,
    );
  });

  it.skipIf(!hasSharedData)(
    'ct-development has its lesions, boxes and irrelevant findings (needs ../shared/data)',
    async () => {
      const { scans } = await loadDataset(join(DATASETS, 'ct-development.yaml'));
      const count = ({ truth }: BenchScan) => [
        truth.lesions.filter(({ included }) => included).length,
        truth.lesions.filter(({ included }) => !included).length,
      ];
      expect(Object.fromEntries(scans.map((scan) => [scan.id, count(scan)]))).toEqual({
        'lidc-0063': [2, 26],
        'nlst-101287': [1, 0],
        'lung-dx-a0002': [1, 0],
      });
      expect(scans.find(({ id }) => id === 'lung-dx-a0002')?.expected).toBe('SLICE_TOO_THICK');
      for (const scan of scans) {
        const grid = seriesGrid((await readScanFiles(scan)).headers);
        if (!grid) throw new Error('no grid');
        checkTruth(grid, scan.truth);
      }
    },
  );
});
