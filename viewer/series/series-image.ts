import type { Attributes } from '../../services/dicom/dataset/attributes.ts';
import { type DicomJson, jsonAttributes } from '../../services/dicom/dataset/json-attributes.ts';
import { TAG } from '../../services/dicom/dataset/tags.ts';
import { groupOfFrame } from '../../services/dicom/pixel/functional-groups.ts';
import { modalityRange } from '../../services/dicom/pixel/modality-lut.ts';
import type { GreyWindow, Point } from '../slice.ts';
import type { ValueSpread } from './value-scale.ts';
import { dot, length } from './vector.ts';

/** Where the centre of its first pixel lies and which way rows and columns run (PS3.3 §C.7.6.2). */
export interface ImagePlane {
  readonly position: Point;
  readonly row: Point;
  readonly column: Point;
  /** Between columns, between rows; mm. */
  readonly spacingMm: readonly [column: number, row: number];
}

export type LengthUnit = 'mm' | 'detector' | 'pixel';

/** One frame of one object. */
export interface SeriesImage {
  readonly SOPInstanceUID: string;
  /** 1-based (PS3.3 §10.3). */
  readonly frame: number;
  readonly InstanceNumber: number | undefined;
  readonly Rows: number;
  readonly Columns: number;
  /** The attributes of the object; its frames share them. */
  readonly dataset: DicomJson;
  readonly isColour: boolean;
  /** What its values may be; `undefined` for colours, and where 16 bits cannot hold them. */
  readonly spread: ValueSpread | undefined;
  readonly plane: ImagePlane | undefined;
  /** Between columns, between rows: mm, or any unit where only their proportion is known. */
  readonly pixelSize: readonly [column: number, row: number];
  /** What those sizes are: of the patient, of the detector (a shadow on it is larger than what threw it), or none. */
  readonly lengthUnit: LengthUnit;
  /** Where rows and columns run to, in letters of the patient; of an image without a plane (PS3.3 §C.7.6.1.1.1). */
  readonly PatientOrientation: readonly string[];
  readonly SliceThickness: number | undefined;
  /** The first window it carries. */
  readonly window: GreyWindow | undefined;
  /** Does it say how it wants to be seen? */
  readonly hasVoi: boolean;
}

/** More frames than this are no image for eyes. */
const MAX_FRAMES = 10_000;
const MAX_NARROW_BITS = 16;

/** The frames of an object; none where it has no pixels. */
export function imagesOf(dataset: DicomJson): readonly SeriesImage[] {
  const attributes = jsonAttributes(dataset);
  const [Rows = 0, Columns = 0] = [attributes.number(TAG.Rows), attributes.number(TAG.Columns)];
  if (Rows < 1 || Columns < 1) return [];
  const frames = Math.max(1, Math.min(attributes.number(TAG.NumberOfFrames) ?? 1, MAX_FRAMES));
  const isColour = attributes.number(TAG.SamplesPerPixel) === 3 || isPalette(attributes);
  const shared = {
    SOPInstanceUID: attributes.string(TAG.SOPInstanceUID),
    InstanceNumber: attributes.number(TAG.InstanceNumber),
    PatientOrientation: attributes.strings(TAG.PatientOrientation),
    ...{ Rows, Columns, dataset, isColour },
  };
  return Array.from({ length: frames }, (_none, index) => {
    const group = (macro: number) => groupOfFrame(attributes, macro, index);
    const voi = group(TAG.FrameVOILUTSequence);
    const window = isColour ? undefined : storedWindow(voi);
    const hasPlane = frames === 1 || attributes.hasValue(TAG.PerFrameFunctionalGroupsSequence);
    const plane = hasPlane ? imagePlane(group) : undefined;
    return {
      ...shared,
      frame: index + 1,
      ...(plane
        ? { pixelSize: plane.spacingMm, lengthUnit: 'mm' }
        : pixelSize(attributes, group(TAG.PixelMeasuresSequence))),
      spread: isColour ? undefined : valueSpread(attributes, index),
      plane,
      SliceThickness: group(TAG.PixelMeasuresSequence).number(TAG.SliceThickness),
      window,
      hasVoi: window !== undefined || (!isColour && attributes.sequence(TAG.VOILUTSequence).length > 0),
    };
  });
}

const isPalette = (attributes: Attributes): boolean =>
  attributes.string(TAG.PhotometricInterpretation) === 'PALETTE COLOR';

/** From functional groups or the data set itself (PS3.3 §C.7.6.16.2.1, .2.3, .2.4). */
function imagePlane(group: (macro: number) => Attributes): ImagePlane | undefined {
  const [x, y, z] = group(TAG.PlanePositionSequence).numbers(TAG.ImagePositionPatient);
  const [rx, ry, rz, cx, cy, cz] = group(TAG.PlaneOrientationSequence).numbers(TAG.ImageOrientationPatient);
  const [rowSpacing, columnSpacing] = group(TAG.PixelMeasuresSequence).numbers(TAG.PixelSpacing);
  if (z === undefined || x === undefined || y === undefined || !rowSpacing || !columnSpacing) return undefined;
  if (rx === undefined || ry === undefined || rz === undefined) return undefined;
  if (cx === undefined || cy === undefined || cz === undefined) return undefined;
  const row: Point = [rx, ry, rz];
  const column: Point = [cx, cy, cz];
  const unit = Math.abs(length(row) - 1) < 0.01 && Math.abs(length(column) - 1) < 0.01;
  if (!unit || Math.abs(dot(row, column)) > 0.01) return undefined;
  return { position: [x, y, z], row, column, spacingMm: [columnSpacing, rowSpacing] };
}

/** Rows come first in all of them (PS3.3 §10.7.1.3, §C.7.6.3.1.7). */
function pixelSize(attributes: Attributes, measures: Attributes): Pick<SeriesImage, 'pixelSize' | 'lengthUnit'> {
  const choices = [
    { pair: measures.numbers(TAG.PixelSpacing), lengthUnit: 'mm' },
    { pair: attributes.numbers(TAG.ImagerPixelSpacing), lengthUnit: 'detector' },
    { pair: attributes.numbers(TAG.PixelAspectRatio), lengthUnit: 'pixel' },
  ] as const;
  const found = choices.find(({ pair: [first, second] }) => (first ?? 0) > 0 && (second ?? 0) > 0);
  const [row = 1, column = 1] = found?.pair ?? [];
  return { pixelSize: [column, row], lengthUnit: found?.lengthUnit ?? 'pixel' };
}

function storedWindow(voi: Attributes): GreyWindow | undefined {
  const [center, width] = [voi.number(TAG.WindowCenter), voi.number(TAG.WindowWidth)];
  return center !== undefined && width !== undefined && width > 0 ? { center, width } : undefined;
}

function valueSpread(attributes: Attributes, index: number): ValueSpread | undefined {
  const [table] = attributes.sequence(TAG.ModalityLUTSequence);
  if (table) return { low: 0, high: 2 ** (table.numbers(TAG.LUTDescriptor)[2] ?? MAX_NARROW_BITS) - 1, step: 1 };
  const bitsStored = attributes.number(TAG.BitsStored);
  if (bitsStored === undefined || bitsStored > MAX_NARROW_BITS) return undefined;
  const transformation = groupOfFrame(attributes, TAG.PixelValueTransformationSequence, index);
  const slope = transformation.number(TAG.RescaleSlope) || 1;
  const intercept = transformation.number(TAG.RescaleIntercept) ?? 0;
  const layout = { bitsStored, signed: attributes.number(TAG.PixelRepresentation) === 1, sampleFormat: undefined };
  const { low, high } = modalityRange({ slope, intercept, type: '', table: undefined }, layout);
  return { low, high, step: Math.abs(slope) };
}
