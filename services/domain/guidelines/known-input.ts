import type { GuidelineRecord, NoduleInput, PatientInput } from '../contract/guideline-record.ts';
import type { ReadLesion } from '../contract/reading.ts';
import type { FleischnerInput } from './fleischner.ts';
import type { LungRadsInput } from './lung-rads.ts';

/** What both guidelines may be told of one nodule and its patient. */
export type GuidelineInput = LungRadsInput & FleischnerInput;

export const NOTHING_SAID: GuidelineRecord = { patient: {}, nodules: {}, taken: {} };

/**
 * What is known of a nodule for the guidelines: what was measured, then what the reader has said of it and of the patient.
 * Age, risk and what brought the patient here are unknown until a reader says so.
 */
export function guidelineInput(
  { measurement, diameterMm }: Pick<ReadLesion, 'measurement' | 'diameterMm'>,
  patient: PatientInput,
  nodule: NoduleInput = {},
): GuidelineInput {
  return {
    longAxisMm: measurement?.longAxisMm,
    shortAxisMm: measurement?.shortAxisMm,
    meanDiameterMm: diameterMm ?? undefined,
    density: measurement?.density ?? undefined,
    solidMm: measurement?.solidMm ?? undefined,
    ...patient,
    ...nodule,
  };
}
