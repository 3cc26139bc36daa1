import { type FileHandle, open } from 'node:fs/promises';
import { AppError } from '../../domain/errors.ts';
import { type ByteSource, fileSource, inflatedSource } from './byte-source.ts';
import { type Dataset, openDataset } from './dataset.ts';
import { MAX_HEAD_BYTES } from './limits.ts';
import { type FileMeta, readPart10Meta } from './part10.ts';
import { type ReadElements, readElements } from './read-elements.ts';
import { TAG } from './tags.ts';
import { encodingOf, isDeflated } from './transfer-syntax.ts';

const FIRST_HEAD_BYTES = 64 * 1024;
const PIXEL_TAGS: readonly number[] = [TAG.PixelData, TAG.FloatPixelData, TAG.DoubleFloatPixelData];

/** A stored instance whose attributes are read and whose pixels are not. */
export interface ImageFile {
  readonly meta: FileMeta;
  /** The attributes before Pixel Data; all of them where there is none. */
  readonly dataset: Dataset;
  /** Where Pixel Data lies for `read`, which counts from the data set on; `length` is `undefined` when it is encapsulated (PS3.5 §A.4). */
  readonly pixelData: PixelDataPlace | undefined;
  /** Bytes of the data set, inflated. */
  readonly size: number;
  /** Reads `length` bytes at `offset`. @throws {AppError} DATASET_UNREADABLE when they are not there. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface PixelDataPlace {
  /** Pixel Data, Float Pixel Data or Double Float Pixel Data. */
  readonly tag: number;
  readonly vr: string;
  readonly offset: number;
  readonly length: number | undefined;
}

/**
 * Opens a Part 10 file and reads its attributes. Only as much of the file as they need is read, and of a
 * deflated one inflated.
 *
 * @throws {AppError} DATASET_UNREADABLE when it is no DICOM file, is cut short or lies about a length.
 */
export async function openImage(path: string): Promise<ImageFile> {
  const handle = await open(path, 'r');
  try {
    return await imageOf(handle);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function imageOf(handle: FileHandle): Promise<ImageFile> {
  const { size } = await handle.stat();
  const head = await fileSource(handle, 0, size).read(0, Math.min(FIRST_HEAD_BYTES, size));
  const { datasetOffset, ...meta } = readPart10Meta(head);
  const stored = fileSource(handle, datasetOffset, size);
  const source = isDeflated(meta.TransferSyntaxUID) ? await inflatedSource(stored) : stored;
  const read = await readAttributes(source, meta.TransferSyntaxUID);
  return {
    meta,
    dataset: openDataset(read.elements, read.tolerated).dataset,
    pixelData: pixelDataPlace(read, source.size),
    size: source.size,
    read: source.read,
    close: () => handle.close(),
  };
}

async function readAttributes(source: ByteSource, transferSyntaxUID: string): Promise<ReadElements> {
  for (let wanted = FIRST_HEAD_BYTES; ; wanted *= 4) {
    const head = await source.read(0, Math.min(wanted, MAX_HEAD_BYTES, source.size));
    const totalBytes = source.size;
    const read = readElements(head, encodingOf(transferSyntaxUID), { stopBefore: TAG.FloatPixelData, totalBytes });
    if (!read.cut) return read;
    if (head.length >= MAX_HEAD_BYTES) {
      throw new AppError('DATASET_UNREADABLE', `no pixel data within the first ${MAX_HEAD_BYTES} bytes`);
    }
  }
}

function pixelDataPlace({ stoppedAt }: ReadElements, size: number): PixelDataPlace | undefined {
  if (!stoppedAt || !PIXEL_TAGS.includes(stoppedAt.tag)) return undefined;
  const { tag, vr, offset, length } = stoppedAt;
  if (length !== undefined && length > size - offset) {
    throw new AppError('DATASET_UNREADABLE', `Pixel Data claims ${length} bytes, ${size - offset} remain`, { offset });
  }
  return { tag, vr, offset, length };
}
