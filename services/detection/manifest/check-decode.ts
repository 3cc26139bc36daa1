import { type CheckedManifest, type Problem, type Rule, rankOf, when } from './checked.ts';
import type { Decode, DecodeOf } from './decode.ts';
import type { Output } from './tensors.ts';

interface Family {
  readonly dims: readonly CheckedManifest['dims'][];
  readonly kind: CheckedManifest['kind'];
  /** Sets of roles that it reads; one of them must be there, each role once unless it has levels. */
  readonly roles: readonly (readonly Output['role'][])[];
}

// biome-ignore format: a table
const FAMILIES: Readonly<Record<Decode['family'], Family>> = {
  heatmap:           { dims: ['2d', '2.5d', '3d'], kind: 'detection', roles: [['heatmap', 'regression'], ['heatmap', 'size'], ['heatmap', 'size', 'offset']] },
  yolo:              { dims: ['2d', '2.5d'], kind: 'detection', roles: [['predictions']] },
  boxes:             { dims: ['2d', '2.5d'], kind: 'detection', roles: [['predictions'], ['boxes', 'labels', 'scores']] },
  anchors:           { dims: ['2d', '2.5d', '3d'], kind: 'detection', roles: [['cls', 'box']] },
  segmentation:      { dims: ['2.5d', '3d'], kind: 'segmentation', roles: [['segLogits']] },
  classificationCam: { dims: ['2d'], kind: 'classification', roles: [['classLogits', 'features', 'camWeights']] },
};

const MAPS: readonly Output['role'][] = [
  'heatmap',
  'regression',
  'size',
  'offset',
  'cls',
  'box',
  'segLogits',
  'features',
];
const ACTIVATED: Partial<Record<Output['role'], readonly Output['activation'][]>> = {
  heatmap: ['sigmoid', 'none'],
  segLogits: ['sigmoid', 'softmax', 'none'],
  classLogits: ['sigmoid', 'softmax', 'none'],
};

/** The family against dims, kind and the roles of the outputs. */
export const checkFamily: Rule = ({ decode, dims, kind, outputs, inputs }) => {
  const { family } = decode;
  const wanted = FAMILIES[family];
  const roles = [...new Set(outputs.map(({ role }) => role))];
  const fits = wanted.roles.some((set) => set.length === roles.length && set.every((role) => roles.includes(role)));
  const names = wanted.roles.map((set) => set.join(' + ')).join(' or ');
  const once = family === 'anchors' || roles.length === outputs.length;
  return [
    ...when(
      !wanted.dims.includes(dims),
      ['decode', 'family'],
      `${family} is for ${wanted.dims.join(', ')}, not ${dims}`,
    ),
    ...when(wanted.kind !== kind, ['kind'], `${family} is a ${wanted.kind}`),
    ...when(!fits || !once, ['outputs'], `${family} reads ${names}`),
    ...outputs.flatMap((output, n) => checkOutput(output, n, inputs[0].layout)),
  ];
};

function checkOutput({ role, layout, activation, level }: Output, n: number, input: string): readonly Problem[] {
  const isMap = MAPS.includes(role);
  const allowed = ACTIVATED[role] ?? ['none'];
  return [
    ...when(layout !== undefined && !isMap, ['outputs', n, 'layout'], `${role} is no map`),
    ...when(
      layout !== undefined && isMap && layout !== input,
      ['outputs', n, 'layout'],
      `maps lie as the input: ${input}`,
    ),
    ...when(!allowed.includes(activation), ['outputs', n, 'activation'], `${role} takes ${allowed.join(', ')}`),
    ...when(
      (level !== undefined) !== (role === 'cls' || role === 'box'),
      ['outputs', n, 'level'],
      'goes with cls and box',
    ),
  ];
}

/** The numbers inside `decode`, against the layout and the classes. */
export const checkDecode: Rule = (manifest) => {
  const { decode } = manifest;
  switch (decode.family) {
    case 'heatmap':
      return checkHeatmap(decode, manifest);
    case 'yolo': {
      const isV5 = decode.variant === 'v5';
      return [
        ...when(isV5 !== (decode.layout === 'BN(5+C)'), ['decode', 'layout'], `${decode.variant} lies otherwise`),
        ...when(isV5 !== decode.objectness, ['decode', 'objectness'], 'goes with v5'),
      ];
    }
    case 'boxes': {
      const isList = manifest.outputs.length === 1;
      return when(isList !== (decode.layout === 'BN6'), ['decode', 'layout'], 'does not fit the outputs');
    }
    case 'anchors':
      return checkAnchors(decode, manifest);
    case 'segmentation':
      return checkSegmentation(decode, manifest);
    case 'classificationCam':
      return [];
  }
};

const isFor = (order: string, rank: number): boolean => order.length === rank;

function checkHeatmap(
  decode: DecodeOf<'heatmap'>,
  { inputs, outputs, tiling, dims }: CheckedManifest,
): readonly Problem[] {
  const [{ layout, multipleOf = [] }] = inputs;
  const rank = rankOf(layout);
  const { stride, cellOrigin, offset, size } = decode;
  const sides = size.shape === 'sphere' ? 1 : rank;
  const isTiled = tiling.mode === 'sliding';
  const roles = outputs.map(({ role }) => role);
  return [
    ...when(stride.length !== rank || cellOrigin.length !== rank, ['decode'], `${layout} has ${rank} spatial axes`),
    ...when(
      stride.some((cell, a) => (multipleOf[a] ?? 1) % cell !== 0),
      ['decode', 'stride'],
      `multipleOf must be a multiple of stride${isTiled ? ', so that tiles meet on cells' : ''}`,
    ),
    ...when(size.channels.length !== sides, ['decode', 'size', 'channels'], `a ${size.shape} has ${sides} here`),
    ...when(
      (size.unit === 'mm') !== (size.shape === 'sphere'),
      ['decode', 'size', 'unit'],
      'a sphere is in mm, a box in voxels or cells',
    ),
    ...when(dims === '2d' && size.shape === 'sphere', ['decode', 'size', 'shape'], 'a single frame has boxes'),
    ...when((size.shape === 'box') !== (size.order !== undefined), ['decode', 'size', 'order'], 'goes with a box'),
    ...when(
      size.order !== undefined && !isFor(size.order, rank),
      ['decode', 'size', 'order'],
      `${layout} has ${rank} axes`,
    ),
    ...when(
      offset !== undefined && (offset.channels.length !== rank || !isFor(offset.order, rank)),
      ['decode', 'offset'],
      `${layout} has ${rank} spatial axes`,
    ),
    ...when(
      offset !== undefined && decode.peak.refine === 'parabola',
      ['decode', 'peak', 'refine'],
      'offset refines already',
    ),
    ...when(
      roles.includes('offset') && offset === undefined,
      ['decode', 'offset'],
      'an output offset is there but not read',
    ),
  ];
}

function checkAnchors(decode: DecodeOf<'anchors'>, { inputs, outputs, tiling }: CheckedManifest): readonly Problem[] {
  const [{ layout, multipleOf = [] }] = inputs;
  const rank = rankOf(layout);
  const fine = tiling.mode === 'sliding' && tiling.stage === 'heads';
  return [
    ...when(!isFor(decode.boxOrder, rank), ['decode', 'boxOrder'], `${layout} has ${rank} spatial axes`),
    ...when(decode.coder.weights.length !== 2 * rank, ['decode', 'coder', 'weights'], `must be ${2 * rank}`),
    ...decode.levels.flatMap(({ stride, anchors }, n) => [
      ...when(
        stride.length !== rank || anchors.some((sides) => sides.length !== rank),
        ['decode', 'levels', n],
        `${layout} has ${rank} spatial axes`,
      ),
      ...when(
        fine && stride.some((cell, a) => (multipleOf[a] ?? 1) % cell !== 0),
        ['decode', 'levels', n, 'stride'],
        'multipleOf must be a multiple of stride, so that tiles meet on cells',
      ),
      ...(['cls', 'box'] as const).flatMap((role) =>
        when(
          outputs.filter((output) => output.role === role && output.level === n).length !== 1,
          ['outputs'],
          `level ${n} needs one ${role}`,
        ),
      ),
    ]),
    ...when(
      outputs.some(({ level = 0 }) => level >= decode.levels.length),
      ['outputs'],
      'a level that decode does not name',
    ),
  ];
}

function checkSegmentation(
  decode: DecodeOf<'segmentation'>,
  { outputs, classes }: CheckedManifest,
): readonly Problem[] {
  const channels = outputs[0]?.channels?.length;
  const { foreground, hysteresis, threshold } = decode;
  return [
    ...when(new Set(foreground).size !== foreground.length, ['decode', 'foreground'], 'names a channel twice'),
    ...when(
      channels !== undefined && foreground.some((channel) => channel >= channels),
      ['decode', 'foreground'],
      'is not among the channels',
    ),
    ...when(foreground.length !== classes.length, ['classes'], 'must be as many as foreground'),
    ...when(
      hysteresis !== undefined && hysteresis.seed < threshold,
      ['decode', 'hysteresis'],
      'seed is below threshold',
    ),
  ];
}
