import type { Translate } from '../locales/translate.ts';
import type { StrangePatient } from './signing.ts';

const WORDS = { images: 'sign.patientImages', report: 'sign.patientReport', result: 'sign.patientResult' } as const;

/** Who is named where, and by whom it has to be cleared up. */
export const mismatchWords = ({ PatientID, where }: StrangePatient, expected: string, t: Translate): string =>
  t(WORDS[where], { seen: PatientID ?? t('mismatch.another'), expected });
