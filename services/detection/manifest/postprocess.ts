import { z } from 'zod';
import { Mm, Unit } from './vocabulary.ts';

/** Steps from candidates to results, carried out in their order. */
export const Postprocess = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('scoreFilter'), min: Unit }),
  z.strictObject({ op: z.literal('calibrate'), method: z.literal('platt'), a: z.number(), b: z.number() }),
  z.strictObject({
    op: z.literal('nms'),
    metric: z.literal('centerDistance'),
    /** Times the larger of the two diameters. */
    threshold: z.number().positive().max(10),
    relativeTo: z.literal('maxDiameter'),
    classAgnostic: z.literal(true),
  }),
  z.strictObject({ op: z.literal('insideMask'), mask: z.literal('lung'), toleranceMm: z.number().min(0).max(100) }),
  z.strictObject({ op: z.literal('sizeFilter'), minMm: z.number().min(0), maxMm: Mm }),
  z.strictObject({ op: z.literal('limit'), max: z.number().int().min(1).max(100) }),
]);
export type Postprocess = z.infer<typeof Postprocess>;
