import { z } from 'zod';
import { Count, closed, oneOf, Spatial } from './vocabulary.ts';

const Channel = z.number().int().min(0).max(255);
const Channels = z.array(Channel).min(1).max(3);
const Order = z.enum(['zyx', 'xyz', 'yx', 'xy']);
const MinScore = z.number().gt(0).lt(1);
/** Whether 0 is the centre of the first voxel or its outer edge: half a voxel apart. */
const Origin = z.enum(['voxelCenter', 'voxelEdge']);
const BoxUnit = z.enum(['inputPixels', 'normalized']);

/** A map of scores whose peaks are lesions, and maps of what belongs to each. Lists follow the axes of the layout. */
const Heatmap = closed({
  family: z.literal('heatmap'),
  /** Input voxels per cell. */
  stride: Spatial(Count),
  /** Input voxel of the centre of cell 0. */
  cellOrigin: Spatial(z.number()),
  peak: closed({
    /** A peak is the highest of so many cells along each axis; in its own slice only where the layout has no z. */
    kernel: z.union([z.literal(3), z.literal(5), z.literal(7)]),
    minScore: MinScore,
    /** `parabola`: the maximum between cells, by the two neighbours on each axis. For maps without an offset output. */
    refine: z.enum(['none', 'parabola']).default('none'),
  }),
  /** Added to the cell; channels of the output `offset` or else `regression`. */
  offset: closed({ channels: Channels, order: Order, unit: z.literal('cells') }).optional(),
  /** Channels of the output `size` or else `regression`. */
  size: closed({
    channels: Channels,
    encoding: z.enum(['ln', 'linear']),
    unit: z.enum(['mm', 'voxels', 'cells']),
    shape: z.enum(['sphere', 'box']),
    /** Of the sides of a box. */
    order: Order.optional(),
  }),
});

/** One list of boxes and class scores over all places. */
const Yolo = closed({
  family: z.literal('yolo'),
  /** `v5`: (1, N, 5 + C) with objectness; `v8`, v11 too: (1, 4 + C, N). */
  variant: z.enum(['v5', 'v8']),
  layout: z.enum(['BN(5+C)', 'B(4+C)N']),
  boxFormat: z.enum(['cxcywh', 'xyxy']),
  unit: BoxUnit,
  objectness: z.boolean(),
  scoresActivated: z.boolean(),
  minScore: MinScore.default(0.01),
});

/** Boxes as the graph has chosen them: one output (1, N, 6) x, y, x, y, score, class; or boxes, labels and scores. */
const Boxes = closed({
  family: z.literal('boxes'),
  layout: z.enum(['BN6', 'boxes-labels-scores']),
  boxFormat: z.enum(['xyxy', 'cxcywh']),
  unit: BoxUnit,
  /** Added to a label to give the id of the class; -1 where 0 is the background. */
  labelOffset: z.number().int().min(-16).max(16).default(0),
  minScore: MinScore.default(0.01),
});

/** Heads of scores and of deltas to anchors, for each level of a pyramid (RetinaNet). */
const Anchors = closed({
  family: z.literal('anchors'),
  levels: z
    .array(
      closed({
        /** Input voxels per cell, in the order of the layout. */
        stride: Spatial(Count),
        /** Sides in voxels, in the order of `boxOrder`. */
        anchors: z
          .array(Spatial(z.number().positive().max(4096)))
          .min(1)
          .max(32),
      }),
    )
    .min(1)
    .max(8),
  /** Of the sides of anchors and of the deltas: centre by axis, then size by axis. */
  boxOrder: Order,
  anchorCenter: z.enum(['index*stride', '(index+0.5)*stride']),
  anchorUnit: z.literal('voxel'),
  origin: Origin,
  /** Channel a * C + c holds class c of anchor a. */
  channelOrder: z.literal('anchor-major'),
  coder: closed({
    type: z.literal('delta'),
    weights: z.array(z.number().positive()).min(4).max(6),
    /** The most that the logarithm of a size may be. */
    clip: z.number().positive().max(20),
  }),
  scoreActivation: z.enum(['sigmoid', 'none']),
  topKPerLevel: z.number().int().min(1).max(10_000),
  minScore: MinScore,
});

/** A map of classes; each connected piece of a foreground class is a lesion. */
const Segmentation = closed({
  family: z.literal('segmentation'),
  /** Channels that are lesions: the first is class 0, and so on. */
  foreground: z.array(Channel).min(1).max(16),
  threshold: z.number().gt(0).lt(1),
  /** A piece counts only with a voxel as probable as `seed`. */
  hysteresis: closed({ seed: z.number().gt(0).lt(1) }).optional(),
  connectivity: z.union([z.literal(6), z.literal(26)]),
  minVolumeMm3: z.number().min(0).max(1e6),
  /** Of the probabilities of its voxels. */
  score: z.enum(['max', 'p95', 'mean']),
  /** Of the ball of the same volume, or the greatest distance within it. */
  diameter: z.enum(['sphere', 'maxFeret']),
});

/** Scores of the whole image, and where they come from: a map of the features weighted as the last layer weights them. */
const ClassificationCam = closed({
  family: z.literal('classificationCam'),
  relu: z.literal(true),
  normalize: z.literal('max'),
  /** Of the maximum of the map: a region is what reaches it. */
  regionThreshold: z.number().gt(0).lt(1),
  maxRegions: z.number().int().min(1).max(10),
  boxConfidence: z.literal('classScore'),
  localization: z.literal('approximate'),
  minScore: MinScore.default(0.01),
});

/** From the answers of the graph to candidates. */
export const Decode = oneOf('family', [Heatmap, Yolo, Boxes, Anchors, Segmentation, ClassificationCam]);
export type Decode = z.infer<typeof Decode>;
export type DecodeOf<Family extends Decode['family']> = Extract<Decode, { family: Family }>;
