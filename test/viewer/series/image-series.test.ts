import { describe, expect, it } from 'vitest';
import type { DicomJson } from '../../../services/dicom/dataset/json-attributes.ts';
import { imageSeries } from '../../../viewer/series/image-series.ts';
import { edgeLabels, orientationLabel, storedEdgeLabels } from '../../../viewer/series/orientation-labels.ts';
import { nearestImage, sliceIndex } from '../../../viewer/series/slice-index.ts';
import { START, windowFor } from '../../../viewer/state.ts';

const KEY = { StudyInstanceUID: '1.2', SeriesInstanceUID: '1.2.3' };
const value = (vr: string, ...Value: unknown[]) => ({ vr, Value });

function dataset(instance: number, position: readonly number[], other: DicomJson = {}): DicomJson {
  return {
    '00080018': value('UI', `1.2.3.${instance}`),
    '00080060': value('CS', 'CT'),
    '00180050': value('DS', 2.5),
    '00200013': value('IS', instance),
    '00200032': value('DS', ...position),
    '00200037': value('DS', 1, 0, 0, 0, 1, 0),
    '00200052': value('UI', '1.2.9'),
    '00280010': value('US', 512),
    '00280011': value('US', 400),
    '00280030': value('DS', '0.8', '0.5'),
    '00280100': value('US', 16),
    '00280103': value('US', 1),
    '00281050': value('DS', 40, -600),
    '00281051': value('DS', 400, 1500),
    '00281052': value('DS', '-1024'),
    '00281053': value('DS', 1),
    ...other,
  };
}

const stack = (heights: readonly number[], other?: DicomJson) =>
  imageSeries(
    KEY,
    heights.map((z, at) => dataset(at + 1, [-200, -190, z], other)),
  );

describe('a series of images', () => {
  it('is ordered from the head to the feet, whichever way it was numbered', () => {
    for (const heights of [
      [0, 2.5, 5],
      [5, 2.5, 0],
      [2.5, 0, 5],
    ]) {
      const { images, obstacle, sliceSpacingMm } = stack(heights);
      expect(images.map(({ plane }) => plane?.position[2])).toEqual([5, 2.5, 0]);
      expect({ obstacle, sliceSpacingMm }).toEqual({ obstacle: undefined, sliceSpacingMm: 2.5 });
    }
  });

  it('reads numbers that came as strings, spacing as row then column, the first stored window', () => {
    const [image] = stack([0, 1, 2]).images;
    expect(image?.plane?.spacingMm).toEqual([0.5, 0.8]);
    expect(image).toMatchObject({ Rows: 512, Columns: 400 });
    expect(image?.window).toEqual({ center: 40, width: 400 });
  });

  it('gives each frame of a multi-frame image a place of its own, without geometry', () => {
    const series = imageSeries(KEY, [dataset(1, [0, 0, 0], { '00280008': value('IS', 3) })]);
    expect(series.images.map(({ frame }) => frame)).toEqual([1, 2, 3]);
    expect(series.obstacle).toBe('noGeometry');
  });

  it('leaves out what has no pixels', () => {
    const report: DicomJson = { '00080018': value('UI', '1.9'), '00080060': value('CS', 'SR') };
    expect(imageSeries(KEY, [report, dataset(1, [0, 0, 0])]).images).toHaveLength(1);
  });
});

describe('what cannot be cut into other planes', () => {
  const identity = { '00200037': value('DS', 1, 0, 0, 0, 1, 0) };
  it.each([
    ['fewSlices', stack([0, 1])],
    ['uneven', stack([0, 2.5, 5, 10, 12.5])],
    ['uneven', stack([0, 2.5, 2.5, 5])],
    [
      'notUniform',
      imageSeries(
        KEY,
        [0, 1, 2].map((z) => dataset(z, [0, 0, z], z === 1 ? { '00280010': value('US', 256) } : identity)),
      ),
    ],
    [
      'noGeometry',
      imageSeries(
        KEY,
        [0, 1, 2].map((z) => dataset(z, [0, 0, z], { '00200032': { vr: 'DS' } })),
      ),
    ],
    [
      'tilted',
      imageSeries(
        KEY,
        [0, 1, 2, 3].map((z) => dataset(z, [0, z * 0.4, z])),
      ),
    ],
    [
      'notAxial',
      imageSeries(
        KEY,
        [0, 1, 2].map((y) => dataset(y, [0, y, 0], { '00200037': value('DS', 1, 0, 0, 0, 0, -1) })),
      ),
    ],
  ] as const)('%s', (obstacle, series) => {
    expect(series.obstacle).toBe(obstacle);
  });

  it('tolerates positions rounded to a hundredth of a millimetre', () => {
    expect(stack([0, 0.67, 1.33, 2, 2.67]).obstacle).toBeUndefined();
  });
});

describe('slice index', () => {
  const series = stack([0, 2.5, 5, 7.5]);
  it('finds the nearest image, voxel column and voxel row of a point', () => {
    const point = [-200 + 0.5 * 37, -190 + 0.8 * 101, 5.9] as const;
    expect(nearestImage(series, point)).toBe(1);
    expect(sliceIndex(series, 'axial', point)).toEqual({ index: 1, count: 4 });
    expect(sliceIndex(series, 'sagittal', point)).toEqual({ index: 37, count: 400 });
    expect(sliceIndex(series, 'coronal', point)).toEqual({ index: 101, count: 512 });
  });

  it('stays inside the volume', () => {
    expect(sliceIndex(series, 'sagittal', [9999, 0, 0]).index).toBe(399);
    expect(sliceIndex(series, 'coronal', [0, -9999, 0]).index).toBe(0);
  });

  it('knows no place without geometry', () => {
    expect(nearestImage(imageSeries(KEY, [dataset(1, [])]), [0, 0, 0])).toBeUndefined();
  });
});

describe('orientation letters (PS3.3 §C.7.6.1.1.1)', () => {
  it('names the six directions, and oblique ones by their strongest axis first', () => {
    expect(
      [
        [1, 0, 0],
        [-1, 0, 0],
        [0, 1, 0],
        [0, -1, 0],
        [0, 0, 1],
        [0, 0, -1],
      ].map((d) => orientationLabel(d as never)),
    ).toEqual(['L', 'R', 'P', 'A', 'H', 'F']);
    expect(orientationLabel([-0.6, -0.8, 0])).toBe('AR');
    expect(orientationLabel([0.99, 0.1, 0.05])).toBe('L');
  });

  it('puts the right of the patient on the left of an axial slice', () => {
    expect(edgeLabels([0, -1, 0], [1, 0, 0])).toEqual({ top: 'A', bottom: 'P', left: 'R', right: 'L' });
  });
});

describe('frames of an enhanced object (PS3.3 §C.7.6.16)', () => {
  const item = (tag: string, attributes: DicomJson) => ({ [tag]: value('SQ', attributes) });
  const position = (z: number) => item('00209113', { '00200032': value('DS', -200, -190, z) });
  const shared = {
    ...item('00209116', { '00200037': value('DS', 1, 0, 0, 0, 1, 0) }),
    ...item('00289110', { '00280030': value('DS', 0.8, 0.5), '00180050': value('DS', 1.25) }),
    ...item('00289145', { '00281052': value('DS', -1000), '00281053': value('DS', 2) }),
  };
  const enhanced = (perFrame: readonly DicomJson[], other: DicomJson = {}) => {
    const { '00200032': _position, '00200037': _orientation, '00280030': _spacing, ...rest } = dataset(1, []);
    return {
      ...rest,
      '00280008': value('IS', perFrame.length),
      '00280101': value('US', 12),
      '52009229': value('SQ', shared),
      '52009230': value('SQ', ...perFrame),
      ...other,
    };
  };

  it('are a stack by their positions, whatever order they came in, and a volume where they are even', () => {
    const series = imageSeries(KEY, [enhanced([5, 0, 2.5].map(position))]);
    expect(series.images.map(({ frame, plane }) => [frame, plane?.position[2]])).toEqual([
      [1, 5],
      [3, 2.5],
      [2, 0],
    ]);
    expect(series).toMatchObject({ obstacle: undefined, sliceSpacingMm: 2.5 });
    expect(series.images[0]).toMatchObject({ SliceThickness: 1.25, plane: { spacingMm: [0.5, 0.8] } });
  });

  it('have the values and the window of their groups: a frame of its own, else the shared one', () => {
    const window = (center: number) =>
      item('00289132', { '00281050': value('DS', center), '00281051': value('DS', 9) });
    const own = item('00289145', { '00281052': value('DS', -2000), '00281053': value('DS', 2) });
    const series = imageSeries(KEY, [
      enhanced([
        { ...position(1), ...window(10) },
        { ...position(0), ...window(20), ...own },
      ]),
    ]);
    expect(series.images.map((image) => image.window)).toEqual([
      { center: 10, width: 9 },
      { center: 20, width: 9 },
    ]);
    expect(series.images.map(({ spread }) => spread?.low)).toEqual([-1000 - 4096, -2000 - 4096]);
    expect(series.spread).toMatchObject({ low: -2000 - 4096, step: 2 });
  });

  it('of which one has no position are no stack', () => {
    expect(imageSeries(KEY, [enhanced([position(0), position(1), {}, position(3)])]).obstacle).toBe('noGeometry');
  });
});

describe('what a series is', () => {
  const colour = { '00280002': value('US', 3), '00280004': value('CS', 'RGB') };
  const palette = { '00280004': value('CS', 'PALETTE COLOR') };

  it('in colour is no volume, and has no window', () => {
    for (const of of [colour, palette]) {
      const series = stack([0, 1, 2], of);
      expect(series).toMatchObject({ obstacle: 'colour', isHounsfield: false, spread: undefined });
      expect(series.images[0]).toMatchObject({ window: undefined, hasVoi: false });
    }
  });

  it('has Hounsfield units when it is a CT', () => {
    expect(stack([0, 1, 2]).isHounsfield).toBe(true);
    expect(stack([0, 1, 2], { '00080060': value('CS', 'MR') }).isHounsfield).toBe(false);
  });

  it('knows the shape of a pixel without a place in the patient', () => {
    const bare = { '00200032': { vr: 'DS' }, '00280030': { vr: 'DS' } };
    const shape = (of: DicomJson) => stack([0], { ...bare, ...of }).images[0]?.pixelSize;
    expect(shape({ '00181164': value('DS', 0.2, 0.1) })).toEqual([0.1, 0.2]);
    expect(shape({ '00280034': value('IS', 4, 3) })).toEqual([3, 4]);
    expect(shape({})).toEqual([1, 1]);
  });
});

it('letters of an image without a plane are those it carries, or none', () => {
  expect(storedEdgeLabels(['L', 'F'])).toEqual({ left: 'R', right: 'L', top: 'H', bottom: 'F' });
  expect(storedEdgeLabels(['AR', 'FL'])).toEqual({ left: 'PL', right: 'AR', top: 'HR', bottom: 'FL' });
  for (const said of [[], ['L'], ['LE', 'D'], ['', '']]) expect(storedEdgeLabels(said)).toBeUndefined();
});

describe('the window of the reader', () => {
  it('is kept from one CT to the next; other images begin as they want to be seen', () => {
    const ct = { ...START, window: { center: 1, width: 2 }, preset: undefined };
    expect(windowFor(true, ct)).toEqual({});
    const onMr = { ...ct, ...windowFor(false, ct) };
    expect(onMr).toMatchObject({ window: undefined, preset: 'stored' });
    const onNextMr = { ...onMr, window: { center: 500, width: 900 }, ...windowFor(false, onMr) };
    expect(onNextMr).toMatchObject({ window: undefined, preset: 'stored' });
    const onNextCt = { ...onNextMr, ...windowFor(true, onNextMr) };
    expect(onNextCt).toMatchObject({ window: { center: 1, width: 2 }, preset: undefined, waiting: undefined });
  });
});
