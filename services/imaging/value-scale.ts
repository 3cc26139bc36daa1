import type { Dataset } from '../dicom/dataset/dataset.ts';
import { TAG } from '../dicom/dataset/tags.ts';
import type { Frame } from './image-frames.ts';

/** What the header of a frame says of its values (PS3.3 §C.11.1): enough to tell whether they mean what a model needs. */
export interface ValueScale {
  readonly slope: number | undefined;
  readonly intercept: number | undefined;
  /** A Modality LUT goes before slope and intercept. */
  readonly hasTable: boolean;
  /** `HU` for CT; for PET its Units (PS3.3 §C.8.9.1.1.3) or a UCUM code; else the type of the rescale; `''` when nothing says it. */
  readonly unit: string;
  /** The images do not say the unit: it is taken from how their values lie. */
  readonly isUnitAssumed: boolean;
}

const CT_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.2';
/** Of RescaleType: unspecified (PS3.3 §C.11.1.1.2). */
const UNSPECIFIED = 'US';
const AIR_HU = -1000;

/** Reads it for one frame: the rescale of a PET series differs from slice to slice. */
export function valueScale(dataset: Dataset, { at }: Pick<Frame, 'at'>): ValueScale {
  const number = (tag: number) => at(tag, TAG.PixelValueTransformationSequence).number(tag);
  const said = {
    slope: number(TAG.RescaleSlope),
    intercept: number(TAG.RescaleIntercept),
    hasTable: dataset.sequence(TAG.ModalityLUTSequence).length > 0,
    unit: unitOf(dataset, at),
  };
  const isUnitAssumed = said.unit === UNSPECIFIED && liesLikeHounsfield(dataset, said);
  return { ...said, unit: isUnitAssumed ? 'HU' : said.unit, isUnitAssumed };
}

/**
 * Are values without a unit those of a plain CT image? It is original and of one energy, a step is one unit, and its stored
 * values reach down to air: what is stored without a sign and shifted by nothing is something else.
 */
function liesLikeHounsfield(
  dataset: Dataset,
  { slope, intercept, hasTable }: Pick<ValueScale, 'slope' | 'intercept' | 'hasTable'>,
): boolean {
  const [origin, kind] = dataset.strings(TAG.ImageType);
  const isPlain =
    dataset.string(TAG.SOPClassUID) === CT_IMAGE_STORAGE &&
    dataset.string(TAG.Modality).toUpperCase() === 'CT' &&
    `${origin}\\${kind}`.toUpperCase() === 'ORIGINAL\\PRIMARY' &&
    dataset.string(TAG.MultienergyCTAcquisition).toUpperCase() !== 'YES';
  if (!isPlain || hasTable || slope !== 1 || intercept === undefined) return false;
  const isSigned = dataset.number(TAG.PixelRepresentation) === 1;
  const lowest = isSigned ? -(2 ** ((dataset.number(TAG.BitsStored) ?? 1) - 1)) : 0;
  return lowest + intercept <= AIR_HU;
}

/** RescaleType is optional for CT and HU where it is absent (PS3.3 §C.11.1.1.2). */
function unitOf(dataset: Dataset, at: Frame['at']): string {
  const [table] = dataset.sequence(TAG.ModalityLUTSequence);
  const type = table
    ? table.string(TAG.ModalityLUTType)
    : at(TAG.RescaleType, TAG.PixelValueTransformationSequence).string(TAG.RescaleType);
  const unit = type.toUpperCase();
  const modality = dataset.string(TAG.Modality).toUpperCase();
  if (modality === 'CT') return unit || 'HU';
  if (modality !== 'PT') return unit;
  return dataset.string(TAG.Units).toUpperCase() || realWorldUnit(at) || unit;
}

/** Code value of the units of the first Real World Value Mapping (PS3.3 §C.7.6.16.2.11): how Enhanced PET says them. */
function realWorldUnit(at: Frame['at']): string {
  const tag = TAG.MeasurementUnitsCodeSequence;
  const [code] = at(tag, TAG.RealWorldValueMappingSequence).sequence(tag);
  return code?.string(TAG.CodeValue) ?? '';
}
