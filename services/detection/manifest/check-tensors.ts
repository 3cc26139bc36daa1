import { type CheckedManifest, type Problem, type Rule, rankOf, when } from './checked.ts';
import type { Tiling } from './tensors.ts';

/** Axes, sizes and channels of what the graph reads. */
export const checkInput: Rule = (manifest) => {
  const { dims, inputs } = manifest;
  const [{ layout, shape, multipleOf }] = inputs;
  const rank = rankOf(layout);
  const path = ['inputs', 0];
  const channels = shape[layout === 'NHWC' ? 3 : 1];
  const expected = channelCount(manifest);
  return [
    ...when((rank === 3) !== (dims === '3d'), [...path, 'layout'], `${layout} does not hold ${dims}`),
    ...when(shape.length !== rank + 2, [...path, 'shape'], `${layout} has ${rank + 2} sizes`),
    ...when(
      multipleOf !== undefined && multipleOf.length !== rank,
      [...path, 'multipleOf'],
      `${layout} has ${rank} spatial axes`,
    ),
    ...when(
      typeof channels === 'number' && channels !== expected,
      [...path, 'shape'],
      `has ${channels} channels, preprocess makes ${expected}`,
    ),
    ...checkFixedSize(manifest),
  ];
};

/** Where the graph takes one size only, something must make it: tiles, or a step in plane. */
function checkFixedSize({ inputs, preprocess, tiling }: CheckedManifest): readonly Problem[] {
  const [{ layout, shape }] = inputs;
  const spatial = layout === 'NHWC' ? shape.slice(1, 3) : shape.slice(2);
  if (tiling.mode === 'sliding' || spatial.every((size) => typeof size !== 'number')) return [];
  const sized = preprocess.findLast((step) => step.op === 'letterbox' || step.op === 'resize');
  const made = sized?.op === 'letterbox' || sized?.op === 'resize' ? (sized.size ?? []) : [];
  const fits = spatial.every((size, a) => typeof size !== 'number' || size === made[a]);
  const said = made.length > 0 ? made.join(' x ') : 'any size';
  return when(!fits, ['inputs', 0, 'shape'], `takes ${spatial.join(' x ')}, preprocess makes ${said}`);
}

function channelCount({ preprocess }: Pick<CheckedManifest, 'preprocess'>): number {
  const counts = preprocess.map((step) => {
    if (step.op === 'channels') return step.repeat;
    return step.op === 'stack' ? step.slices : 1;
  });
  return Math.max(1, ...counts);
}

/** Tiles against the layout and the family. */
export const checkTiling: Rule = (manifest) => {
  const { tiling, dims, inputs, preprocess, postprocess } = manifest;
  const usesMask = tiling.mode !== 'none' && tiling.skipOutsideMask;
  const hasMask = [...preprocess, ...postprocess].some(({ op }) => op === 'roi' || op === 'insideMask');
  const reorient = preprocess.find((step) => step.op === 'reorient');
  const isFree = reorient?.op === 'reorient' && reorient.axes === 'source';
  const maskOnGrid = usesMask || preprocess.some(({ op }) => op === 'roi');
  const [images] = inputs[0].shape;
  const isMany = tiling.mode === 'slices' && tiling.batch > 1;
  return [
    ...when(
      typeof images === 'number' && (images !== 1 || isMany),
      ['inputs', 0, 'shape'],
      `takes ${images} images at once`,
    ),
    ...when((dims === '2.5d') !== (tiling.mode === 'slices'), ['tiling', 'mode'], `${tiling.mode} is not for ${dims}`),
    ...when(usesMask && !hasMask, ['tiling', 'skipOutsideMask'], 'no step of roi or insideMask makes a mask'),
    ...when(isFree && maskOnGrid, ['preprocess'], 'a mask needs reorient to LPS or RAS'),
    ...(tiling.mode === 'sliding' ? checkSliding(tiling, manifest) : []),
  ];
};

function checkSliding(tiling: Tiling & { mode: 'sliding' }, manifest: CheckedManifest): readonly Problem[] {
  const { inputs, decode } = manifest;
  const [{ layout, shape, multipleOf = [] }] = inputs;
  const rank = rankOf(layout);
  const { roi, overlap, stage, blend } = tiling;
  const spatial = layout === 'NHWC' ? shape.slice(1, 3) : shape.slice(2);
  const listed = decode.family === 'yolo' || decode.family === 'boxes';
  const mapped = decode.family === 'heatmap' || decode.family === 'segmentation';
  const overlaps = typeof overlap === 'number' ? [] : overlap;
  return [
    ...when(roi.length !== rank, ['tiling', 'roi'], `${layout} has ${rank} spatial axes`),
    ...when(
      typeof overlap !== 'number' && overlap.length !== rank,
      ['tiling', 'overlap'],
      `${layout} has ${rank} axes`,
    ),
    ...when(
      overlaps.some((voxels, a) => voxels * 2 > (roi[a] ?? 0)),
      ['tiling', 'overlap'],
      'tiles may overlap by half of their size at most',
    ),
    ...when(
      roi.some((size, a) => size % (multipleOf[a] ?? 1) !== 0),
      ['tiling', 'roi'],
      'roi must be a multiple of multipleOf',
    ),
    ...when(
      roi.some((size, a) => typeof spatial[a] === 'number' && spatial[a] !== size),
      ['tiling', 'roi'],
      `the input takes ${spatial.join(' x ')} and nothing else`,
    ),
    ...when(
      stage === 'heads' && listed,
      ['tiling', 'stage'],
      `lists of ${decode.family} cannot be blended: stage boxes`,
    ),
    ...when(stage === 'boxes' && mapped, ['tiling', 'stage'], `maps of ${decode.family} are blended: stage heads`),
    ...when(decode.family === 'classificationCam', ['tiling', 'mode'], 'classificationCam reads the whole image'),
    ...when(
      (stage === 'heads') !== (blend !== undefined),
      ['tiling', 'blend'],
      'stage heads needs a blend, boxes has none',
    ),
    ...when(
      tiling.sigmaScale !== undefined && blend !== 'gaussian',
      ['tiling', 'sigmaScale'],
      'only a gaussian blend has a sigma',
    ),
  ];
}

/** What is read again mirrored must mean the same mirrored. */
export const checkTta: Rule = ({ tta, decode, dims }) => {
  if (!tta || tta.flips.length === 0) return [];
  const isMap = decode.family === 'segmentation' || (decode.family === 'heatmap' && decode.offset === undefined);
  const isCentred =
    decode.family !== 'heatmap' || decode.cellOrigin.every((at, a) => at === ((decode.stride[a] ?? 1) - 1) / 2);
  return [
    ...when(!isMap, ['tta', 'flips'], 'flips are for segmentation, and for heatmap without offset'),
    ...when(!isCentred, ['tta', 'flips'], 'mirrored cells lie elsewhere unless cellOrigin is (stride - 1) / 2'),
    ...when(dims !== '3d' && tta.flips.some((flip) => flip.includes('z')), ['tta', 'flips'], `${dims} has no axis z`),
    ...when(
      tta.merge === 'meanProbability' && decode.family !== 'segmentation',
      ['tta', 'merge'],
      'meanProbability is for segmentation',
    ),
  ];
};
