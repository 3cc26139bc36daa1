import { z } from 'zod';
import { Count, Triple } from './vocabulary.ts';

/** What the graph reads. */
export const Input = z.strictObject({
  name: z.string().min(1),
  layout: z.literal('NCDHW'),
  dtype: z.literal('float32'),
  shape: z.tuple([z.literal(1), z.literal(1), z.string(), z.string(), z.string()]),
  multipleOf: Triple(Count),
  pad: z.strictObject({ mode: z.literal('edge') }),
});

/** How an image larger than the graph reads at once is cut. */
export const Tiling = z.strictObject({
  mode: z.literal('sliding'),
  roi: Triple(Count),
  overlap: Triple(z.number().int().min(0).max(1024)),
  blend: z.literal('center'),
  batch: z.literal(1),
  skipOutsideMask: z.boolean(),
});

/** What the graph answers. */
export const Output = z.strictObject({
  name: z.string().min(1),
  role: z.enum(['heatmap', 'regression']),
  layout: z.literal('NCDHW'),
  activation: z.enum(['sigmoid', 'none']),
});
