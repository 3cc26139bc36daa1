import { transferSyntaxName } from '../dicom/dataset/transfer-syntax.ts';
import { isDecodable } from '../dicom/pixel/codecs.ts';
import type { ImageHeader } from './image-header.ts';
import { refusal } from './refusal.ts';
import type { SeriesCriteria } from './series-criteria.ts';

/**
 * Every check of one image that needs only its header: is it what the model is for, can it be decoded, do its values mean
 * something?
 *
 * @throws {AppError} NOT_ANALYSABLE with the reason OUT_OF_SCOPE, TRANSFER_SYNTAX, NOT_HU or NO_SCALE.
 */
export function checkImage(header: ImageHeader, criteria: SeriesCriteria): void {
  checkScope(header, criteria);
  const { TransferSyntaxUID: uid } = header.input;
  if (!isDecodable(uid)) throw refusal('TRANSFER_SYNTAX', { transferSyntax: transferSyntaxName(uid), uid });
  checkValues(header, criteria);
}

function checkScope({ BodyPartExamined, ageYears }: ImageHeader, { bodyPart, patientAgeYears }: SeriesCriteria): void {
  if (bodyPart && BodyPartExamined !== '' && !bodyPart.some((word) => BodyPartExamined.includes(word))) {
    const value = BodyPartExamined.slice(0, 16);
    throw refusal('OUT_OF_SCOPE', { attribute: 'BodyPartExamined', value, accepted: bodyPart.join(', ') });
  }
  if (patientAgeYears && ageYears !== undefined && ageYears < patientAgeYears.min) {
    const value = `${Math.floor(ageYears)} years`;
    throw refusal('OUT_OF_SCOPE', {
      attribute: 'PatientAge',
      value,
      accepted: `${patientAgeYears.min} years and older`,
    });
  }
}

function checkValues(
  { Modality, values, SamplesPerPixel, PhotometricInterpretation }: ImageHeader,
  criteria: SeriesCriteria,
) {
  const { slope, intercept, unit, hasTable } = values;
  const code = Modality === 'CT' ? 'NOT_HU' : 'NO_SCALE';
  const wrong = (detail: string) => refusal(code, { detail });
  if (SamplesPerPixel !== 1) throw wrong(`pixels are ${PhotometricInterpretation.slice(0, 16)}`);
  if (isScaled(Modality) && !hasTable && (slope === undefined || intercept === undefined))
    throw wrong('no RescaleSlope or RescaleIntercept');
  if (slope === 0 && !hasTable) throw wrong('RescaleSlope is 0');
  if (Modality === 'CT') {
    if (unit !== 'HU') throw wrong(`RescaleType is ${unit.slice(0, 16)}`);
    return;
  }
  const { units } = criteria;
  if (units && !units.includes(unit))
    throw refusal('OUT_OF_SCOPE', {
      attribute: 'Units',
      value: unit.slice(0, 16) || 'unknown',
      accepted: units.join(', '),
    });
}

/** Modalities whose stored values mean nothing without a rescale; MR and NM have none. */
const isScaled = (modality: string): boolean => modality === 'CT' || modality === 'PT';
