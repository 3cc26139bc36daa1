import type { Attributes } from '../../dicom/dataset/attributes.ts';
import { TAG } from '../../dicom/dataset/tags.ts';
import { groupOfFrame } from '../../dicom/pixel/functional-groups.ts';
import type { RenderOptions } from '../../domain/render-options.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** No device has pixels more oblong; what claims more is shown with square ones. */
const MAX_OBLONG = 32;
/** Of a picture that is stretched. */
const MAX_STRETCHED_SIDE = 8192;

/**
 * The height of a pixel over its width, of a frame (from 0): by Pixel Spacing, else Imager Pixel Spacing, else Pixel Aspect
 * Ratio, whose first value is that of the rows in all three (PS3.3 §10.7.1.3, §C.7.6.3.1.7). 1 where none says it.
 */
export function pixelShape(attributes: Attributes, frame: number): number {
  const pairs = [
    groupOfFrame(attributes, TAG.PixelMeasuresSequence, frame).numbers(TAG.PixelSpacing),
    attributes.numbers(TAG.ImagerPixelSpacing),
    attributes.numbers(TAG.PixelAspectRatio),
  ];
  const [rows = 1, columns = 1] = pairs.find(([first, second]) => (first ?? 0) > 0 && (second ?? 0) > 0) ?? [];
  const shape = rows / columns;
  return shape <= MAX_OBLONG && shape >= 1 / MAX_OBLONG ? shape : 1;
}

/**
 * The size of a picture with square pixels of one whose pixels have this shape. No sample is lost: it is stretched along the
 * longer side of its pixels, or shrunk along the other where it would become too large.
 */
export function squareSize({ width, height }: Size, shape: number): Size {
  const isStretched = (shape > 1 ? height * shape : width / shape) <= MAX_STRETCHED_SIDE;
  const isOfHeight = shape > 1 === isStretched;
  return isOfHeight ? { width, height: pixels(height * shape) } : { width: pixels(width / shape), height };
}

/** As large as fits into the viewport; the aspect stays (PS3.18 §8.3.5.1.3). */
export function fitted({ width, height }: Size, viewport: RenderOptions['viewport']): Size {
  const scale = viewport ? Math.min(viewport.width / width, viewport.height / height) : 1;
  return { width: pixels(width * scale), height: pixels(height * scale) };
}

const pixels = (side: number): number => Math.max(1, Math.round(side));
