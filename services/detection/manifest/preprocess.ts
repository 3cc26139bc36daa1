import { z } from 'zod';
import { Hu, Triple } from './vocabulary.ts';

/** Steps from the volume to what the graph reads, carried out in their order. */
export const Preprocess = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('modalityLut'), to: z.literal('HU') }),
  z.strictObject({ op: z.literal('reorient'), axes: z.literal('LPS') }),
  z.strictObject({
    op: z.literal('resample'),
    spacingMm: Triple(z.number().min(0.2).max(10)),
    order: z.literal('zyx'),
    interpolation: z.literal('linear'),
    antialias: z.boolean(),
    align: z.literal('center'),
  }),
  z.strictObject({ op: z.literal('clip'), min: Hu, max: Hu }),
  z.strictObject({
    op: z.literal('scale'),
    from: z.tuple([z.number(), z.number()]),
    to: z.tuple([z.number(), z.number()]),
  }),
  z.strictObject({
    op: z.literal('roi'),
    mask: z.literal('lung'),
    marginMm: z.number().min(0).max(100),
    fillOutside: z.number().nullable(),
  }),
]);
export type Preprocess = z.infer<typeof Preprocess>;
