import type { WorklistStudy } from '../../services/domain/contract/worklist.ts';
import { patientAge } from '../dates.ts';
import type { Translate } from '../locales/translate.ts';
import { personName } from '../person-name.ts';

/** Every group of the name, or that it is missing: an unnamed patient is never a blank. */
export function patientNames({ PatientName }: WorklistStudy, t: Translate): readonly [string, ...string[]] {
  const [first, ...others] = personName(PatientName);
  return first === undefined ? [t('patient.noName')] : [first, ...others];
}

/** `63 y · M`, as far as the images say. */
export function ageAndSex(study: WorklistStudy, t: Translate): string {
  const age = patientAge(study.PatientAge, study.PatientBirthDate, study.StudyDate);
  const { PatientSex: sex } = study;
  const sexWord = sex === 'M' || sex === 'F' || sex === 'O' ? t(`patient.sex.${sex}`) : '';
  return [age ? t(`patient.age.${age.unit}`, { value: age.value }) : '', sexWord].filter(Boolean).join(' · ');
}
