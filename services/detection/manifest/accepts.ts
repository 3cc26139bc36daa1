import { z } from 'zod';
import { Count, Mm, Words } from './vocabulary.ts';

/** What a series must be for this model to read it; the checks are those of `services/imaging`. */
export const Accepts = z.strictObject({
  modality: Words,
  sopClassUids: Words,
  /** Words of which BodyPartExamined holds one; an empty BodyPartExamined is accepted. */
  bodyPart: Words.optional(),
  imageTypeExclude: Words.optional(),
  orientation: z.strictObject({ plane: z.enum(['axial', 'any']), toleranceDeg: z.number().positive().max(45) }),
  /** Units of the values of other modalities than CT, for example `BQML`. */
  units: Words.optional(),
  minSlices: Count,
  sliceThicknessMm: z.strictObject({ warnAbove: Mm, rejectAbove: Mm }),
  spacingUniformityMm: Mm,
  patientAgeYears: z.strictObject({ min: z.number().min(0).max(120) }).optional(),
  rank: z.array(z.enum(['thinnest', 'softKernel', 'mostSlices'])),
});
