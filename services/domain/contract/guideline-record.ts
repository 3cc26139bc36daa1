import { z } from 'zod';
import { LesionDensity } from '../finding.ts';
import { Uid } from '../uid.ts';

const said = z.boolean().optional();

/** What a reader has said of the patient for the guidelines; absent is unknown, never "no". */
export const PatientInput = z.strictObject({
  screening: said,
  incidental: said,
  ageYears: z.number().min(0).max(130).optional(),
  risk: z.enum(['low', 'high']).optional(),
  multiple: said,
  knownCancer: said,
  immunosuppressed: said,
});
export type PatientInput = z.infer<typeof PatientInput>;

/** The same of one nodule; a density or solid part said here goes before the measured one. */
export const NoduleInput = z.strictObject({
  density: LesionDensity.optional(),
  solidMm: z.number().min(0).max(500).optional(),
  course: z.enum(['baseline', 'new', 'stable', 'growing', 'slowlyGrowing']).optional(),
  priorCategory: z.enum(['2', '3', '4A', '4B']).optional(),
  juxtapleural: said,
  benign: said,
  suspicious: said,
});
export type NoduleInput = z.infer<typeof NoduleInput>;

/** The hints that a reader has taken into the text; one counts only while the guideline still says the same. */
export const TakenHints = z.strictObject({
  lungRads: z.enum(['1', '2', '3', '4A', '4B', '4X']).optional(),
  fleischner: z
    .enum([
      'noFollowUp',
      'optional12',
      'ct6to12Consider18to24',
      'ct6to12Then18to24',
      'consider3PetTissue',
      'ct3to6Consider18to24',
      'ct3to6Then18to24',
      'ct6to12ThenEvery2Years',
      'ct3to6ThenYearly',
      'ct3to6Consider2And4Years',
      'ct3to6MostSuspicious',
    ])
    .optional(),
});
export type TakenHints = z.infer<typeof TakenHints>;

/** What the guidelines were told, and which of their hints were taken; nodules by TrackingUID. */
export const GuidelineRecord = z.strictObject({
  patient: PatientInput,
  nodules: z.record(Uid, NoduleInput),
  taken: z.record(Uid, TakenHints),
});
export type GuidelineRecord = z.infer<typeof GuidelineRecord>;

/** The same lesion in an earlier study, as it was matched on screen. */
export const ComparedLesion = z.strictObject({
  StudyInstanceUID: Uid,
  /** Of the finding there. */
  TrackingUID: Uid,
  StudyDate: z.string().max(8),
  meanDiameterMm: z.number().positive().max(500),
  volumeMm3: z.number().positive(),
});
export type ComparedLesion = z.infer<typeof ComparedLesion>;
