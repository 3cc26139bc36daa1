import type { ListedFinding } from './listed-findings.ts';
import type { GuidelineInput } from './review-ui.ts';

/**
 * What is known of a nodule for the guidelines: what was measured, then what the reader has said of it and of the patient.
 * Age, risk and what brought the patient here are unknown until a reader says so.
 */
export function guidelineInput(
  { measurement, diameterMm }: Pick<ListedFinding, 'measurement' | 'diameterMm'>,
  patient: GuidelineInput,
  nodule: GuidelineInput = {},
): GuidelineInput {
  return {
    longAxisMm: measurement?.longAxisMm,
    shortAxisMm: measurement?.shortAxisMm,
    meanDiameterMm: diameterMm,
    density: measurement?.density ?? undefined,
    solidMm: measurement?.solidMm ?? undefined,
    ...patient,
    ...nodule,
  };
}
