import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ModelManifest } from '../../services/detection/model-manifest.ts';

/** The manifest of a fixture with one value set, or one key removed (`undefined`). */
function changed(fixture: string, path: string, value: unknown): unknown {
  const manifest = JSON.parse(readFileSync(join(import.meta.dirname, 'families', fixture, 'manifest.json'), 'utf8'));
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const parent = keys.reduce((object, key) => object[key], manifest);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return manifest;
}

const problems = (fixture: string, path: string, value: unknown): string => {
  const { success, error } = ModelManifest.safeParse(changed(fixture, path, value));
  return success ? 'taken' : error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n');
};

const RESAMPLE = {
  op: 'resample',
  spacingMm: [1, 1, 1],
  order: 'zyx',
  interpolation: 'nearest',
  antialias: true,
  align: 'center',
};
const NMS = { op: 'nms', metric: 'iou', threshold: 0.5, classAgnostic: true };

describe('a word that a manifest may not say', () => {
  // biome-ignore format: a table
  it.each<[string, string, unknown, RegExp]>([
    ['heatmap-3d', 'preprocess.3', { op: 'sharpen' }, /preprocess.3.op: unknown op "sharpen"; known are modalityLut, .*letterbox/],
    ['heatmap-3d', 'preprocess.3', { op: 'voiLut' }, /unknown op "voiLut"/],
    ['heatmap-3d', 'postprocess.0', { op: 'merge' }, /unknown op "merge"; known are scoreFilter, .*limit/],
    ['heatmap-3d', 'preprocess.3.unit', 'HU', /preprocess.3: unknown field unit; known are op, from, to/],
    ['heatmap-3d', 'decode.family', 'transformer', /unknown family "transformer"; known are heatmap, yolo, boxes, anchors, segmentation, classificationCam/],
    ['heatmap-3d', 'decode.strides', [1], /decode: unknown field strides; known are family, stride/],
    ['heatmap-3d', 'tiling.mode', 'spiral', /unknown mode "spiral"; known are none, sliding, slices/],
    ['heatmap-3d', 'surprise', 1, /unknown field surprise; known are schemaVersion/],
    ['heatmap-3d', 'outputs.0.role', 'mask', /outputs.0.role: .*"heatmap"/],
    ['segmentation-3d', 'decode.within', [1], /decode: unknown field within/],
    ['cam-2d', 'decode.weightsInitializer', 'fc.weight', /unknown field weightsInitializer/],
  ])('of %s at %s is a named load error', (fixture, path, value, expected) => {
    expect(problems(fixture, path, value)).toMatch(expected);
  });
});

describe('a word that means nothing where it stands', () => {
  // biome-ignore format: a table
  it.each<[string, string, unknown, RegExp]>([
    // dims and family
    ['yolo-v8', 'dims', '3d', /yolo is for 2d, 2.5d, not 3d/],
    ['segmentation-3d', 'kind', 'detection', /segmentation is a segmentation/],
    ['cam-2d', 'dims', '2.5d', /classificationCam is for 2d, not 2.5d/],
    ['heatmap-3d', 'inputs.0.layout', 'NCHW', /NCHW does not hold 3d/],
    // scope
    ['yolo-v8', 'accepts.minSlices', 20, /accepts.minSlices: is for volumes, not 2d/],
    ['heatmap-3d', 'accepts.minSlices', undefined, /accepts.minSlices: is required for 3d/],
    ['heatmap-3d', 'accepts.viewPosition', ['PA'], /is for 2d, not 3d/],
    // preprocess
    ['yolo-v8', 'preprocess.2', { op: 'reorient', axes: 'LPS' }, /reorient is for 2.5d, 3d, not 2d/],
    ['heatmap-3d', 'preprocess.3', { op: 'monochrome', to: 'MONOCHROME2' }, /monochrome is for 2d, not 3d/],
    ['heatmap-3d', 'preprocess.3', { op: 'window', source: 'voi' }, /only a single frame has a window of its own/],
    ['heatmap-3d', 'preprocess.3', { op: 'flip', axis: 'x', when: { laterality: 'R' } }, /only a single frame has a laterality/],
    ['heatmap-3d', 'preprocess.3', { op: 'scale', from: 'window', to: [0, 1] }, /no window comes before/],
    ['heatmap-3d', 'preprocess.3', { op: 'scale', from: [1, 1], to: [0, 1] }, /two different values/],
    ['heatmap-3d', 'preprocess.3', { op: 'zscore', mean: 1 }, /needs mean and std, or of: image/],
    ['heatmap-3d', 'preprocess.3', { op: 'zscore', mean: [1, 2, 3], std: [1, 1, 1] }, /channels must come before/],
    ['heatmap-3d', 'preprocess.3', { op: 'window', center: 3 }, /needs center and width, or source/],
    ['heatmap-3d', 'preprocess.2', RESAMPLE, /nearest has no antialias/],
    ['heatmap-3d', 'preprocess.3', { ...RESAMPLE, antialias: false }, /resample may appear once/],
    ['heatmap-3d', 'preprocess.1', { op: 'clip', min: 0, max: 1 }, /reorient must say how the axes lie/],
    ['heatmap-25d', 'preprocess.4.strideMm', 1.5, /a multiple of the spacing along z/],
    ['heatmap-25d', 'preprocess.4.center', 3, /center must be one of the slices/],
    ['heatmap-25d', 'inputs.0.shape', ['n', 5, 'h', 'w'], /has 5 channels, preprocess makes 3/],
    ['yolo-v8', 'preprocess.3.size', [96, 64], /takes 64 x 64, preprocess makes 96 x 64/],
    ['segmentation-3d', 'tiling', { mode: 'none' }, /takes 24 x 24 x 24, preprocess makes any size/],
    ['segmentation-3d', 'preprocess.3', { op: 'roi', mask: 'lung', marginMm: 1, fillOutside: null }, /a mask needs reorient to LPS or RAS/],
    ['heatmap-3d', 'preprocess.3', { op: 'cropNonzero' }, /cropNonzero must come before resample/],
    ['heatmap-3d', 'accepts.laterality', 'required', /is for 2d, not 3d/],
    // tiles
    ['heatmap-3d', 'tiling.roi', [32, 32], /NCDHW has 3 spatial axes/],
    ['heatmap-3d', 'tiling.overlap', [20, 16, 16], /overlap by half of their size at most/],
    ['heatmap-3d', 'tiling.roi', [34, 32, 32], /roi must be a multiple of multipleOf/],
    ['heatmap-3d', 'tiling.blend', undefined, /stage heads needs a blend/],
    ['heatmap-3d', 'tiling.sigmaScale', 0.2, /only a gaussian blend has a sigma/],
    ['heatmap-3d', 'tiling.stage', 'boxes', /maps of heatmap are blended/],
    ['heatmap-3d', 'tiling.skipOutsideMask', true, /no step of roi or insideMask makes a mask/],
    ['segmentation-3d', 'tiling.roi', [24, 24, 32], /the input takes 24 x 24 x 24 and nothing else/],
    ['heatmap-25d', 'tiling', { mode: 'none' }, /none is not for 2.5d/],
    ['yolo-v8', 'tiling', { mode: 'slices', step: 1, batch: 1 }, /slices is not for 2d/],
    // mirrored passes
    ['heatmap-3d', 'tta', { flips: ['x'], merge: 'mean' }, /for heatmap without offset/],
    ['anchors-3d', 'tta', { flips: ['x'], merge: 'mean' }, /flips are for segmentation/],
    // outputs and decode
    ['heatmap-3d', 'outputs.1.role', 'offset', /heatmap reads heatmap \+ regression or/],
    ['heatmap-3d', 'outputs.1.activation', 'sigmoid', /regression takes none/],
    ['heatmap-3d', 'outputs.0.layout', 'NCWHD', /maps lie as the input: NCDHW/],
    ['boxes-torchvision', 'outputs.0.layout', 'NCHW', /boxes is no map/],
    ['heatmap-3d', 'outputs.0.level', 0, /goes with cls and box/],
    ['heatmap-3d', 'decode.stride', [4, 4], /NCDHW has 3 spatial axes/],
    ['heatmap-3d', 'decode.stride', [8, 8, 8], /multipleOf must be a multiple of stride/],
    ['heatmap-3d', 'decode.peak.refine', 'parabola', /offset refines already/],
    ['heatmap-3d', 'decode.size.unit', 'voxels', /a sphere is in mm/],
    ['heatmap-25d', 'decode.size.order', 'zyx', /NCHW has 2 axes/],
    ['yolo-v8', 'decode.layout', 'BN(5+C)', /v8 lies otherwise/],
    ['yolo-v8', 'decode.objectness', true, /goes with v5/],
    ['boxes-bn6', 'decode.layout', 'boxes-labels-scores', /does not fit the outputs/],
    ['anchors-3d', 'decode.boxOrder', 'xy', /NCWHD has 3 spatial axes/],
    ['anchors-3d', 'decode.coder.weights', [1, 1, 1, 1], /must be 6/],
    ['anchors-3d', 'outputs.3.level', 0, /level 0 needs one box\n.*level 1 needs one box/],
    ['segmentation-3d', 'decode.foreground', [3], /is not among the channels/],
    ['segmentation-3d', 'decode.hysteresis', { seed: 0.2 }, /seed is below threshold/],
    // postprocess
    ['yolo-v8', 'postprocess.0', { op: 'insideMask', mask: 'lung', toleranceMm: 1 }, /insideMask is for 2.5d, 3d, not 2d/],
    ['yolo-v8', 'postprocess.0', { op: 'sizeFilter', minMm: 1, maxMm: 2 }, /sizeFilter is for 2.5d, 3d, not 2d/],
    ['heatmap-3d', 'postprocess.0', { op: 'clipToImage' }, /clipToImage needs boxes; heatmap answers none here/],
    ['heatmap-3d', 'postprocess.0', NMS, /iou needs boxes; heatmap answers none here/],
    ['segmentation-3d', 'postprocess.0', NMS, /iou needs boxes/],
    ['anchors-3d', 'postprocess.1', { ...NMS, relativeTo: 'maxDiameter' }, /relativeTo goes with centerDistance/],
    ['anchors-3d', 'postprocess.1', { ...NMS, threshold: 1.5 }, /an overlap is below 1/],
    ['cam-2d', 'postprocess.0', { op: 'calibrate', method: 'platt', t: 1 }, /platt needs a and b/],
    ['cam-2d', 'postprocess.0', { op: 'calibrate', method: 'temperature', t: 1, size: 1 }, /size goes with platt\n.*size is in mm/],
    ['heatmap-25d', 'postprocess', [], /linkSlices must join what is seen on several slices/],
    ['heatmap-3d', 'postprocess', [], /needs a limit: a report holds 100 findings/],
    ['heatmap-3d', 'accepts.modality', ['CT', 'MR'], /only CT has Hounsfield units/],
    ['heatmap-25d', 'inputs.0.shape', [1, 3, 'h', 'w'], /takes 1 images at once/],
    ['heatmap-3d', 'accepts.modality', ['MR'], /only CT has/],
    // results
    ['yolo-v8', 'classes.1.id', 2, /ids must count from 0/],
    ['yolo-v8', 'classes.1.name', 'dim', /a name twice/],
    ['yolo-v8', 'report.sizes', 'lungSegmentation', /needs a volume/],
    ['yolo-v8', 'operatingPoints.0.default', undefined, /exactly one must be the default/],
  ])('in %s: %s = %j', (fixture, path, value, expected) => {
    expect(problems(fixture, path, value)).toMatch(expected);
  });
});

describe('a manifest that says more than it must', () => {
  // biome-ignore format: a table
  it.each<[string, string, unknown]>([
    ['heatmap-3d', 'tiling', { mode: 'none' }],
    ['heatmap-3d', 'tiling.overlap', 0.25],
    ['heatmap-3d', 'accepts.sliceThicknessMm', { rejectAbove: 6 }],
    ['yolo-v8', 'accepts.burnedInAnnotation', false],
    ['heatmap-3d', 'preprocess.2.anisotropy', { threshold: 3, throughPlane: 'nearest' }],
    ['heatmap-3d', 'preprocess.2.interpolation', 'cubic'],
    ['heatmap-3d', 'preprocess', [{ op: 'modalityLut' }, { op: 'reorient', axes: 'RAS' }, { op: 'zscore', of: 'image' }]],
    ['yolo-v8', 'preprocess.2', { op: 'window', source: 'voi-or-percentile', percentiles: [0.5, 99.5] }],
    ['yolo-v8', 'inputs.0', { name: 'images', layout: 'NHWC', dtype: 'float32', shape: [1, 64, 64, 3] }],
    ['anchors-3d', 'tiling', { mode: 'sliding', roi: [64, 64, 40], overlap: 0.25, stage: 'boxes' }],
    ['anchors-3d', 'tiling.blend', 'constant'],
    ['segmentation-3d', 'tta.flips', ['z', 'y', 'x', 'zy', 'zx', 'yx', 'zyx']],
  ])('%s with %s = %j is taken', (fixture, path, value) => {
    expect(problems(fixture, path, value)).toBe('taken');
  });
});
