import type { Dataset } from '../dicom/dataset/dataset.ts';
import { TAG } from '../dicom/dataset/tags.ts';
import type { AnalysisInput } from '../domain/run.ts';
import type { Triple } from './grid.ts';

/** How stored values become Hounsfield units (PS3.3 §C.11.1) and which are not image at all (§C.7.5.1.1.2). */
export interface ValueMapping {
  readonly slope: number | undefined;
  readonly intercept: number | undefined;
  /** `HU`, `''` (which means HU for CT, §C.8.2.1.1.3) or another unit. */
  readonly type: string;
  readonly hasModalityLut: boolean;
  /** Stored values from the first to the second are padding. */
  readonly padding: readonly [number, number] | undefined;
}

/** What the geometry, the gates and the decoder need of one image; nothing that names a patient. */
export interface ImageHeader {
  readonly input: AnalysisInput;
  readonly Modality: string;
  readonly FrameOfReferenceUID: string;
  readonly ImageType: readonly string[];
  readonly BodyPartExamined: string;
  readonly ConvolutionKernel: string;
  readonly ageYears: number | undefined;
  readonly InstanceNumber: number | undefined;
  readonly NumberOfFrames: number;
  readonly ImagePositionPatient: Triple | undefined;
  /** Direction of a row, then of a column. */
  readonly ImageOrientationPatient: readonly [Triple, Triple] | undefined;
  /** Between rows, then between columns. */
  readonly PixelSpacing: readonly [number, number] | undefined;
  readonly SliceThickness: number | undefined;
  readonly values: ValueMapping;
  readonly Rows: number;
  readonly Columns: number;
  readonly SamplesPerPixel: number;
  readonly PhotometricInterpretation: string;
}

/** Picks it from a data set. What is absent or not a number is `undefined`: the checks name it. */
export function imageHeader(input: AnalysisInput, dataset: Dataset): ImageHeader {
  const text = (tag: number) => dataset.string(tag).toUpperCase();
  const [rowX, rowY, rowZ, columnX, columnY, columnZ] = dataset.numbers(TAG.ImageOrientationPatient);
  const row = triple([rowX, rowY, rowZ]);
  const column = triple([columnX, columnY, columnZ]);
  const [betweenRows, betweenColumns] = dataset.numbers(TAG.PixelSpacing);
  return {
    input,
    Modality: text(TAG.Modality),
    FrameOfReferenceUID: dataset.string(TAG.FrameOfReferenceUID),
    ImageType: dataset.strings(TAG.ImageType).map((value) => value.toUpperCase()),
    BodyPartExamined: text(TAG.BodyPartExamined),
    ConvolutionKernel: dataset.strings(TAG.ConvolutionKernel).join('\\').toUpperCase(),
    ageYears: ageYears(text(TAG.PatientAge)),
    InstanceNumber: dataset.number(TAG.InstanceNumber),
    NumberOfFrames: dataset.number(TAG.NumberOfFrames) ?? 1,
    ImagePositionPatient: triple(dataset.numbers(TAG.ImagePositionPatient)),
    ImageOrientationPatient: row && column ? [row, column] : undefined,
    PixelSpacing: betweenRows && betweenColumns ? [betweenRows, betweenColumns] : undefined,
    SliceThickness: dataset.number(TAG.SliceThickness),
    values: valueMapping(dataset),
    Rows: dataset.number(TAG.Rows) ?? 0,
    Columns: dataset.number(TAG.Columns) ?? 0,
    SamplesPerPixel: dataset.number(TAG.SamplesPerPixel) ?? 1,
    PhotometricInterpretation: text(TAG.PhotometricInterpretation),
  };
}

/** What a person calls the image: its number, or its UID where it has none. */
export const sliceName = ({ InstanceNumber, input }: ImageHeader): number | string =>
  InstanceNumber ?? input.SOPInstanceUID;

function valueMapping(dataset: Dataset): ValueMapping {
  const first = dataset.number(TAG.PixelPaddingValue);
  const last = dataset.number(TAG.PixelPaddingRangeLimit) ?? first;
  const stored = (value: number) => asStored(value, dataset);
  return {
    slope: dataset.number(TAG.RescaleSlope),
    intercept: dataset.number(TAG.RescaleIntercept),
    type: dataset.string(TAG.RescaleType).toUpperCase(),
    hasModalityLut: dataset.has(TAG.ModalityLUTSequence),
    padding:
      first === undefined || last === undefined
        ? undefined
        : [Math.min(stored(first), stored(last)), Math.max(stored(first), stored(last))],
  };
}

/** Writers get the VR of padding wrong: the bits count, read with the sign of the pixels. */
function asStored(value: number, dataset: Dataset): number {
  const signed = dataset.number(TAG.PixelRepresentation) === 1;
  if (signed && value > 0x7fff) return value - 0x10000;
  return !signed && value < 0 ? value + 0x10000 : value;
}

/** AS, PS3.5 §6.2: three digits and D, W, M or Y. */
function ageYears(age: string): number | undefined {
  const [, count, unit] = /^(\d{3})([DWMY])$/.exec(age) ?? [];
  const perYear = { D: 365.25, W: 52.18, M: 12, Y: 1 }[unit ?? ''];
  return perYear === undefined ? undefined : Number(count) / perYear;
}

function triple([x, y, z]: readonly (number | undefined)[]): Triple | undefined {
  return x === undefined || y === undefined || z === undefined ? undefined : [x, y, z];
}
