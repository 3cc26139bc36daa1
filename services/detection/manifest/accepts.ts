import { z } from 'zod';
import { Count, closed, Mm, Words } from './vocabulary.ts';

const Years = z.number().min(0).max(130);

/** What a series or an image must be for this model to read it; the checks are those of `services/imaging`. */
export const Accepts = closed({
  modality: Words,
  sopClassUids: Words,
  /** Words of which BodyPartExamined holds one; an empty BodyPartExamined is accepted. */
  bodyPart: Words.optional(),
  /** Single frames: values of View Position, of which an image must have one. */
  viewPosition: Words.optional(),
  imageTypeExclude: Words.optional(),
  /** Volumes; as the next four. */
  orientation: closed({ plane: z.enum(['axial', 'any']), toleranceDeg: z.number().positive().max(45) }).optional(),
  minSlices: Count.optional(),
  sliceThicknessMm: closed({ warnAbove: Mm.optional(), rejectAbove: Mm }).optional(),
  spacingUniformityMm: Mm.optional(),
  rank: z.array(z.enum(['thinnest', 'softKernel', 'mostSlices'])).optional(),
  /** Units of the values of other modalities than CT, for example `BQML`. */
  units: Words.optional(),
  /** Single frames: values of Presentation Intent Type, of which an image must have one. */
  presentationIntent: Words.optional(),
  /** Single frames: `false` refuses images that say that text is drawn into them. */
  burnedInAnnotation: z.literal(false).optional(),
  /** Single frames: an image must say its side. */
  laterality: z.literal('required').optional(),
  /** Rows, columns. */
  minPixels: z.tuple([Count, Count]).optional(),
  /** Whether Contrast/Bolus Agent names one. */
  contrast: z.enum(['required', 'none']).optional(),
  /** An absent age is accepted. */
  patientAgeYears: closed({ min: Years.optional(), max: Years.optional() }).optional(),
});
export type Accepts = z.infer<typeof Accepts>;
