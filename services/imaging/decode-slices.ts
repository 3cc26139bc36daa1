import { type ImageFile, openImage } from '../dicom/dataset/read-file.ts';
import { decodeFrame } from '../dicom/pixel/codecs.ts';
import { readFrame } from '../dicom/pixel/frames.ts';
import { readModalityLut } from '../dicom/pixel/modality-lut.ts';
import type { PixelArray } from '../dicom/pixel/pixel-array.ts';
import { pixelInfo } from '../dicom/pixel/pixel-info.ts';
import { readPixelPadding } from '../dicom/pixel/pixel-padding.ts';
import { AppError } from '../domain/errors.ts';
import { type ImageHeader, sliceName } from './image-header.ts';
import { refusal } from './refusal.ts';
import type { ValueMapping } from './rescale.ts';

/** One slice of a volume: where its pixels come from and where its values go. Plain data, and independent of all others. */
export interface SliceTask {
  readonly file: string;
  /** 0-based. */
  readonly frame: number;
  /** Of its first voxel in the volume; it fills `length` from there. */
  readonly offset: number;
  readonly length: number;
  /** What a person calls it. */
  readonly name: number | string;
}

interface DecodedSlice extends ValueMapping {
  readonly stored: PixelArray;
}

/** The work of filling a volume, frames of one file together, so that a long object is opened once. */
export function sliceTasks(headers: readonly ImageHeader[]): readonly SliceTask[] {
  const tasks = headers.map((header, slice): SliceTask => {
    const length = header.Rows * header.Columns;
    return {
      file: header.input.file,
      frame: header.frame - 1,
      offset: slice * length,
      length,
      name: sliceName(header),
    };
  });
  return [...Map.groupBy(tasks, ({ file }) => file).values()].flat();
}

/** Decodes slices one after the other; the file of the last one stays open until another is asked for. */
export class SliceDecoder {
  #file: { readonly path: string; readonly image: ImageFile } | undefined;

  /** @throws {AppError} NOT_ANALYSABLE with the reason DAMAGED_IMAGE. */
  async decode({ file, frame, length, name }: Omit<SliceTask, 'offset'>): Promise<DecodedSlice> {
    const damaged = (detail: string, cause?: unknown) => refusal('DAMAGED_IMAGE', { slice: name, detail }, cause);
    try {
      const image = await this.#open(file);
      const { dataset, meta } = image;
      const info = pixelInfo(dataset, meta.TransferSyntaxUID);
      const stored = await decodeFrame(await readFrame(image, frame), info);
      if (stored.length !== length) throw damaged(`${stored.length} pixels instead of ${length}`);
      return { stored, modality: readModalityLut(dataset, info, frame), padding: readPixelPadding(dataset, info) };
    } catch (error) {
      if (!(error instanceof AppError) || 'reason' in error.detail) throw error;
      throw damaged(error.message, error);
    }
  }

  async close(): Promise<void> {
    const open = this.#file;
    this.#file = undefined;
    await open?.image.close();
  }

  async #open(path: string): Promise<ImageFile> {
    if (this.#file?.path === path) return this.#file.image;
    await this.close();
    const image = await openImage(path);
    this.#file = { path, image };
    return image;
  }
}
