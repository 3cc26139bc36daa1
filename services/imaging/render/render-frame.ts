import sharp, { type Sharp } from 'sharp';
import type { ImageFile } from '../../dicom/dataset/read-file.ts';
import { TAG } from '../../dicom/dataset/tags.ts';
import { decodeFrame } from '../../dicom/pixel/codecs.ts';
import { readFrame } from '../../dicom/pixel/frames.ts';
import { picture, readFrameMeaning } from '../../dicom/pixel/picture.ts';
import { frameCount, pixelInfo } from '../../dicom/pixel/pixel-info.ts';
import { AppError } from '../../domain/errors.ts';
import type { RenderOptions } from '../../domain/render-options.ts';
import { fitted, pixelShape, squareSize } from './picture-size.ts';
import { type SizedPicture, stretched } from './stretch.ts';

type Region = NonNullable<RenderOptions['region']>;

// It runs in a process of its own beside others: the pool is what works side by side.
sharp.concurrency(1);
sharp.cache(false);

/**
 * A frame (from 0; `null`: the one that stands for all) as a picture for eyes (PS3.18 §8.3.5): values of the modality
 * through a window or table, MONOCHROME1 inverted, palettes and YBR as RGB; then a part of it, flipped, and scaled so that it has
 * square pixels.
 *
 * @throws {AppError} FRAME_NOT_FOUND; BAD_REQUEST for a region outside the frame; NOT_ANALYSABLE, DATASET_UNREADABLE,
 *   DATASET_TOO_LARGE for a frame that cannot be shown.
 */
export async function renderFrame(image: ImageFile, frame: number | null, options: RenderOptions): Promise<Uint8Array> {
  const at = frame ?? representative(image);
  const stored = await readFrame(image, at);
  const info = pixelInfo(image.dataset, image.meta.TransferSyntaxUID);
  const meaning = readFrameMeaning(image.dataset, info, at);
  const window = options.window && { ...options.window, explanation: '' };
  const shown = picture(await decodeFrame(stored, info), info, meaning, window);
  const whole = { ...shown, width: info.columns, height: info.rows };
  const part = options.region ? cut(whole, options.region) : whole;
  const square = squareSize(part, pixelShape(image.dataset, at));
  const { samples, ...raw } = stretched(part, square);
  const size = fitted(square, options.viewport);
  const isAsItIs = size.width === raw.width && size.height === raw.height;
  const scaled = isAsItIs ? sharp(samples, { raw }) : sharp(samples, { raw }).resize({ ...size, fit: 'fill' });
  const bytes = await encoded(scaled.toColourspace(shown.channels === 1 ? 'b-w' : 'srgb'), options);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** RepresentativeFrameNumber (PS3.3 §C.7.6.6), else the middle one. */
function representative({ dataset, pixelData }: ImageFile): number {
  if (!pixelData) return 0;
  const frames = frameCount(dataset);
  const named = dataset.number(TAG.RepresentativeFrameNumber) ?? 0;
  return named >= 1 && named <= frames ? named - 1 : Math.floor((frames - 1) / 2);
}

/** @throws {AppError} BAD_REQUEST when no pixel of the frame lies in the region. */
function cut({ samples, channels, width: columns, height: rows }: SizedPicture, region: Region): SizedPicture {
  const left = Math.floor(region.left);
  const top = Math.floor(region.top);
  const width = Math.min(columns - left, Math.round(region.width ?? columns - left));
  const height = Math.min(rows - top, Math.round(region.height ?? rows - top));
  if (width < 1 || height < 1)
    throw new AppError('BAD_REQUEST', `viewport: the region lies outside the ${columns} x ${rows} pixels of the frame`);
  const out = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    const row = top + (region.flipY ? height - 1 - y : y);
    for (let x = 0; x < width; x++) {
      const from = (row * columns + left + (region.flipX ? width - 1 - x : x)) * channels;
      out.set(samples.subarray(from, from + channels), (y * width + x) * channels);
    }
  }
  return { samples: out, channels, width, height };
}

function encoded(image: Sharp, { mediaType, quality }: RenderOptions): Promise<Buffer> {
  if (mediaType === 'image/png') return image.png({ compressionLevel: 6 }).toBuffer();
  if (mediaType === 'image/webp') return image.webp({ quality }).toBuffer();
  return image.jpeg({ quality, chromaSubsampling: '4:4:4' }).toBuffer();
}
