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
}

/** Reads it for one frame: the rescale of a PET series differs from slice to slice. */
export function valueScale(dataset: Dataset, { at }: Pick<Frame, 'at'>): ValueScale {
  const number = (tag: number) => at(tag, TAG.PixelValueTransformationSequence).number(tag);
  return {
    slope: number(TAG.RescaleSlope),
    intercept: number(TAG.RescaleIntercept),
    hasTable: dataset.sequence(TAG.ModalityLUTSequence).length > 0,
    unit: unitOf(dataset, at),
  };
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
