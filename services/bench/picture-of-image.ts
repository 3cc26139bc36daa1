import { openImage } from '../dicom/dataset/read-file.ts';
import type { Box } from '../evaluation/lesion.ts';
import type { ImageHeader } from '../imaging/image-header.ts';
import { renderFrame } from '../imaging/render/render-frame.ts';

/** A part of a single image, and a box on it in percent of its edges. */
export interface PictureOfImage {
  readonly png: Uint8Array;
  readonly outline: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
}

const EDGE_PIXELS = 160;
/** So many times as large as the box, and at least so many pixels: one sees what is around it. */
const AROUND = 2.5;
const LEAST_EDGE = 64;

/** The square of an image around a box, in the image's own window. @throws {AppError} when it cannot be decoded. */
export async function pictureOfImage(
  { input, frame, Columns, Rows }: ImageHeader,
  { from, to }: Box,
): Promise<PictureOfImage> {
  const [width, height] = [to[0] - from[0], to[1] - from[1]];
  const edge = Math.round(Math.min(Math.max(AROUND * width, AROUND * height, LEAST_EDGE), Columns, Rows));
  const start = (middle: number, size: number) => Math.round(Math.min(Math.max(0, middle - edge / 2), size - edge));
  const left = start((from[0] + to[0]) / 2, Columns);
  const top = start((from[1] + to[1]) / 2, Rows);
  const image = await openImage(input.file);
  try {
    const png = await renderFrame(image, frame - 1, {
      mediaType: 'image/png',
      quality: 100,
      viewport: { width: EDGE_PIXELS, height: EDGE_PIXELS },
      region: { left, top, width: edge, height: edge, flipX: false, flipY: false },
    });
    const percent = (pixels: number) => (pixels / edge) * 100;
    const outline = {
      left: percent(from[0] - left),
      top: percent(from[1] - top),
      width: percent(width),
      height: percent(height),
    };
    return { png, outline };
  } finally {
    await image.close();
  }
}
