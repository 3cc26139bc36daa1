import { type Rule, when } from './checked.ts';

const OF_VOLUMES = ['orientation', 'minSlices', 'sliceThicknessMm', 'spacingUniformityMm', 'rank'] as const;
const OF_FRAMES = ['viewPosition', 'presentationIntent', 'burnedInAnnotation', 'laterality'] as const;

/** What a volume must be is not asked of a single frame, and the other way round. */
export const checkAccepts: Rule = ({ accepts, dims, preprocess, postprocess }) => [
  ...OF_VOLUMES.flatMap((field) =>
    when(
      (accepts[field] === undefined) === (dims !== '2d'),
      ['accepts', field],
      dims === '2d' ? 'is for volumes, not 2d' : `is required for ${dims}`,
    ),
  ),
  ...OF_FRAMES.flatMap((field) =>
    when(accepts[field] !== undefined && dims !== '2d', ['accepts', field], `is for 2d, not ${dims}`),
  ),
  ...when(
    preprocess.some((step) => step.op === 'modalityLut' && step.to === 'HU') &&
      accepts.modality.some((modality) => modality !== 'CT'),
    ['accepts', 'modality'],
    'only CT has Hounsfield units',
  ),
  ...when(
    [...preprocess, ...postprocess].some(({ op }) => op === 'roi' || op === 'insideMask') &&
      accepts.modality.some((modality) => modality !== 'CT'),
    ['accepts', 'modality'],
    'the lungs are found by their Hounsfield units, which only CT has',
  ),
  ...when(accepts.units !== undefined && dims === '2d', ['accepts', 'units'], 'is for volumes, not 2d'),
];

/** What results are called and measured by. */
export const checkResults: Rule = ({ operatingPoints, report, dims, postprocess, classes, decode }) => [
  ...when(
    operatingPoints.filter((point) => point.default).length !== 1,
    ['operatingPoints'],
    'exactly one must be the default',
  ),
  ...when(!postprocess.some(({ op }) => op === 'limit'), ['postprocess'], 'needs a limit: a report holds 100 findings'),
  ...when(report.sizes === 'lungSegmentation' && dims === '2d', ['report', 'sizes'], 'needs a volume'),
  ...when(
    classes.some(({ id }, n) => id !== n),
    ['classes'],
    'ids must count from 0',
  ),
  ...when(new Set(classes.map(({ name }) => name)).size !== classes.length, ['classes'], 'a name twice'),
  ...when(
    dims === '2.5d' && decode.family !== 'segmentation' && !postprocess.some(({ op }) => op === 'linkSlices'),
    ['postprocess'],
    'linkSlices must join what is seen on several slices',
  ),
];
