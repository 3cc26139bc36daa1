import { type DicomJson, jsonAttributes } from '../../services/dicom/dataset/json-attributes.ts';
import { TAG } from '../../services/dicom/dataset/tags.ts';
import type { WorklistStudy } from '../../services/domain/contract/worklist.ts';
import { daysBetween } from '../../services/domain/growth.ts';

const MODALITIES_IN_STUDY = 0x00080061;

export interface PriorStudy {
  readonly StudyInstanceUID: string;
  readonly StudyDate: string;
  readonly StudyDescription: string;
  /** Before the study on screen; `undefined` without two dates. */
  readonly days: number | undefined;
}

type Current = Pick<WorklistStudy, 'StudyInstanceUID' | 'PatientID' | 'PatientBirthDate' | 'StudyDate' | 'modalities'>;

/**
 * Earlier studies of the same patient with images of the same kind, newest first. Another birth date is another patient, and
 * without an identifier nobody is the same.
 */
export function priorsOf(found: readonly DicomJson[], current: Current): readonly PriorStudy[] {
  if (current.PatientID.trim() === '') return [];
  return found
    .map((study) => jsonAttributes(study))
    .filter((study) => {
      const born = study.string(TAG.PatientBirthDate);
      const isSame =
        study.string(TAG.PatientID).trim() === current.PatientID.trim() &&
        (born === '' || current.PatientBirthDate === '' || born === current.PatientBirthDate);
      const isEarlier = study.string(TAG.StudyDate) <= current.StudyDate;
      const isAlike = study.strings(MODALITIES_IN_STUDY).some((modality) => current.modalities.includes(modality));
      return isSame && isEarlier && isAlike && study.string(TAG.StudyInstanceUID) !== current.StudyInstanceUID;
    })
    .map((study) => ({
      StudyInstanceUID: study.string(TAG.StudyInstanceUID),
      StudyDate: study.string(TAG.StudyDate),
      StudyDescription: study.string(TAG.StudyDescription),
      days: daysBetween(study.string(TAG.StudyDate), current.StudyDate),
    }))
    .sort((a, b) => b.StudyDate.localeCompare(a.StudyDate));
}
