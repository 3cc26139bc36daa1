import { z } from 'zod';
import { Count, closed, oneOf, Spatial } from './vocabulary.ts';

/** N the batch, C the channels, D H W the axes z y x. `NCWHD` is x, y, z with z fastest. */
export const Layout = z.enum(['NCDHW', 'NCWHD', 'NCHW', 'NHWC']);
export type Layout = z.infer<typeof Layout>;

/** What the graph reads. */
export const Input = closed({
  name: z.string().min(1),
  layout: Layout,
  dtype: z.literal('float32'),
  /** As the graph declares it; a word stands for any size. */
  shape: z
    .array(z.union([Count, z.string().min(1).max(16)]))
    .min(4)
    .max(5),
  /** Sizes that the graph takes; default any. */
  multipleOf: Spatial(Count).optional(),
  /** What lies beyond the image; default its edge repeated. */
  pad: oneOf('mode', [
    closed({ mode: z.literal('edge') }),
    closed({ mode: z.literal('constant'), value: z.number() }),
  ]).optional(),
});
export type Input = z.infer<typeof Input>;

/** How an image larger than the graph reads at once is cut. */
export const Tiling = oneOf('mode', [
  /** In one piece. */
  closed({ mode: z.literal('none') }),
  closed({
    mode: z.literal('sliding'),
    roi: Spatial(Count),
    /** Voxels for each axis, or a part of the tile. */
    overlap: z.union([Spatial(z.number().int().min(0).max(1024)), z.number().min(0).max(0.5)]),
    /** Of overlapping answers: the mean, a mean weighted by a Gaussian, or that of the tile whose centre is nearer. */
    blend: z.enum(['constant', 'gaussian', 'center']).optional(),
    /** Of the Gaussian, in sizes of a tile; default 0.125. */
    sigmaScale: z.number().positive().max(1).optional(),
    /** `heads`: the answers are blended and then decoded; `boxes`: each tile is decoded and marks are joined by nms. */
    stage: z.enum(['heads', 'boxes']).default('heads'),
    batch: z.literal(1).default(1),
    skipOutsideMask: z.boolean().default(false),
  }),
  /** 2.5D: slice by slice, every `step`-th, so many at once. */
  closed({
    mode: z.literal('slices'),
    step: z.number().int().min(1).max(64),
    batch: z.number().int().min(1).max(64),
    skipOutsideMask: z.boolean().default(false),
  }),
]);
export type Tiling = z.infer<typeof Tiling>;

/** Each tile is read again mirrored along these axes, the answers mirrored back and averaged. */
export const Tta = closed({
  flips: z.array(z.enum(['z', 'y', 'x', 'zy', 'zx', 'yx', 'zyx'])).max(7),
  /** Of the answers before their activation, or after it. */
  merge: z.enum(['mean', 'meanProbability']),
});
export type Tta = z.infer<typeof Tta>;

/** One answer of the graph. */
export const Output = closed({
  name: z.string().min(1),
  role: z.enum([
    'heatmap',
    'regression',
    'size',
    'offset',
    'predictions',
    'boxes',
    'labels',
    'scores',
    'cls',
    'box',
    'segLogits',
    'classLogits',
    'features',
    'camWeights',
  ]),
  /** Of maps: that of the input, which is the default. */
  layout: Layout.optional(),
  activation: z.enum(['sigmoid', 'softmax', 'none']).default('none'),
  /** Of the heads of anchors: the place in `decode.levels`. */
  level: z.number().int().min(0).max(15).optional(),
  channels: z.array(z.string().min(1).max(64)).min(1).max(256).optional(),
});
export type Output = z.infer<typeof Output>;
