import { type CheckedManifest, type Problem, type Rule, when } from './checked.ts';
import type { Postprocess } from './postprocess.ts';
import type { Preprocess, PreprocessOp } from './preprocess.ts';

type Dims = CheckedManifest['dims'];

/** The dims in which a step of `preprocess` has a meaning. */
// biome-ignore format: a table
const PREPROCESS: Readonly<Record<Preprocess['op'], readonly Dims[]>> = {
  modalityLut:    ['2d', '2.5d', '3d'],
  monochrome:     ['2d'],
  reorient:       ['2.5d', '3d'],
  cropNonzero:    ['2.5d', '3d'],
  resample:       ['2.5d', '3d'],
  roi:            ['2.5d', '3d'],
  resize:         ['2d', '2.5d'],
  letterbox:      ['2d', '2.5d'],
  flip:           ['2d', '2.5d', '3d'],
  clip:           ['2d', '2.5d', '3d'],
  scale:          ['2d', '2.5d', '3d'],
  zscore:         ['2d', '2.5d', '3d'],
  percentileClip: ['2d', '2.5d', '3d'],
  window:         ['2d', '2.5d', '3d'],
  channels:       ['2d', '2.5d'],
  stack:          ['2.5d'],
};

/** Of `postprocess`, the same. Patient millimetres and masks do not exist on a single frame. */
// biome-ignore format: a table
const POSTPROCESS: Readonly<Record<Postprocess['op'], readonly Dims[]>> = {
  scoreFilter:    ['2d', '2.5d', '3d'],
  calibrate:      ['2d', '2.5d', '3d'],
  clipToImage:    ['2d', '2.5d', '3d'],
  nms:            ['2d', '2.5d', '3d'],
  linkSlices:     ['2.5d'],
  insideMask:     ['2.5d', '3d'],
  sizeFilter:     ['2.5d', '3d'],
  limit:          ['2d', '2.5d', '3d'],
};

/** Steps that come before all others, in this order. */
const FIRST = ['modalityLut', 'monochrome', 'reorient'] as const;
const ONCE = ['modalityLut', 'monochrome', 'reorient', 'cropNonzero', 'resample', 'roi', 'channels', 'stack'] as const;

const at = (op: Preprocess['op'], { preprocess }: Pick<CheckedManifest, 'preprocess'>): number =>
  preprocess.findIndex((step) => step.op === op);

export const checkPreprocess: Rule = (manifest) => {
  const { preprocess, dims } = manifest;
  const names = preprocess.map(({ op }) => op);
  const index = (op: Preprocess['op']) => at(op, manifest);
  const known = FIRST.filter((op) => names.includes(op));
  return [
    ...preprocess.flatMap(({ op }, n) =>
      when(!PREPROCESS[op].includes(dims), ['preprocess', n], `${op} is for ${PREPROCESS[op].join(', ')}, not ${dims}`),
    ),
    ...when(names[0] !== 'modalityLut', ['preprocess'], 'must start with modalityLut'),
    ...when(dims !== '2d' && index('reorient') < 0, ['preprocess'], 'reorient must say how the axes lie'),
    ...when(dims === '2d' && index('monochrome') < 0, ['preprocess'], 'monochrome must say what bright means'),
    ...when(
      known.some((op, n) => names[n] !== op),
      ['preprocess'],
      `${known.join(', ')} must come first, in this order`,
    ),
    ...ONCE.flatMap((op) =>
      when(index(op) !== names.lastIndexOf(op), ['preprocess', names.lastIndexOf(op)], `${op} may appear once`),
    ),
    ...when(
      index('roi') >= 0 && index('resample') > index('roi'),
      ['preprocess', index('roi')],
      'roi must come after resample',
    ),
    ...when(
      names.includes('channels') && names.includes('stack'),
      ['preprocess', index('channels')],
      'channels and stack exclude each other',
    ),
    ...when(
      names.includes('stack') && index('stack') !== names.length - 1,
      ['preprocess', index('stack')],
      'stack must come last',
    ),
    ...preprocess.flatMap((step, n) => checkStep(step, n, manifest)),
  ];
};

/** What a step lacks or has too much of. */
function checkStep(step: Preprocess, n: number, manifest: CheckedManifest): readonly Problem[] {
  const path = ['preprocess', n];
  switch (step.op) {
    case 'resize':
      return when((step.size === undefined) === (step.longSide === undefined), path, 'resize needs size or longSide');
    case 'resample':
      return when(step.antialias && step.interpolation === 'nearest', path, 'nearest has no antialias');
    case 'roi':
      return beforeStatistics(n, manifest);
    case 'cropNonzero':
      return when(at('resample', manifest) < n, path, 'cropNonzero must come before resample');
    case 'scale':
      return checkScale(step, n, manifest);
    case 'zscore':
      return checkZscore(step, n, manifest);
    case 'percentileClip':
      return when(step.percentiles[0] >= step.percentiles[1], [...path, 'percentiles'], 'must rise');
    case 'clip':
      return when(step.min >= step.max, path, 'min must be below max');
    case 'window':
      return checkWindow(step, n, manifest);
    case 'flip':
      return [
        ...when(step.axis === 'z' && manifest.dims !== '3d', path, 'only 3d has an axis z to flip'),
        ...when(step.when !== undefined && manifest.dims !== '2d', path, 'only a single frame has a laterality'),
      ];
    case 'stack':
      return checkStack(step, n, manifest);
    default:
      return [];
  }
}

/** The region is cut out before anything is computed: what a statistic sees before it would not be what the list says. */
function beforeStatistics(n: number, { preprocess }: CheckedManifest): readonly Problem[] {
  const early = preprocess.slice(0, n).find(isStatistic);
  return when(early !== undefined, ['preprocess', n], `roi must come before ${early?.op}, which looks at all values`);
}

const isStatistic = (step: Preprocess): boolean =>
  step.op === 'percentileClip' ||
  (step.op === 'zscore' && step.of === 'image') ||
  (step.op === 'scale' && step.from === 'minmax') ||
  (step.op === 'window' && step.percentiles !== undefined);

function checkScale(step: PreprocessOp<'scale'>, n: number, { preprocess }: CheckedManifest): readonly Problem[] {
  const hasWindow = preprocess.slice(0, n).some(({ op }) => op === 'window');
  const isFlat = Array.isArray(step.from) && step.from[0] === step.from[1];
  return [
    ...when(step.from === 'window' && !hasWindow, ['preprocess', n, 'from'], 'no window comes before'),
    ...when(isFlat, ['preprocess', n, 'from'], 'must be two different values'),
  ];
}

function checkZscore(step: PreprocessOp<'zscore'>, n: number, manifest: CheckedManifest): readonly Problem[] {
  const path = ['preprocess', n];
  const given = step.mean !== undefined && step.std !== undefined;
  const none = step.mean === undefined && step.std === undefined;
  const lists = [step.mean, step.std].filter((value) => Array.isArray(value));
  const channels = manifest.preprocess.slice(0, n).find((other) => other.op === 'channels');
  const count = channels?.op === 'channels' ? channels.repeat : 1;
  return [
    ...when(!(step.of === 'image' ? none : given), path, 'zscore needs mean and std, or of: image'),
    ...when(
      lists.some(({ length }) => length !== count),
      path,
      `a value for each channel, but ${count} stand here: channels must come before`,
    ),
  ];
}

function checkWindow(step: PreprocessOp<'window'>, n: number, { dims }: CheckedManifest): readonly Problem[] {
  const path = ['preprocess', n];
  const isGiven = step.center !== undefined && step.width !== undefined;
  const isPart = (step.center === undefined) !== (step.width === undefined);
  const needsPercentiles = step.source === 'percentile' || step.source === 'voi-or-percentile';
  return [
    ...when(isPart || isGiven === (step.source !== undefined), path, 'window needs center and width, or source'),
    ...when(needsPercentiles !== (step.percentiles !== undefined), path, 'percentiles go with a source that uses them'),
    ...when(
      step.source?.startsWith('voi') === true && dims !== '2d',
      path,
      'only a single frame has a window of its own',
    ),
    ...when(
      step.percentiles !== undefined && step.percentiles[0] >= step.percentiles[1],
      path,
      'percentiles must rise',
    ),
  ];
}

function checkStack(step: PreprocessOp<'stack'>, n: number, manifest: CheckedManifest): readonly Problem[] {
  const path = ['preprocess', n];
  const resample = manifest.preprocess.find((other) => other.op === 'resample');
  const spacing = resample?.op === 'resample' ? resample.spacingMm[resample.order === 'zyx' ? 0 : 2] : undefined;
  const stride = spacing === undefined ? Number.NaN : step.strideMm / spacing;
  return [
    ...when(step.center >= step.slices, path, 'center must be one of the slices'),
    ...when(spacing === undefined, path, 'stack needs resample to say how far slices are apart'),
    ...when(
      Math.abs(stride - Math.round(stride)) > 1e-6 || stride < 0.5,
      path,
      'strideMm must be a multiple of the spacing along z',
    ),
  ];
}

export const checkPostprocess: Rule = (manifest) =>
  manifest.postprocess.flatMap((step, n) => [
    ...when(
      !POSTPROCESS[step.op].includes(manifest.dims),
      ['postprocess', n],
      `${step.op} is for ${POSTPROCESS[step.op].join(', ')}, not ${manifest.dims}`,
    ),
    ...checkResultStep(step, n, manifest),
  ]);

function checkResultStep(step: Postprocess, n: number, { decode, dims }: CheckedManifest): readonly Problem[] {
  const path = ['postprocess', n];
  const hasBoxes = decode.family !== 'segmentation' && !(decode.family === 'heatmap' && decode.size.shape === 'sphere');
  switch (step.op) {
    case 'calibrate': {
      const isPlatt = step.a !== undefined && step.b !== undefined && step.t === undefined;
      const isTemperature = step.t !== undefined && step.a === undefined && step.b === undefined;
      return [
        ...when(!(step.method === 'platt' ? isPlatt : isTemperature), path, 'platt needs a and b, temperature needs t'),
        ...when(step.size !== undefined && step.method !== 'platt', path, 'size goes with platt'),
        ...when(step.size !== undefined && dims === '2d', path, 'size is in mm, which a single image has none of'),
      ];
    }
    case 'nms':
      return [
        ...when(
          (step.metric === 'centerDistance') !== (step.relativeTo !== undefined),
          path,
          'relativeTo goes with centerDistance',
        ),
        ...when(step.metric !== 'centerDistance' && step.threshold >= 1, path, 'an overlap is below 1'),
        ...when(step.metric === 'iou' && !hasBoxes, path, `iou needs boxes; ${decode.family} answers none here`),
        ...when(step.metric === 'sphereIou' && dims !== '3d', path, 'balls are for 3d'),
      ];
    case 'clipToImage':
    case 'linkSlices':
      return when(!hasBoxes, path, `${step.op} needs boxes; ${decode.family} answers none here`);
    case 'sizeFilter':
      return when(step.minMm >= step.maxMm, path, 'minMm must be below maxMm');
    default:
      return [];
  }
}
