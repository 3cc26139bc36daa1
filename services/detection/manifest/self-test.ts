import { z } from 'zod';
import { Count, Mm, Triple, Unit } from './vocabulary.ts';

/** A file of the package: int16 little endian, gzip, x fastest. */
const PackedFile = {
  path: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
};

/** Marks at or above the default operating point that are not among the lesions, at most. */
const maxOthers = z.number().int().min(0).max(100);

/** By the precision that runs. */
const ScoreTolerance = z.strictObject({ fp32: Unit, fp16: Unit.default(0.02), int8: Unit.default(0.05) });

/** What a model for volumes must find in an input that is always the same. Millimetres of the patient are LPS. */
const VolumeSelfTest = z.strictObject({
  input: z.discriminatedUnion('kind', [
    /** Made by `detection/chest-phantom.ts`. */
    z.strictObject({ kind: z.literal('chestPhantom'), seed: z.number().int().min(0) }),
    /** Centred on the origin, axes along the patient's. */
    z.strictObject({
      kind: z.literal('volume'),
      ...PackedFile,
      /** Columns, rows, slices; as everything of a volume in the order x, y, z. */
      shape: Triple(Count),
      spacingMm: Triple(Mm),
    }),
  ]),
  lesions: z
    .array(z.strictObject({ centerMm: Triple(z.number()), diameterMm: Mm.optional(), score: Unit }))
    .min(1)
    .max(100),
  maxOthers,
  tolerance: z.strictObject({ centerMm: Mm, diameterMm: Mm.optional(), score: ScoreTolerance }),
});
export type VolumeSelfTest = z.infer<typeof VolumeSelfTest>;

/** What a model for single images must find on one. Pixels are counted from the top left corner of the top left one. */
const ImageSelfTest = z.strictObject({
  input: z.strictObject({
    kind: z.literal('image'),
    ...PackedFile,
    columns: Count,
    rows: Count,
    /** MONOCHROME1. */
    isInverted: z.boolean().default(false),
    laterality: z.enum(['L', 'R']).optional(),
  }),
  lesions: z
    .array(z.strictObject({ box: z.tuple([z.number(), z.number(), z.number(), z.number()]), score: Unit }))
    .min(1)
    .max(100),
  maxOthers,
  /** `pixels`: by which an edge of the box (left, top, right, bottom) may be off. */
  tolerance: z.strictObject({ pixels: z.number().positive(), score: ScoreTolerance }),
});
export type ImageSelfTest = z.infer<typeof ImageSelfTest>;

/** A known answer. */
export const SelfTest = z.union([VolumeSelfTest, ImageSelfTest]);
export type SelfTest = z.infer<typeof SelfTest>;

export const isOfImage = (selfTest: SelfTest): selfTest is ImageSelfTest => selfTest.input.kind === 'image';
