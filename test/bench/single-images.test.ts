import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Metrics } from '../../services/bench/metrics.ts';
import { discFrame, type Golden } from '../detection/families/family-fixture.ts';
import { frameFile } from '../imaging/frame-file.ts';
import { type Element, syntheticUid } from '../support/dicom-bytes.ts';
import { benchFolder, run } from './bench-folder.ts';

const MODEL = join(import.meta.dirname, '../detection/families/yolo-v8');
const BOXES = 'image,left,top,right,bottom,view';

type Corners = readonly [left: number, top: number, right: number, bottom: number];

/** Radiographs with the discs that a YOLO of ours finds, and without; what is on them is known to the pixel. */
function radiographs() {
  const folder = benchFolder();
  const golden: Golden = JSON.parse(readFileSync(join(MODEL, 'golden.json'), 'utf8'));
  if (!golden.frame) throw new Error('no frame');
  const { columns, rows, background } = golden.frame;
  const film = (name: string, spots: NonNullable<Golden['frame']>['spots']) => {
    const { pixels } = discFrame({ columns, rows, background, spots });
    const own: Element[] = [
      [0x00080018, 'UI', syntheticUid(`bench ${name}`)],
      [0x0020000e, 'UI', syntheticUid(`bench series of ${name}`)],
    ];
    const { file } = frameFile({ columns, rows, stored: pixels.map(Math.round) }, own);
    mkdirSync(dirname(folder.path(name)), { recursive: true });
    cpSync(file, folder.path(name));
  };
  film('images/discs.dcm', golden.frame.spots);
  film('images/empty.dcm', []);
  const boxes = golden.findings.map(({ region = [] }) => region as unknown as Corners);
  return { ...folder, film, spots: golden.frame.spots, boxes };
}

const line = (image: string, box: readonly number[] | undefined, view = 'PA') =>
  [image, ...(box ?? ['', '', '', '']), view].join(',');

function filesOf({ write }: ReturnType<typeof benchFolder>, more: object = {}, bench: object = {}): string {
  const about = {
    schemaVersion: '1.0',
    id: 'films',
    title: 'Films',
    kind: 'synthetic',
    license: 'none',
    split: 'test',
  };
  const source = { format: 'image-boxes', boxes: 'boxes.csv' };
  write('set.yaml', { ...about, marksOn: 'images', unit: 'image', source, ...more });
  return write('bench.yaml', {
    schemaVersion: '1.0',
    model: MODEL,
    datasets: [{ file: 'set.yaml' }],
    accuracy: { bootstraps: 100, gallery: 3 },
    ...bench,
  });
}

const filmsOf = ({ datasets: [films] }: Metrics) => {
  if (!films?.accuracy) throw new Error(`nothing was measured: ${films?.note}`);
  return { ...films, accuracy: films.accuracy };
};

describe('the bench on single images', { timeout: 120_000 }, () => {
  const scene = radiographs();
  const [first, ...rest] = scene.boxes;
  if (!first) throw new Error('the model of the test finds nothing');
  const all = [...scene.boxes.map((box) => line('images/discs.dcm', box)), line('images/empty.dcm', undefined)];
  let whole: Metrics;

  beforeAll(async () => {
    scene.write('boxes.csv', [BOXES, ...all].join('\n'));
    const speed = {
      dataset: 'films',
      singleStream: { seconds: 0.1, warmup: 0 },
      matrix: { precisions: ['fp32'], threads: [1], batches: [1], runs: 1 },
    };
    const gates = [
      { metric: 'found', min: scene.boxes.length },
      { metric: 'fpPerScan', max: 0 },
    ];
    whole = await run(filesOf(scene, {}, { speed, gates }), {});
  }, 120_000);

  it('a box on its image is found, an image without a lesion counts, and nothing is told in millimetres', () => {
    expect(whole.verdict).toMatchObject({ status: 'passed', exitCode: 0 });
    const { accuracy, protocol } = filmsOf(whole);
    expect(accuracy.counts).toMatchObject({ scans: 2, lesions: scene.boxes.length, falseMarks: 0, analysed: 2 });
    expect(accuracy.froc?.cpm).toBe(1);
    expect(accuracy.averagePrecision?.ap10).toBe(1);
    expect(accuracy.averagePrecision?.map10to50).toBeCloseTo(1, 9);
    expect(accuracy.examAuroc).toBe(1);
    expect(accuracy.localization).toBeNull();
    expect(accuracy.strata.map(({ name, value }) => [name, value])).toEqual([['view', 'PA']]);
    expect(protocol).toMatchObject({ luna16: false, unit: 'image', rules: { pointInBox: scene.boxes.length } });
    expect(protocol?.deviations).toContain('boxes on single images');
    expect(scene.read('out/report.html')).toContain('false marks per image');
  });

  it('and its speed is measured, with parity by images', () => {
    expect(whole.speed).toMatchObject({ studies: 2, images: 2, provider: 'cpu' });
    expect(whole.speed?.matrix[0]?.parity).toMatchObject({ matched: scene.boxes.length, unmatched: 0 });
  });

  it('a mark beside the truth is false, a lesion without one is missed, and both have their picture', async () => {
    const elsewhere = first.map((edge) => Math.max(0, edge - (first[2] - first[0]) - 4)) as unknown as Corners;
    scene.write('boxes.csv', [BOXES, line('images/discs.dcm', elsewhere), line('images/empty.dcm', first)].join('\n'));
    const { accuracy } = filmsOf(await run(filesOf(scene), {}));
    expect(accuracy.counts).toMatchObject({ lesions: 2, falseMarks: scene.boxes.length });
    expect(accuracy.froc?.rates.at(-1)?.sensitivity).toBe(0);
    expect(accuracy.averagePrecision?.ap10).toBe(0);
    const page = scene.read('out/report.html');
    expect(page.match(/<figure class="missed"><div><img/g)).toHaveLength(2);
    expect(page.match(/<rect x="[\d.]+" y="[\d.]+"/g)?.length).toBeGreaterThanOrEqual(2 + scene.boxes.length);
  });

  it('marks come out as they went in: the written boxes give the same numbers', async () => {
    scene.write('boxes.csv', [BOXES, ...all].join('\n'));
    const file = filesOf(scene);
    const once = filmsOf(await run(file, {}));
    const detections = scene.path('out/detections.csv');
    expect(scene.read('out/detections.csv').split('\n')[0]).toBe(
      'seriesuid,sopuid,frame,left,top,right,bottom,probability',
    );
    const again = filmsOf(await run(file, { detections, out: scene.path('again') }));
    expect(again.accuracy.froc).toEqual(once.accuracy.froc);
    expect(again.accuracy.averagePrecision).toEqual(once.accuracy.averagePrecision);
  });

  it('a box of somebody else that is turned round is an error with its line', async () => {
    scene.write('boxes.csv', [BOXES, ...all].join('\n'));
    const head = 'seriesuid,sopuid,frame,left,top,right,bottom,probability';
    const detections = scene.write('bad.csv', `${head}\n1.2,1.2.3,1,50,5,10,40,0.5\n`);
    await expect(run(filesOf(scene), { detections })).rejects.toMatchObject({
      code: 'MARKS_INVALID',
      message: expect.stringContaining('line 2: the box is empty'),
    });
  });

  it('of an exam of several images, each lesion names the one it is on; a mark on another is false', async () => {
    scene.film('exam/one.dcm', scene.spots);
    scene.film('exam/two.dcm', []);
    const exam = (SOPInstanceUID: string | undefined) => ({
      unit: 'scan',
      source: {
        format: 'inline',
        scans: [
          {
            id: 'exam',
            folder: 'exam',
            lesions: scene.boxes.map(([left, top, right, bottom]) => ({
              boxPixels: [
                [left, top],
                [right, bottom],
              ],
              ...(SOPInstanceUID !== undefined && { SOPInstanceUID }),
            })),
          },
        ],
      },
    });
    const right = filmsOf(await run(filesOf(scene, exam(syntheticUid('bench exam/one.dcm'))), {}));
    expect(right.accuracy.counts).toMatchObject({ scans: 1, analysed: 1, falseMarks: 0 });
    expect(right.accuracy.froc?.cpm).toBe(1);
    const wrong = filmsOf(await run(filesOf(scene, exam(syntheticUid('bench exam/two.dcm'))), {}));
    expect(wrong.accuracy.counts.falseMarks).toBe(scene.boxes.length);
    expect(wrong.accuracy.averagePrecision?.ap10).toBe(0);
    const { datasets } = await run(filesOf(scene, exam(undefined)), {});
    expect(datasets[0]).toMatchObject({
      status: 'incomplete',
      note: expect.stringContaining('holds 2 images: name the SOPInstanceUID'),
    });
  });

  it.each([
    ['beyond the image', line('images/discs.dcm', [5, 5, 100_000, 40]), 'reaches beyond the'],
    ['without an edge', line('images/discs.dcm', [5, 5, Number.NaN, 40]), 'line 2: right is "NaN"'],
    ['turned round', line('images/discs.dcm', [50, 5, 10, 40]), 'line 2: the box is empty'],
    ['on no image', line('', [5, 5, 10, 40]), 'line 2: names no image'],
  ])('a box %s is named, and the run fails', async (_what, text, note) => {
    scene.write('boxes.csv', [BOXES, text].join('\n'));
    const metrics = await run(filesOf(scene), {});
    expect(metrics.datasets[0]).toMatchObject({ status: 'incomplete', note: expect.stringContaining(note) });
    expect(metrics.verdict).toMatchObject({ status: 'failed', exitCode: 1 });
  });

  it.each([
    ['millimetres', { hitRule: 'luna16' }, 'needs millimetres'],
    ['cubes', { unit: 'cube' }, 'one of the patient'],
    ['a face of the volume', { faceMarginVoxels: 2 }, 'needs a volume'],
    ['places in the patient', { marksOn: 'patient', unit: 'scan' }, 'needs marksOn: images'],
  ])('a data set of images that asks for %s is an error', async (_what, more, message) => {
    await expect(run(filesOf(scene, more), {})).rejects.toMatchObject({
      code: 'BENCH_INVALID',
      message: expect.stringContaining(message),
    });
  });

  it('a model of the one kind on data of the other is an error before anything is read', async () => {
    const blobs = filesOf(scene, {}, { model: 'blob-log-ct' });
    await expect(run(blobs, {})).rejects.toMatchObject({
      code: 'BENCH_INVALID',
      message: expect.stringContaining('data set films says marksOn: images'),
    });
    const lesions = [{ centerMm: [0, 0, 0], diameterMm: 5 }];
    const source = { format: 'inline', scans: [{ id: 'a', folder: 'images', lesions }] };
    await expect(run(filesOf(scene, { marksOn: 'patient', unit: 'scan', source }), {})).rejects.toMatchObject({
      message: expect.stringContaining('reads single images'),
    });
  });

  it('boxes of several lesions are told apart', () => {
    expect(rest.every((box) => box.join() !== first.join())).toBe(true);
  });
});
