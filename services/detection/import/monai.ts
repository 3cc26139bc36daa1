import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { GraphFacts } from '../onnx/read-graph.ts';
import { acceptsVolumes, type Draft, type Imported } from './draft.ts';

/** `configs/metadata.json` of a bundle, as far as it is read. */
export const MonaiMetadata = z.looseObject({
  version: z.string().default(''),
  task: z.string().default(''),
  copyright: z.string().optional(),
  network_data_format: z.looseObject({
    inputs: z.looseObject({ image: z.looseObject({ modality: z.string().optional() }) }),
    outputs: z.looseObject({ pred: z.looseObject({ channel_def: z.record(z.string(), z.string()) }) }),
  }),
});

const Numbers = z.array(z.number());
const Anchors = z.looseObject({
  feature_map_scales: z.array(z.number().int().positive()).min(1).max(8),
  base_anchor_shapes: z.array(Numbers.length(3)).min(1).max(32),
});
const Orientation = z.looseObject({ axcodes: z.enum(['RAS', 'LPS']) });
const Spacing = z.looseObject({ pixdim: Numbers.length(3) });
const Range = z.looseObject({ a_min: z.number(), a_max: z.number(), b_min: z.number(), b_max: z.number() });

const COORDINATES = 6;

/**
 * Reads a detection bundle of MONAI: a RetinaNet whose raw heads are the outputs, axes N C W H D. Expressions in Python are
 * not evaluated, only searched for the numbers in them.
 *
 * @throws {AppError} MODEL_INVALID naming what is missing.
 */
export function importMonai(graph: GraphFacts, metadata: z.infer<typeof MonaiMetadata>, inference: unknown): Imported {
  const config = new BundleConfig(inference);
  const anchors = config.object('AnchorGeneratorWithAnchorShape', Anchors);
  const spacing = config.object('Spacingd', Spacing).pixdim;
  const { axcodes } = config.object('Orientationd', Orientation);
  const range = config.object('ScaleIntensityRanged', Range);
  const roi = config.triple('patch_size');
  const stem = config.inText(/conv1_t_stride\s*=\s*\[\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\]/) ?? ['2', '2', '1'];
  const { modality } = metadata.network_data_format.inputs.image;
  const names = Object.values(metadata.network_data_format.outputs.pred.channel_def);
  const strides = anchors.feature_map_scales.map((scale) => stem.map((step) => Number(step) * 2 * scale));
  const largest = strides.at(-1) ?? [];
  const [input] = graph.inputs;
  if (input === undefined) throw new AppError('MODEL_INVALID', 'the graph has no input');
  return {
    source: `a MONAI bundle ${metadata.version}`.trim(),
    title: metadata.task,
    version: metadata.version,
    license: metadata.copyright,
    classes: names,
    blocks: {
      kind: 'detection',
      dims: '3d',
      accepts: acceptsVolumes(modality),
      preprocess: [
        modality === 'CT' ? { op: 'modalityLut', to: 'HU' } : { op: 'modalityLut' },
        { op: 'reorient', axes: axcodes },
        {
          ...{ op: 'resample', spacingMm: spacing, order: 'xyz', interpolation: 'linear' },
          ...{ antialias: false, align: 'center' },
        },
        { op: 'clip', min: range.a_min, max: range.a_max },
        { op: 'scale', from: [range.a_min, range.a_max], to: [range.b_min, range.b_max] },
      ],
      inputs: [
        {
          name: input.name,
          layout: 'NCWHD',
          dtype: 'float32',
          shape: input.dims ?? [1, 1, ...roi],
          multipleOf: largest,
          pad: { mode: 'constant', value: 0 },
        },
      ],
      tiling: {
        mode: 'sliding',
        roi,
        overlap: config.number(/overlap\s*=\s*([\d.]+)/, 0.25),
        ...{ blend: 'constant', batch: 1, stage: 'heads' },
      },
      outputs: heads(graph, anchors.base_anchor_shapes.length, names.length),
      decode: {
        family: 'anchors',
        levels: anchors.feature_map_scales.map((scale, level) => ({
          stride: strides[level],
          anchors: anchors.base_anchor_shapes.map((sides) => sides.map((side) => anchorSide(side * scale))),
        })),
        boxOrder: 'xyz',
        anchorCenter: 'index*stride',
        anchorUnit: 'voxel',
        origin: 'voxelCenter',
        channelOrder: 'anchor-major',
        coder: { type: 'delta', weights: [1, 1, 1, 1, 1, 1], clip: 4.135 },
        scoreActivation: 'sigmoid',
        topKPerLevel: config.number(/topk_candidates_per_level\s*=\s*(\d+)/, 1000),
        minScore: config.number(/score_thresh\s*=\s*([\d.]+)/, 0.02),
      },
      postprocess: [
        { op: 'clipToImage' },
        { op: 'nms', metric: 'iou', threshold: config.number(/nms_thresh\s*=\s*([\d.]+)/, 0.22), classAgnostic: false },
        { op: 'limit', max: Math.min(100, config.number(/detections_per_img\s*=\s*(\d+)/, 100)) },
      ],
    },
    assumed: [
      `decode.levels: strides of ${strides.map((stride) => stride.join('x')).join(', ')} from conv1_t_stride and a pooling of 2`,
      'decode.coder: weights of 1, and logarithms of sizes up to ln(1000 / 16)',
    ],
  };
}

/** Scores have A x C channels, boxes A x 6; each in the order of the levels. */
/** Its generator rounds half of each side to a whole number, a half to the even one: 5 becomes 4. */
function anchorSide(side: number): number {
  const whole = Math.floor(side / 2);
  const rest = side / 2 - whole;
  return 2 * (rest > 0.5 || (rest === 0.5 && whole % 2 === 1) ? whole + 1 : whole);
}

function heads({ outputs }: GraphFacts, anchors: number, classes: number): Draft[] {
  const levels = { cls: 0, box: 0 };
  return outputs.map(({ name, dims }) => {
    const channels = dims?.[1];
    const role = channels === anchors * COORDINATES ? 'box' : 'cls';
    if (role === 'cls' && channels !== anchors * classes)
      throw new AppError('MODEL_INVALID', `output ${name} has ${channels} channels, neither scores nor boxes`);
    const level = levels[role];
    levels[role] += 1;
    return { name, role, level };
  });
}

/** A configuration of MONAI: objects that name their class, references `@id` and expressions `$…` in texts. */
class BundleConfig {
  readonly #root: Readonly<Record<string, unknown>>;
  readonly #objects: Readonly<Record<string, unknown>>[] = [];
  readonly #texts: string[] = [];

  constructor(root: unknown) {
    this.#root = z.record(z.string(), z.unknown()).parse(root);
    this.#walk(root, 0);
  }

  #walk(value: unknown, depth: number): void {
    if (depth > 32) throw new AppError('MODEL_INVALID', 'inference.json is nested too deeply');
    if (typeof value === 'string') this.#texts.push(value);
    if (value === null || typeof value !== 'object') return;
    if (!Array.isArray(value)) this.#objects.push(value as Readonly<Record<string, unknown>>);
    for (const inner of Object.values(value)) this.#walk(inner, depth + 1);
  }

  /** The first object of a class, its references resolved. @throws {AppError} MODEL_INVALID */
  object<T>(name: string, schema: z.ZodType<T>): T {
    const found = this.#objects.find(({ _target_: target }) => typeof target === 'string' && target.endsWith(name));
    if (found === undefined) throw new AppError('MODEL_INVALID', `inference.json has no ${name}`);
    const { data, error } = schema.safeParse(
      Object.fromEntries(Object.entries(found).map(([key, value]) => [key, this.#resolved(value)])),
    );
    if (data !== undefined) return data;
    const [issue] = error?.issues ?? [];
    throw new AppError('MODEL_INVALID', `inference.json: ${name}: ${issue?.path.join('.')}: ${issue?.message}`);
  }

  triple(key: string): readonly number[] {
    const { success, data } = Numbers.length(3).safeParse(this.#root[key]);
    if (!success) throw new AppError('MODEL_INVALID', `inference.json has no ${key} of three numbers`);
    return data;
  }

  inText(pattern: RegExp): string[] | undefined {
    const found = this.#texts.map((text) => pattern.exec(text)).find((match) => match !== null);
    return found?.slice(1);
  }

  number(pattern: RegExp, otherwise: number): number {
    return Number(this.inText(pattern)?.[0] ?? otherwise);
  }

  #resolved(value: unknown): unknown {
    return typeof value === 'string' && value.startsWith('@') ? this.#root[value.slice(1)] : value;
  }
}
