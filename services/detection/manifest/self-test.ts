import { z } from 'zod';
import { Count, Mm, Triple, Unit } from './vocabulary.ts';

/** A known answer: what the model must find in an input that is always the same. Millimetres of the patient are LPS. */
export const SelfTest = z.strictObject({
  input: z.discriminatedUnion('kind', [
    /** Made by `detection/chest-phantom.ts`. */
    z.strictObject({ kind: z.literal('chestPhantom'), seed: z.number().int().min(0) }),
    /** A file of the package: int16 little endian, gzip, x fastest; centred on the origin, axes along the patient's. */
    z.strictObject({
      kind: z.literal('volume'),
      path: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$/),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      /** Columns, rows, slices; as everything of a volume in the order x, y, z. */
      shape: Triple(Count),
      spacingMm: Triple(Mm),
    }),
  ]),
  lesions: z
    .array(z.strictObject({ centerMm: Triple(z.number()), diameterMm: Mm.optional(), score: Unit }))
    .min(1)
    .max(100),
  /** Marks at or above the default operating point that are not among the lesions, at most. */
  maxOthers: z.number().int().min(0).max(100),
  tolerance: z.strictObject({
    centerMm: Mm,
    diameterMm: Mm.optional(),
    /** By the precision that runs. */
    score: z.strictObject({ fp32: Unit, fp16: Unit.default(0.02), int8: Unit.default(0.05) }),
  }),
});
export type SelfTest = z.infer<typeof SelfTest>;
