import { describe, expect, it } from 'vitest';
import { candidateOf } from '../../services/detection/candidate.ts';
import { decodeAnchors } from '../../services/detection/decode-anchors.ts';
import { decodeBoxes, decodeYolo } from '../../services/detection/decode-boxes.ts';
import { decodeCam } from '../../services/detection/decode-cam.ts';
import { decodeSegmentation } from '../../services/detection/decode-segmentation.ts';
import type { DecodeOf } from '../../services/detection/manifest/decode.ts';
import { patientPoint, type VolumeGeometry } from '../../services/domain/geometry.ts';

const tensor = (dims: readonly number[], ...values: number[]) => ({ data: Float32Array.from(values), dims });
const GRID: VolumeGeometry = {
  shape: [6, 5, 4],
  origin: patientPoint(100, 200, 300),
  axes: [patientPoint(1, 0, 0), patientPoint(0, 1, 0), patientPoint(0, 0, 1)],
  spacingMm: [1, 1, 2],
};

describe('a segmentation', () => {
  const decode: DecodeOf<'segmentation'> = {
    family: 'segmentation',
    foreground: [1],
    threshold: 0.5,
    connectivity: 6,
    minVolumeMm3: 0,
    score: 'max',
    diameter: 'sphere',
  };
  const map = (...at: readonly (readonly [z: number, y: number, x: number, p: number])[]) => {
    const values = new Float32Array(6 * 5 * 4);
    for (const [z, y, x, p] of at) values[(z * 5 + y) * 6 + x] = p;
    return values;
  };
  const corner = map([0, 0, 0, 0.9], [1, 1, 1, 0.6]);

  it('hangs together through faces, or through corners too', () => {
    expect(decodeSegmentation(corner, GRID, decode, 0)).toHaveLength(2);
    const [one, ...none] = decodeSegmentation(corner, GRID, { ...decode, connectivity: 26 }, 3);
    expect(none).toEqual([]);
    expect(one).toMatchObject({ at: [0.5, 0.5, 0.5], classId: 3 });
    expect(one?.score).toBeCloseTo(0.9, 6);
    expect(one?.diameterMm).toBeCloseTo(Math.cbrt((6 * 4) / Math.PI), 6);
  });

  it('needs a seed and a volume, where these are asked', () => {
    expect(decodeSegmentation(corner, GRID, { ...decode, hysteresis: { seed: 0.8 } }, 0)).toHaveLength(1);
    expect(decodeSegmentation(corner, GRID, { ...decode, minVolumeMm3: 2.1 }, 0)).toEqual([]);
    expect(decodeSegmentation(corner, GRID, { ...decode, minVolumeMm3: 2 }, 0)).toHaveLength(2);
  });

  it('scores by its best, its 95th percentile or its mean, and measures from edge to edge', () => {
    const row = map([2, 1, 0, 0.5], [2, 1, 1, 0.6], [2, 1, 2, 0.7], [2, 1, 3, 1]);
    const [by95, byMean] = (['p95', 'mean'] as const).map(
      (score) => decodeSegmentation(row, GRID, { ...decode, score }, 0)[0],
    );
    expect(by95?.score).toBeCloseTo(1, 6);
    expect(byMean?.score).toBeCloseTo(0.7, 6);
    const [feret] = decodeSegmentation(row, GRID, { ...decode, diameter: 'maxFeret' }, 0);
    expect(feret?.diameterMm).toBeCloseTo(3 + 4 / 3, 6);
  });
});

describe('a map of activations', () => {
  const decode: DecodeOf<'classificationCam'> = {
    family: 'classificationCam',
    relu: true,
    normalize: 'max',
    regionThreshold: 0.5,
    maxRegions: 2,
    boxConfidence: 'classScore',
    localization: 'approximate',
    minScore: 0.3,
  };
  const size = { width: 40, height: 20 };
  // Two features on 2 rows of 4 cells of 10 x 10 pixels.
  const features = (...values: number[]) => ({
    count: 1,
    channels: 2,
    shape: [1, 2, 4] as const,
    data: Float32Array.from(values),
  });
  const spread = features(8, 0, 0, 6, 0, 0, 0, 5, /* second */ 0, 0, 9, 0, 0, 0, 0, 0);
  const tensors = (weights: readonly number[], logits: readonly number[]) => ({
    logits: tensor([1, logits.length], ...logits),
    activation: 'sigmoid' as const,
    features: spread,
    weights: tensor([logits.length, 2], ...weights),
  });

  it('marks the regions that speak for a class, strongest first; what speaks against it counts as nothing', () => {
    // The second feature weighs -1: its cell of -9 must not be the maximum by size.
    const marks = decodeCam(tensors([1, -1], [2]), decode, 1, size);
    expect(marks.map(({ at, sides }) => ({ at, sides }))).toEqual([
      { at: [0, 4.5, 4.5], sides: [1, 10, 10] },
      { at: [0, 9.5, 34.5], sides: [1, 20, 10] },
    ]);
    for (const { score } of marks) expect(score).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
  });

  it('marks the whole image for a class without a region, and nothing for one that is not there', () => {
    const [whole, ...none] = decodeCam(tensors([-1, -1, 1, 1], [2, -4]), decode, 2, size);
    expect(none).toEqual([]);
    expect(whole).toMatchObject({ at: [0, 9.5, 19.5], sides: [1, 20, 40], classId: 0 });
  });

  it('refuses weights of other classes or features', () => {
    expect(() => decodeCam(tensors([1, 1], [2]), decode, 2, size)).toThrow(/1 logits and 1 x 2 weights for 2 classes/);
  });
});

describe('lists of boxes', () => {
  const size = { width: 64, height: 32 };
  const v8: DecodeOf<'yolo'> = {
    family: 'yolo',
    variant: 'v8',
    layout: 'B(4+C)N',
    boxFormat: 'cxcywh',
    unit: 'inputPixels',
    objectness: false,
    scoresActivated: true,
    minScore: 0.3,
  };
  const listed: DecodeOf<'boxes'> = {
    family: 'boxes',
    layout: 'boxes-labels-scores',
    boxFormat: 'xyxy',
    unit: 'inputPixels',
    labelOffset: -1,
    minScore: 0.3,
  };

  it('count pixels from their edge: a box from 0 to 1 is the first pixel', () => {
    const [mark] = decodeYolo(tensor([1, 5, 1], 0.5, 0.5, 1, 1, 0.9), v8, 1, size);
    expect(mark).toMatchObject({ at: [0, 0, 0], sides: [1, 1, 1], classId: 0 });
    const [part] = decodeYolo(tensor([1, 5, 1], 0.5, 0.5, 0.5, 0.5, 0.9), { ...v8, unit: 'normalized' }, 1, size);
    expect(part).toMatchObject({ at: [0, 15.5, 31.5], sides: [1, 16, 32] });
  });

  it('of another shape than the classes ask for are an invalid model', () => {
    const wrong = tensor([1, 6, 1], 1, 1, 1, 1, 1, 1);
    expect(() => decodeYolo(wrong, v8, 1, size)).toThrow('output predictions is 1 x 6 x 1, not 1 x 5 x N');
    expect(() => decodeYolo(wrong, { ...v8, variant: 'v5', objectness: true }, 1, size)).toThrow('not 1 x N x 6');
    expect(() => decodeBoxes([wrong], { ...listed, layout: 'BN6' }, size)).toThrow('not 1 x N x 6');
    const two = [tensor([2, 4], 0, 0, 1, 1, 0, 0, 1, 1), tensor([1], 1), tensor([2], 1, 1)];
    expect(() => decodeBoxes(two, listed, size)).toThrow('output labels and scores is 1 x 2, not 2 each');
  });

  it('may be empty', () => {
    expect(decodeBoxes([tensor([0, 4]), tensor([0]), tensor([0])], listed, size)).toEqual([]);
  });
});

describe('deltas to anchors', () => {
  const decode: DecodeOf<'anchors'> = {
    family: 'anchors',
    levels: [],
    boxOrder: 'xy',
    anchorCenter: 'index*stride',
    anchorUnit: 'voxel',
    origin: 'voxelCenter',
    channelOrder: 'anchor-major',
    coder: { type: 'delta', weights: [10, 10, 5, 5], clip: 2 },
    scoreActivation: 'none',
    topKPerLevel: 2,
    minScore: 0.3,
  };
  const level = { stride: [4, 8], anchors: [[6, 3]] };
  const cell = (...values: number[]) => values.map((value) => Float32Array.of(0, value));

  it('are divided by their weights, the size no more than the clip allows; rows and columns have their own stride', () => {
    const cls = { shape: [1, 1, 2] as const, channels: cell(0.9) };
    const box = { shape: [1, 1, 2] as const, channels: cell(5, -10, 5 * Math.log(2), 99) };
    const [mark] = decodeAnchors(cls, box, level, decode, 'NCHW', 1);
    // x: index 1 * stride 8 + 0.5 * 6; y: 0 - 1 * 3.
    expect(mark?.at).toEqual([0, -3, 11]);
    expect(mark?.sides).toEqual([1, 3 * Math.exp(2), 12].map((side) => expect.closeTo(side, 4)));
  });

  it('are decoded for the best scores of a level only', () => {
    const cls = { shape: [1, 1, 4] as const, channels: [Float32Array.of(0.5, 0.9, 0.1, 0.7)] };
    const box = { shape: [1, 1, 4] as const, channels: Array.from({ length: 4 }, () => new Float32Array(4)) };
    const scores = decodeAnchors(cls, box, level, decode, 'NCHW', 1).map(({ score }) => score);
    expect(scores).toEqual([0.9, 0.7].map((score) => expect.closeTo(score, 6)));
  });

  it('are the best of all, however many there are', () => {
    const values = Float32Array.from({ length: 500 }, (_, i) => 0.4 + ((i * 7919) % 500) / 1000);
    const cls = { shape: [1, 5, 100] as const, channels: [values] };
    const box = { shape: [1, 5, 100] as const, channels: Array.from({ length: 4 }, () => new Float32Array(500)) };
    const found = decodeAnchors(cls, box, level, { ...decode, topKPerLevel: 20 }, 'NCHW', 1).map(({ score }) => score);
    expect(found).toEqual([...values].sort((a, b) => b - a).slice(0, 20));
  });
});

describe('a mark in the patient', () => {
  it('has the mean of its sides as diameter, in plane where slices are read', () => {
    const mark = { at: [1, 2, 3], sides: [4, 5, 6], score: 0.5, classId: 0 } as const;
    const candidate = candidateOf(mark, GRID, 1, '3d');
    expect(candidate.center).toEqual([103, 202, 302]);
    expect(candidate.diameterMm).toBeCloseTo((6 + 5 + 8) / 3, 9);
    expect(candidate.box).toEqual({ low: [0, -0.5, -2], high: [6, 4.5, 6] });
    expect(candidateOf(mark, GRID, 1, '2.5d').diameterMm).toBeCloseTo(5.5, 9);
  });

  it('is of a class that the manifest names', () => {
    for (const classId of [-1, 1, 0.5])
      expect(() => candidateOf({ at: [0, 0, 0], score: 1, classId }, GRID, 1, '3d')).toThrow(
        /class .*, the manifest has 1/,
      );
  });
});
