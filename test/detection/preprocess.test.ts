import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Preprocess } from '../../services/detection/manifest/preprocess.ts';
import type { ModelManifest } from '../../services/detection/model-manifest.ts';
import { prepareFrame, prepareInput } from '../../services/detection/preprocess/prepare-input.ts';
import { patientPoint, toPatient, type VolumeGeometry, voxelPoint } from '../../services/domain/geometry.ts';
import type { FrameImage } from '../../services/imaging/read-frame.ts';
import { StageClock } from '../../services/imaging/stage-clock.ts';

const manifestOf = (steps: readonly Preprocess[]) =>
  ({ preprocess: steps, postprocess: [] }) as unknown as ModelManifest;
const frameOf = (rows: readonly (readonly number[])[], more: Partial<FrameImage> = {}): FrameImage => ({
  ...{ SeriesInstanceUID: '1.2.9', Modality: 'DX', FrameOfReferenceUID: '' },
  SOPClassUID: '1.2',
  SOPInstanceUID: '1.2.3',
  frame: 1,
  columns: rows[0]?.length ?? 0,
  rows: rows.length,
  pixels: Float32Array.from(rows.flat()),
  isInverted: false,
  window: undefined,
  laterality: undefined,
  ...more,
});
const START: readonly Preprocess[] = [{ op: 'modalityLut' }, { op: 'monochrome', to: 'MONOCHROME2' }];
const prepared = (frame: FrameImage, ...steps: Preprocess[]) =>
  prepareFrame(frame, manifestOf([...START, ...steps]), new StageClock());
const values = (frame: FrameImage, ...steps: Preprocess[]) => [...(prepared(frame, ...steps).channels[0] ?? [])];
const RAMP = frameOf([[0, 10, 20, 30, 40]]);

describe('steps that change values', () => {
  // biome-ignore format: a table
  it.each<[string, Preprocess[], number[]]>([
    ['clip', [{ op: 'clip', min: 5, max: 25 }], [5, 10, 20, 25, 25]],
    ['scale', [{ op: 'scale', from: [0, 40], to: [-1, 1] }], [-1, -0.5, 0, 0.5, 1]],
    ['scale by the extremes', [{ op: 'scale', from: 'minmax', to: [0, 1] }], [0, 0.25, 0.5, 0.75, 1]],
    ['zscore', [{ op: 'zscore', mean: 20, std: 10 }], [-2, -1, 0, 1, 2]],
    ['zscore of the image', [{ op: 'zscore', of: 'image' }], [-Math.SQRT2, -Math.SQRT1_2, 0, Math.SQRT1_2, Math.SQRT2]],
    // As numpy.percentile([0, 10, 20, 30, 40], [10, 95]) answers: 4 and 38.
    ['percentileClip', [{ op: 'percentileClip', percentiles: [10, 95] }], [4, 10, 20, 30, 38]],
    ['a given window', [{ op: 'window', center: 20, width: 20 }], [10, 10, 20, 30, 30]],
    ['a window, then its ends', [{ op: 'window', center: 20, width: 20 }, { op: 'scale', from: 'window', to: [0, 1] }], [0, 0, 0.5, 1, 1]],
    ['a window by percentiles', [{ op: 'window', source: 'percentile', percentiles: [0, 50] }], [0, 10, 20, 20, 20]],
    ['that of the image, where it has none', [{ op: 'window', source: 'voi-or-percentile', percentiles: [0, 50] }], [0, 10, 20, 20, 20]],
    ['clip before scale', [{ op: 'clip', min: 0, max: 20 }, { op: 'scale', from: 'minmax', to: [0, 1] }], [0, 0.5, 1, 1, 1]],
    ['scale before clip', [{ op: 'scale', from: 'minmax', to: [0, 1] }, { op: 'clip', min: 0, max: 20 }], [0, 0.25, 0.5, 0.75, 1]],
  ])('%s', (_what, steps, expected) => {
    expect(values(RAMP, ...steps)).toEqual(expected.map((value) => expect.closeTo(value, 5)));
  });

  it('take the window of the image where it has one, turned over with the image', () => {
    const own = { ...RAMP, window: [5, 25] as const };
    const voi: Preprocess = { op: 'window', source: 'voi' };
    expect(values(own, voi)).toEqual([5, 10, 20, 25, 25]);
    // MONOCHROME1: 0 is white. Turned over about 20, the window is 15 … 35.
    expect(values({ ...own, isInverted: true }, voi)).toEqual([35, 30, 20, 15, 15]);
    expect(() => values(RAMP, voi)).toThrow('pixel values have no known scale: the image has no window');
  });

  it('leave an image of one value finite', () => {
    const flat = frameOf([[3, 3]]);
    expect(values(flat, { op: 'scale', from: 'minmax', to: [0, 1] })).toEqual([0, 0]);
    expect(values(flat, { op: 'zscore', of: 'image' })).toEqual([0, 0]);
  });

  it('treat each channel by its own mean', () => {
    const { channels } = prepared(
      RAMP,
      { op: 'channels', repeat: 3, order: 'RGB' },
      { op: 'zscore', mean: [0, 10, 20], std: [10, 10, 20] },
    );
    expect(channels.map((own) => own[4])).toEqual([4, 3, 1]);
  });
});

describe('steps that move the image', () => {
  const place = (geometry: VolumeGeometry, i: number, j: number) =>
    toPatient(geometry, voxelPoint(i, j, 0)).slice(0, 2);

  it('letterbox: the whole frame in the middle, the odd pixel behind, and the way back through both', () => {
    const frame = frameOf([
      [8, 8, 8, 8, 8, 8],
      [8, 8, 8, 8, 8, 8],
      [8, 8, 8, 8, 8, 8],
    ]);
    const box: Preprocess = { op: 'letterbox', size: [4, 4], fill: 1, interpolation: 'linear', align: 'center' };
    const { channels, geometry } = prepared(frame, box);
    // 6 x 3 becomes 4 x 2, a row above and one below.
    expect([...(channels[0] ?? [])]).toEqual([1, 1, 1, 1, 8, 8, 8, 8, 8, 8, 8, 8, 1, 1, 1, 1]);
    // The upper left corner of the inner image, half a pixel before its first centre, is that of the frame.
    expect(place(geometry, -0.5, 0.5)).toEqual([-0.5, -0.5]);
    expect(place(geometry, 3.5, 2.5)).toEqual([5.5, 2.5]);
    const top = prepared(frame, { ...box, align: 'topLeft' });
    expect([...(top.channels[0] ?? [])].slice(8)).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
    expect(place(top.geometry, -0.5, -0.5)).toEqual([-0.5, -0.5]);
  });

  it('letterbox: edges lie on edges, whatever the size', () => {
    const side = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(side, side, side, side, (columns, rows, width, height) => {
        const frame = frameOf(Array.from({ length: rows }, () => Array.from({ length: columns }, () => 5)));
        const box: Preprocess = {
          op: 'letterbox',
          size: [height, width],
          fill: -1,
          interpolation: 'linear',
          align: 'center',
        };
        const { channels, geometry } = prepared(frame, box);
        const inside = [...(channels[0] ?? [])].flatMap((value, at) => (value === -1 ? [] : [at]));
        const [xs, ys] = [inside.map((at) => at % width), inside.map((at) => Math.floor(at / width))];
        const first = place(geometry, Math.min(...xs) - 0.5, Math.min(...ys) - 0.5);
        const last = place(geometry, Math.max(...xs) + 0.5, Math.max(...ys) + 0.5);
        const ends = [...first, ...last].map((pixels, n) =>
          Math.abs(pixels - ([-0.5, -0.5, columns - 0.5, rows - 0.5][n] ?? 0)),
        );
        expect(Math.max(...ends)).toBeLessThan(1e-9);
        // What is beside it differs by a pixel at most.
        expect(Math.abs(Math.min(...xs) - (width - 1 - Math.max(...xs)))).toBeLessThanOrEqual(1);
        expect(Math.abs(Math.min(...ys) - (height - 1 - Math.max(...ys)))).toBeLessThanOrEqual(1);
      }),
      { numRuns: 50 },
    );
  });

  it('resize: to a size, or to the longer side; the edges stay', () => {
    const frame = frameOf([
      [0, 4, 8, 12],
      [0, 4, 8, 12],
    ]);
    const half: Preprocess = { op: 'resize', longSide: 2, interpolation: 'area' };
    expect(values(frame, half)).toEqual([2, 10]);
    const { geometry } = prepared(frame, { op: 'resize', size: [4, 2], interpolation: 'linear' });
    expect(geometry.shape).toEqual([2, 4, 1]);
    expect([place(geometry, -0.5, -0.5), place(geometry, 1.5, 3.5)]).toEqual([
      [-0.5, -0.5],
      [3.5, 1.5],
    ]);
  });

  it('flip: only the side that is meant, and the way back', () => {
    const right = frameOf([[1, 2, 3]], { laterality: 'R' });
    const flip: Preprocess = { op: 'flip', axis: 'x', when: { laterality: 'R' } };
    expect(values(right, flip)).toEqual([3, 2, 1]);
    expect(place(prepared(right, flip).geometry, 0, 0)).toEqual([2, 0]);
    expect(values({ ...right, laterality: 'L' }, flip)).toEqual([1, 2, 3]);
    expect(() => values({ ...right, laterality: undefined }, flip)).toThrow(
      'ImageLaterality is unknown, this model accepts L, R',
    );
  });
});

describe('steps on a volume', () => {
  const geometry: VolumeGeometry = {
    shape: [4, 1, 2],
    origin: patientPoint(10, 20, 30),
    axes: [patientPoint(1, 0, 0), patientPoint(0, 1, 0), patientPoint(0, 0, 1)],
    spacingMm: [1, 1, 1],
  };
  const volume = { geometry, voxels: Int16Array.of(0, 1, 2, 3, 4, 5, 6, 700) };
  const run = (...steps: Preprocess[]) =>
    prepareInput(volume, manifestOf([{ op: 'modalityLut', to: 'HU' }, ...steps]), new StageClock());
  const half = (interpolation: 'linear' | 'nearest'): Preprocess => ({
    op: 'resample',
    spacingMm: [1, 1, 2],
    order: 'zyx',
    interpolation,
    antialias: false,
    align: 'center',
  });

  it('are carried out where they stand: a clip before resampling is not one after it', () => {
    const clip: Preprocess = { op: 'clip', min: 0, max: 10 };
    const reorient: Preprocess = { op: 'reorient', axes: 'LPS' };
    expect(run(reorient, clip, half('linear')).channels[0]?.[3]).toBe(8);
    expect(run(reorient, half('linear'), clip).channels[0]?.[3]).toBe(10);
    expect([...volume.voxels]).toEqual([0, 1, 2, 3, 4, 5, 6, 700]);
  });

  it('turn the axes as RAS asks, and leave those of the source', () => {
    expect([...(run({ op: 'reorient', axes: 'RAS' }).channels[0] ?? [])]).toEqual([3, 2, 1, 0, 700, 6, 5, 4]);
    expect(run({ op: 'reorient', axes: 'RAS' }).geometry.origin).toEqual([13, 20, 30]);
    expect([...(run({ op: 'reorient', axes: 'source' }).channels[0] ?? [])]).toEqual([...volume.voxels]);
  });

  it('pick the nearest voxel where that is asked', () => {
    expect([...(run({ op: 'reorient', axes: 'LPS' }, half('nearest')).channels[0] ?? [])]).toEqual([1, 3, 5, 700]);
  });

  it('sample thick slices otherwise, where that is asked', () => {
    const thick = {
      geometry: { ...geometry, shape: [2, 1, 2] as const, spacingMm: [1, 1, 4] as const },
      voxels: Int16Array.of(0, 10, 100, 110),
    };
    const resample = (threshold: number): Preprocess => ({
      ...{ op: 'resample', spacingMm: [3, 1, 0.5], order: 'zyx', interpolation: 'linear' },
      ...{ antialias: false, align: 'center', anisotropy: { threshold, throughPlane: 'nearest' } },
    });
    const rows = (threshold: number) => {
      const steps: Preprocess[] = [{ op: 'modalityLut' }, { op: 'reorient', axes: 'LPS' }, resample(threshold)];
      return [...(prepareInput(thick, manifestOf(steps), new StageClock()).channels[0] ?? [])];
    };
    // Three slices, at -1, 2 and 5 mm from the first of two that are 4 mm apart: the middle one lies between both.
    expect(rows(3).map(Math.round)).toEqual([0, 3, 8, 10, 100, 103, 108, 110, 100, 103, 108, 110]);
    expect(rows(5).map(Math.round)).not.toEqual(rows(3).map(Math.round));
  });

  it('crop to what is not zero, and know where that lies', () => {
    const some = { geometry, voxels: Int16Array.of(0, 0, 0, 0, 0, 5, 6, 0) };
    const steps: Preprocess[] = [{ op: 'modalityLut' }, { op: 'reorient', axes: 'LPS' }, { op: 'cropNonzero' }];
    const whole: Preprocess = { ...half('nearest'), spacingMm: [1, 1, 1] } as Preprocess;
    const { channels, geometry: cropped } = prepareInput(some, manifestOf([...steps, whole]), new StageClock());
    expect([...(channels[0] ?? [])]).toEqual([5, 6]);
    expect([cropped.shape, cropped.origin]).toEqual([
      [2, 1, 1],
      [11, 20, 31],
    ]);
    const nothing = { geometry, voxels: new Int16Array(8) };
    expect(prepareInput(nothing, manifestOf([...steps, whole]), new StageClock()).geometry.shape).toEqual([4, 1, 2]);
  });
});
