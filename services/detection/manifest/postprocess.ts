import { z } from 'zod';
import { closed, Mm, oneOf, Unit } from './vocabulary.ts';

const op = <Name extends string>(name: Name) => z.literal(name);

/** Steps from candidates to results, carried out in their order. */
export const Postprocess = oneOf('op', [
  closed({ op: op('scoreFilter'), min: Unit }),
  /**
   * Score p of a candidate of d mm becomes sigmoid(a logit p + b + size ln d), or with a temperature
   * sigmoid(logit(p) / t). `size`: how much more a candidate is believed for being larger.
   */
  closed({
    op: op('calibrate'),
    method: z.enum(['platt', 'temperature']),
    a: z.number().optional(),
    b: z.number().optional(),
    size: z.number().optional(),
    t: z.number().positive().max(100).optional(),
  }),
  /** Boxes end at the image; one without a part inside is dropped. */
  closed({ op: op('clipToImage') }),
  /** Of candidates that mean the same spot the best stays: those nearer, or that overlap more, than `threshold`. */
  closed({
    op: op('nms'),
    /** Distance of centres in diameters; overlap of boxes; overlap of balls of the diameter. */
    metric: z.enum(['centerDistance', 'iou', 'sphereIou']),
    threshold: z.number().positive().max(10),
    /** Of the two diameters: required with `centerDistance`. */
    relativeTo: z.literal('maxDiameter').optional(),
    classAgnostic: z.boolean(),
    /** Only so many of the best are looked at. */
    preTopK: z.number().int().min(1).max(100_000).optional(),
  }),
  /** 2.5D: boxes on neighbouring slices become one candidate. */
  closed({
    op: op('linkSlices'),
    metric: z.literal('iou'),
    threshold: z.number().positive().lt(1),
    /** Between two slices of a chain. */
    maxGapMm: Mm,
    minSlices: z.number().int().min(1).max(100),
    score: z.literal('max'),
    z: z.literal('scoreWeighted'),
  }),
  closed({ op: op('insideMask'), mask: z.literal('lung'), toleranceMm: z.number().min(0).max(100) }),
  closed({ op: op('sizeFilter'), minMm: z.number().min(0), maxMm: Mm }),
  closed({ op: op('limit'), max: z.number().int().min(1).max(100) }),
]);
export type Postprocess = z.infer<typeof Postprocess>;
export type PostprocessOp<Name extends Postprocess['op']> = Extract<Postprocess, { op: Name }>;
