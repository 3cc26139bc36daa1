import type { Dataset } from '../dicom/dataset/dataset.ts';
import { type ImageFile, openImage } from '../dicom/dataset/read-file.ts';
import { TAG } from '../dicom/dataset/tags.ts';
import { decodeFrame } from '../dicom/pixel/codecs.ts';
import { readFrame } from '../dicom/pixel/frames.ts';
import { modalityRange, modalityValues, readModalityLut } from '../dicom/pixel/modality-lut.ts';
import { type PixelInfo, pixelInfo } from '../dicom/pixel/pixel-info.ts';
import { isPadding, readPixelPadding } from '../dicom/pixel/pixel-padding.ts';
import { readVoiLut } from '../dicom/pixel/voi-lut.ts';
import { AppError } from '../domain/errors.ts';
import type { AnalysisInput } from '../domain/run.ts';
import { checkScope, outOfScope } from './check-image.ts';
import { type ImageHeader, imageHeaders, sliceName } from './image-header.ts';
import { refusal } from './refusal.ts';
import type { ImageCriteria } from './series-criteria.ts';

/** A single image as a model reads it: a radiograph, a mammogram. */
export interface FrameImage {
  readonly SeriesInstanceUID: string;
  readonly Modality: string;
  readonly FrameOfReferenceUID: string;
  readonly SOPClassUID: string;
  readonly SOPInstanceUID: string;
  /** 1-based (PS3.3 §10.3). */
  readonly frame: number;
  readonly columns: number;
  readonly rows: number;
  /** Values of the modality, row by row; padding has the value of what is darkest. */
  readonly pixels: Float32Array;
  /** MONOCHROME1: the least value is white. */
  readonly isInverted: boolean;
  /** The ends of the first window that the image offers; `undefined` without one. */
  readonly window: readonly [low: number, high: number] | undefined;
  readonly laterality: 'L' | 'R' | undefined;
}

/** What a reader of single images asks of one: the `accepts` block of a model manifest. */
interface FrameCriteria extends ImageCriteria {
  readonly modality: readonly string[];
  readonly sopClassUids: readonly string[];
  readonly imageTypeExclude?: readonly string[] | undefined;
  readonly viewPosition?: readonly string[] | undefined;
  readonly presentationIntent?: readonly string[] | undefined;
  readonly burnedInAnnotation?: false | undefined;
  readonly laterality?: 'required' | undefined;
}

/**
 * Opens one image, holds it against what the model asks, and decodes it.
 *
 * @throws {AppError} NOT_ANALYSABLE with the reason OUT_OF_SCOPE, TOO_FEW_PIXELS, MULTI_FRAME, NO_SCALE or DAMAGED_IMAGE.
 */
export async function readFrameImage(input: AnalysisInput, criteria: FrameCriteria): Promise<FrameImage> {
  const file = await openImage(input.file);
  try {
    const [header] = imageHeaders(input, file.dataset);
    if (!header) throw refusal('DAMAGED_IMAGE', { slice: input.SOPInstanceUID, detail: 'no frame' });
    checkFrame(header, file.dataset, criteria);
    return await decoded(file, header);
  } finally {
    await file.close();
  }
}

function checkFrame(header: ImageHeader, dataset: Dataset, criteria: FrameCriteria): void {
  const { modality, sopClassUids, imageTypeExclude = [] } = criteria;
  if (!modality.includes(header.Modality)) throw outOfScope('Modality', header.Modality, modality.join(', '));
  const { SOPClassUID } = header.input;
  if (!sopClassUids.includes(SOPClassUID)) throw outOfScope('SOPClassUID', SOPClassUID, sopClassUids.join(', '));
  const type = `\\${header.ImageType.join('\\')}\\`;
  const excluded = imageTypeExclude.find((value) => type.includes(`\\${value.toUpperCase()}\\`));
  if (excluded !== undefined) throw outOfScope('ImageType', header.ImageType.join('\\'), `all without ${excluded}`);
  checkViews(dataset, criteria);
  checkScope({ ...header, hasContrast: header.traits.get('ContrastBolusAgent') === 'yes' }, criteria);
  if (header.NumberOfFrames > 1)
    throw refusal('MULTI_FRAME', { slice: sliceName(header), frames: header.NumberOfFrames });
  if (header.SamplesPerPixel !== 1)
    throw refusal('NO_SCALE', { detail: `pixels are ${header.PhotometricInterpretation.slice(0, 16)}` });
}

/** How it was taken, and for what. */
function checkViews(dataset: Dataset, criteria: FrameCriteria): void {
  const { viewPosition, presentationIntent, burnedInAnnotation, laterality } = criteria;
  const among = (attribute: 'ViewPosition' | 'PresentationIntentType', accepted: readonly string[] | undefined) => {
    const value = dataset.string(TAG[attribute]).toUpperCase();
    if (accepted && !accepted.includes(value))
      throw outOfScope(attribute, value.slice(0, 16) || 'unknown', accepted.join(', '));
  };
  among('ViewPosition', viewPosition);
  among('PresentationIntentType', presentationIntent);
  if (burnedInAnnotation === false && dataset.string(TAG.BurnedInAnnotation).toUpperCase() === 'YES')
    throw outOfScope('BurnedInAnnotation', 'YES', 'NO');
  if (laterality && lateralityOf(dataset) === undefined) throw outOfScope('ImageLaterality', 'unknown', 'L, R');
}

async function decoded(file: ImageFile, header: ImageHeader): Promise<FrameImage> {
  const { dataset, meta } = file;
  const { SOPClassUID, SOPInstanceUID, SeriesInstanceUID } = header.input;
  const { Modality, FrameOfReferenceUID } = header;
  try {
    const info = pixelInfo(dataset, meta.TransferSyntaxUID);
    const isInverted = info.photometric.toUpperCase() === 'MONOCHROME1';
    return {
      ...{ SeriesInstanceUID, Modality, FrameOfReferenceUID },
      SOPClassUID,
      SOPInstanceUID,
      frame: 1,
      columns: info.columns,
      rows: info.rows,
      pixels: await pixelsOf(file, info, isInverted),
      isInverted,
      window: windowOf(dataset, info),
      laterality: lateralityOf(dataset),
    };
  } catch (error) {
    if (!(error instanceof AppError) || 'reason' in error.detail) throw error;
    throw refusal('DAMAGED_IMAGE', { slice: sliceName(header), detail: error.message }, error);
  }
}

async function pixelsOf(file: ImageFile, info: PixelInfo, isInverted: boolean): Promise<Float32Array> {
  const stored = await decodeFrame(await readFrame(file, 0), info);
  const values = modalityValues(stored, readModalityLut(file.dataset, info), info);
  const padding = readPixelPadding(file.dataset, info);
  const pixels = Float32Array.from(values);
  if (!padding) return pixels;
  const isImage = (at: number) => !isPadding(padding, stored[at] as number);
  const darker = isInverted ? Math.max : Math.min;
  const darkest = pixels.reduce(
    (found, value, at) => (isImage(at) ? darker(found, value) : found),
    isInverted ? -Infinity : Infinity,
  );
  return Number.isFinite(darkest) ? pixels.map((value, at) => (isImage(at) ? value : darkest)) : pixels;
}

/** The ends of a linear window: PS3.3 §C.11.2.1.2.1. */
function windowOf(dataset: Dataset, info: PixelInfo): FrameImage['window'] {
  const lut = readModalityLut(dataset, info);
  const [first] = readVoiLut(dataset, modalityRange(lut, info)).windows;
  if (!first) return undefined;
  if (first.function !== 'LINEAR') return [first.center - first.width / 2, first.center + first.width / 2];
  return [first.center - 0.5 - (first.width - 1) / 2, first.center - 0.5 + (first.width - 1) / 2];
}

function lateralityOf(dataset: Dataset): 'L' | 'R' | undefined {
  const said = (dataset.string(TAG.ImageLaterality) || dataset.string(TAG.Laterality)).toUpperCase();
  return said === 'L' || said === 'R' ? said : undefined;
}
