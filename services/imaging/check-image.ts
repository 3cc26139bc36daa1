import { transferSyntaxName } from '../dicom/dataset/transfer-syntax.ts';
import { isDecodable } from '../dicom/pixel/codecs.ts';
import type { ImageHeader } from './image-header.ts';
import { refusal } from './refusal.ts';
import type { ImageCriteria, SeriesCriteria } from './series-criteria.ts';

/**
 * Every check of one image that needs only its header: is it what the model is for, can it be decoded, do its values mean
 * something?
 *
 * @throws {AppError} NOT_ANALYSABLE with the reason OUT_OF_SCOPE, TOO_FEW_PIXELS, TRANSFER_SYNTAX, NOT_HU or NO_SCALE.
 */
export function checkImage(header: ImageHeader, criteria: SeriesCriteria): void {
  checkScope({ ...header, hasContrast: header.traits.get('ContrastBolusAgent') === 'yes' }, criteria);
  const { TransferSyntaxUID: uid } = header.input;
  if (!isDecodable(uid)) throw refusal('TRANSFER_SYNTAX', { transferSyntax: transferSyntaxName(uid), uid });
  checkValues(header, criteria);
}

/** What of a header the scope of a model is held against. */
export interface ScopeHeader extends Pick<ImageHeader, 'BodyPartExamined' | 'ageYears' | 'Rows' | 'Columns'> {
  readonly hasContrast: boolean;
}

/**
 * Is the image what the model is for? What is not said is accepted, but for contrast: without an agent there was none.
 *
 * @throws {AppError} NOT_ANALYSABLE with the reason OUT_OF_SCOPE or TOO_FEW_PIXELS.
 */
export function checkScope(
  header: ScopeHeader,
  { bodyPart, patientAgeYears, contrast, minPixels }: ImageCriteria,
): void {
  const { BodyPartExamined, ageYears, hasContrast, Rows, Columns } = header;
  if (bodyPart && BodyPartExamined !== '' && !bodyPart.some((word) => BodyPartExamined.includes(word)))
    throw outOfScope('BodyPartExamined', BodyPartExamined.slice(0, 16), bodyPart.join(', '));
  const { min = 0, max = Number.POSITIVE_INFINITY } = patientAgeYears ?? {};
  if (ageYears !== undefined && !(ageYears >= min && ageYears <= max))
    throw outOfScope('PatientAge', `${Math.floor(ageYears)} years`, agesText(min, max));
  if (contrast && hasContrast !== (contrast === 'required'))
    throw outOfScope(
      'ContrastBolusAgent',
      hasContrast ? 'present' : 'absent',
      contrast === 'none' ? 'absent' : 'present',
    );
  if (minPixels && (Rows < minPixels[0] || Columns < minPixels[1])) {
    const [minimumRows, minimumColumns] = minPixels;
    throw refusal('TOO_FEW_PIXELS', { rows: Rows, columns: Columns, minimumRows, minimumColumns });
  }
}

export const outOfScope = (attribute: string, value: string, accepted: string): Error =>
  refusal('OUT_OF_SCOPE', { attribute, value, accepted });

const agesText = (min: number, max: number): string =>
  max === Number.POSITIVE_INFINITY ? `${min} years and older` : `${min} to ${max} years`;

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
  if (units && !units.includes(unit)) throw outOfScope('Units', unit.slice(0, 16) || 'unknown', units.join(', '));
}

/** Modalities whose stored values mean nothing without a rescale; MR and NM have none. */
const isScaled = (modality: string): boolean => modality === 'CT' || modality === 'PT';
