import { afterAll, describe, expect, it } from 'vitest';
import { detectOnFrame } from '../../services/detection/detect-on-frame.ts';
import { ModelManifest } from '../../services/detection/model-manifest.ts';
import { readFrameImage } from '../../services/imaging/read-frame.ts';
import { StageClock } from '../../services/imaging/stage-clock.ts';
import { frameFile } from '../imaging/frame-file.ts';
import type { Element } from '../support/dicom-bytes.ts';
import { discFrame, type Fixture, openFixture } from './families/family-fixture.ts';

const [radiograph, mammogram, heatmap] = await Promise.all(
  ['yolo-v8', 'boxes-torchvision', 'heatmap-25d'].map(openFixture),
);
if (!radiograph || !mammogram || !heatmap) throw new Error('three fixtures');
afterAll(() => Promise.all([radiograph, mammogram, heatmap].map(({ session }) => session.release())));

const MG = '1.2.840.10008.5.1.4.1.1.1.2';
const BREAST: readonly Element[] = [
  [0x00080016, 'UI', MG],
  [0x00080060, 'CS', 'MG'],
  [0x00180015, 'CS', 'BREAST'],
  [0x00185101, 'CS', 'MLO'],
];

/** The frame of a fixture as a stored file, its values changed as a maker might store them. */
function fileOf({ golden }: Fixture, others: readonly Element[], stored = (value: number) => value) {
  if (!golden.frame) throw new Error('a frame');
  const { columns, rows, pixels } = discFrame(golden.frame);
  return frameFile({ columns, rows, stored: pixels.map((value) => Math.round(stored(value))) }, others);
}

async function boxes({ manifest, session }: Fixture, file: ReturnType<typeof frameFile>) {
  const frame = await readFrameImage(file, manifest.accepts);
  const found = await detectOnFrame(frame, manifest, session, new StageClock(), () => {});
  return found.map(({ label, region: { left, top, right, bottom } }) => ({ label, box: [left, top, right, bottom] }));
}

const golden = ({ golden: { findings }, manifest }: Fixture) =>
  findings.map(({ classId, region = [] }) => ({
    label: manifest.classes[classId]?.name,
    // Stored values are whole numbers, so a box may be a few hundredths of a pixel off.
    box: region.map((pixels) => expect.closeTo(pixels, 0)),
  }));

describe('from a file to boxes on its image', () => {
  it('a radiograph, stored as it is, with a rescale, or the other way round', async () => {
    expect(await boxes(radiograph, fileOf(radiograph, []))).toEqual(golden(radiograph));
    const rescaled: Element[] = [
      [0x00281052, 'DS', '-200'],
      [0x00281053, 'DS', '0.5'],
    ];
    const doubled = fileOf(radiograph, rescaled, (value) => (value + 200) * 2);
    expect(await boxes(radiograph, doubled)).toEqual(golden(radiograph));
    const inverted = fileOf(radiograph, [[0x00280004, 'CS', 'MONOCHROME1']], (value) => 1100 - value);
    expect(await boxes(radiograph, inverted)).toEqual(golden(radiograph));
  });

  it('a mammogram of the right side is turned over for the model, and its boxes back', async () => {
    const right = fileOf(mammogram, [...BREAST, [0x00200062, 'CS', 'R']]);
    expect(await boxes(mammogram, right)).toEqual(golden(mammogram));
    const left = await boxes(mammogram, fileOf(mammogram, [...BREAST, [0x00200062, 'CS', 'L']]));
    expect(left.map(({ label }) => label)).toEqual(golden(mammogram).map(({ label }) => label));
  });
});

describe('a frame', () => {
  const changed = (fixture: Fixture, change: (manifest: ModelManifest) => object): Fixture => ({
    ...fixture,
    manifest: ModelManifest.parse({ ...fixture.manifest, ...change(fixture.manifest) }),
  });
  const centers = async ({ manifest, session }: Fixture, frame: Parameters<typeof discFrame>[0]) => {
    const found = await detectOnFrame(discFrame(frame), manifest, session, new StageClock(), () => {});
    return found.map(({ region: { left, top, right, bottom } }) => [(left + right) / 2, (top + bottom) / 2]);
  };
  const near = (center: readonly number[]) => center.map((pixels) => expect.closeTo(pixels, 0));

  it('larger than its graph is read in tiles, and boxes at their seams are one', async () => {
    const tiled = changed(radiograph, ({ preprocess }) => ({
      preprocess: [...preprocess.slice(0, 2), { op: 'scale', from: [0, 1000], to: [0, 1] }, preprocess.at(-1)],
      inputs: [{ ...radiograph.manifest.inputs[0], pad: { mode: 'constant', value: 0.1 } }],
      tiling: { mode: 'sliding', roi: [64, 64], overlap: [32, 32], stage: 'boxes' },
    }));
    const spots = [
      { center: [64.3, 40.2], diameter: 12, value: 1000 },
      { center: [130.4, 96.1], diameter: 10, value: 1000 },
    ];
    const found = await centers(tiled, { columns: 170, rows: 130, background: 100, spots });
    const apart = (a: readonly number[], b: readonly number[]) =>
      Math.hypot(...a.map((n, i) => n - (b[i] ?? Number.NaN)));
    for (const { center } of spots) expect(found.filter((own) => apart(own, center) < 1)).toHaveLength(1);
    // What is cut by the edge of a tile is seen as a smaller disc, beside the middle but nowhere else.
    for (const own of found) expect(Math.min(...spots.map(({ center }) => apart(own, center)))).toBeLessThan(6);
  });

  it('has no boxes beside it, whatever a model sees in the border that was laid around it', async () => {
    if (!radiograph.golden.frame) throw new Error('a frame');
    const beside = {
      ...radiograph.session,
      run: async (...args: Parameters<typeof radiograph.session.run>) => {
        const [answer] = await radiograph.session.run(...args);
        if (!answer) throw new Error('an output');
        const boxes = answer.data.length / (answer.dims[1] ?? 1);
        // The first row is the middle of each box along x.
        return [{ ...answer, data: answer.data.map((value, at) => (at < boxes ? value - 900 : value)) }];
      },
    };
    expect(await centers({ ...radiograph, session: beside }, radiograph.golden.frame)).toEqual([]);
  });

  it('is read by a heat map too', async () => {
    const flat = changed(heatmap, () => ({
      dims: '2d',
      accepts: radiograph.manifest.accepts,
      preprocess: [
        ...radiograph.manifest.preprocess.slice(0, 2),
        { op: 'scale', from: [0, 1000], to: [0, 1] },
        { op: 'channels', repeat: 3 },
      ],
      tiling: { mode: 'none' },
      postprocess: [
        { op: 'nms', metric: 'iou', threshold: 0.2, classAgnostic: true },
        { op: 'limit', max: 9 },
      ],
    }));
    const spots = [{ center: [31.3, 22.8], diameter: 7, value: 1000 }];
    expect(await centers(flat, { columns: 70, rows: 50, background: 0, spots })).toEqual([near([31.3, 22.8])]);
  });
});
