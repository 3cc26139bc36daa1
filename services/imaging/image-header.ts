import type { Dataset } from '../dicom/dataset/dataset.ts';
import { TAG } from '../dicom/dataset/tags.ts';
import type { AnalysisInput } from '../domain/run.ts';
import { bodyPart } from './body-part.ts';
import { frameTraits, type Traits } from './frame-traits.ts';
import type { Triple } from './grid.ts';
import { type Frame, imageFrames } from './image-frames.ts';
import { type ValueScale, valueScale } from './value-scale.ts';

/** What the geometry, the gates and the decoder need of one frame of an image; nothing that names a patient. */
export interface ImageHeader {
  readonly input: AnalysisInput;
  /** 1-based (PS3.3 §10.3); 1 for a classic image. */
  readonly frame: number;
  readonly NumberOfFrames: number;
  readonly Modality: string;
  readonly FrameOfReferenceUID: string;
  /** Frame Type where the frame has one. */
  readonly ImageType: readonly string[];
  readonly BodyPartExamined: string;
  readonly ConvolutionKernel: string;
  readonly ageYears: number | undefined;
  readonly InstanceNumber: number | undefined;
  readonly ImagePositionPatient: Triple | undefined;
  /** Direction of a row, then of a column. */
  readonly ImageOrientationPatient: readonly [Triple, Triple] | undefined;
  /** Between rows, then between columns. */
  readonly PixelSpacing: readonly [number, number] | undefined;
  readonly SliceThickness: number | undefined;
  readonly traits: Traits;
  readonly values: ValueScale;
  readonly Rows: number;
  readonly Columns: number;
  readonly SamplesPerPixel: number;
  readonly PhotometricInterpretation: string;
}

/**
 * The frames of a data set that have a place of their own, or the image as one. What is absent or not a number is
 * `undefined`: the checks name it.
 *
 * @throws {AppError} DATASET_UNREADABLE when a multi-frame image contradicts itself; DATASET_TOO_LARGE.
 */
export function imageHeaders(input: AnalysisInput, dataset: Dataset): readonly ImageHeader[] {
  return imageFrames(dataset).map((frame) => imageHeader(input, dataset, frame));
}

function imageHeader(input: AnalysisInput, dataset: Dataset, frame: Frame): ImageHeader {
  const { at } = frame;
  const text = (tag: number) => dataset.string(tag).toUpperCase();
  const NumberOfFrames = dataset.number(TAG.NumberOfFrames) ?? 1;
  const [betweenRows, betweenColumns] = at(TAG.PixelSpacing, TAG.PixelMeasuresSequence).numbers(TAG.PixelSpacing);
  return {
    input,
    frame: frame.number,
    NumberOfFrames,
    Modality: text(TAG.Modality),
    FrameOfReferenceUID: dataset.string(TAG.FrameOfReferenceUID),
    ImageType: imageType(frame),
    BodyPartExamined: bodyPart(dataset, frame),
    ConvolutionKernel: at(TAG.ConvolutionKernel, TAG.CTReconstructionSequence)
      .strings(TAG.ConvolutionKernel)
      .join('\\')
      .toUpperCase(),
    ageYears: ageYears(text(TAG.PatientAge)),
    InstanceNumber: dataset.number(TAG.InstanceNumber),
    ...placeOf(frame),
    PixelSpacing: betweenRows && betweenColumns ? [betweenRows, betweenColumns] : undefined,
    SliceThickness: at(TAG.SliceThickness, TAG.PixelMeasuresSequence).number(TAG.SliceThickness),
    traits: frameTraits(frame),
    values: valueScale(dataset, frame),
    Rows: dataset.number(TAG.Rows) ?? 0,
    Columns: dataset.number(TAG.Columns) ?? 0,
    SamplesPerPixel: dataset.number(TAG.SamplesPerPixel) ?? 1,
    PhotometricInterpretation: text(TAG.PhotometricInterpretation),
  };
}

/** What a person calls the image: its number, or its UID where it has none; with its frame, `1:40`, where it has several. */
export function sliceName({ InstanceNumber, input, frame, NumberOfFrames }: ImageHeader): number | string {
  const name = InstanceNumber ?? input.SOPInstanceUID;
  return NumberOfFrames > 1 ? `${name}:${frame}` : name;
}

export const byNumber = (a: ImageHeader, b: ImageHeader): number =>
  (a.InstanceNumber ?? 0) - (b.InstanceNumber ?? 0) || a.frame - b.frame;

type Place = Pick<ImageHeader, 'ImagePositionPatient' | 'ImageOrientationPatient'>;

function placeOf({ at, place }: Frame): Place {
  if (place === 'unknown') return { ImagePositionPatient: undefined, ImageOrientationPatient: undefined };
  if (place !== 'stated') return place;
  const [rowX, rowY, rowZ, columnX, columnY, columnZ] = at(
    TAG.ImageOrientationPatient,
    TAG.PlaneOrientationSequence,
  ).numbers(TAG.ImageOrientationPatient);
  const row = triple([rowX, rowY, rowZ]);
  const column = triple([columnX, columnY, columnZ]);
  const position = at(TAG.ImagePositionPatient, TAG.PlanePositionSequence).numbers(TAG.ImagePositionPatient);
  return {
    ImagePositionPatient: triple(position),
    ImageOrientationPatient: row && column ? [row, column] : undefined,
  };
}

const FRAME_TYPE_MACROS = [TAG.CTImageFrameTypeSequence, TAG.MRImageFrameTypeSequence, TAG.PETFrameTypeSequence];

function imageType({ at }: Frame): readonly string[] {
  const own = FRAME_TYPE_MACROS.map((macro) => at(TAG.FrameType, macro).strings(TAG.FrameType));
  const type = own.find((values) => values.length > 0) ?? at(TAG.ImageType).strings(TAG.ImageType);
  return type.map((value) => value.toUpperCase());
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
