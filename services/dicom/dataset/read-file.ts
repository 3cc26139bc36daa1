import { closeSync, fstatSync, open } from 'node:fs';
import { promisify } from 'node:util';
import { AppError } from '../../domain/errors.ts';
import { type ByteSource, fileSource, inflatedSource } from './byte-source.ts';
import { type Dataset, openDataset } from './dataset.ts';
import type { Elements } from './element.ts';
import { MAX_HEAD_BYTES } from './limits.ts';
import { type FileMeta, readPart10Meta } from './part10.ts';
import { type ReadElements, readElements } from './read-elements.ts';
import { TAG } from './tags.ts';
import { type Encoding, encodingOf, isDeflated } from './transfer-syntax.ts';

const openFile = promisify(open);

/** The header of most images; reading more costs more than to read again. */
const FIRST_HEAD_BYTES = 16 * 1024;
const MAX_META_BYTES = 64 * 1024;
const PIXEL_TAGS: readonly number[] = [TAG.PixelData, TAG.FloatPixelData, TAG.DoubleFloatPixelData];

/** A stored instance whose attributes are read and whose pixels are not. */
export interface ImageFile {
  readonly meta: FileMeta;
  /** The attributes before Pixel Data; all of them where there is none. */
  readonly dataset: Dataset;
  /** The same as elements, for whoever writes them anew. */
  readonly head: DatasetHead;
  /** Where Pixel Data lies for `read`; `length` is `undefined` when it is encapsulated (PS3.5 §A.4). */
  readonly pixelData: PixelDataPlace | undefined;
  /** Bytes that `read` can reach: of the file, or of the inflated data set. */
  readonly size: number;
  /** Reads `length` bytes at `offset`. @throws {AppError} DATASET_UNREADABLE when they are not there. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** What stands before Pixel Data. */
interface DatasetHead {
  readonly elements: Elements;
  /** Where the data set begins for `read`, and where its first element that was not read does. */
  readonly start: number;
  readonly end: number;
  readonly encoding: Encoding;
  readonly tolerated: readonly string[];
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
  // By descriptor: an object around it costs as much as the reading.
  const descriptor = await openFile(path, 'r');
  try {
    return await imageOf(descriptor);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

async function imageOf(descriptor: number): Promise<ImageFile> {
  // It is known since the file is open: a turn of the thread pool would cost ten times as much.
  const { size } = fstatSync(descriptor);
  const file = fileSource(descriptor, 0, size);
  const { head, datasetOffset, ...meta } = await readMeta(file);
  const deflated = isDeflated(meta.TransferSyntaxUID);
  const source = deflated ? await inflatedSource(fileSource(descriptor, datasetOffset, size)) : file;
  const start = deflated ? 0 : datasetOffset;
  const known = deflated ? new Uint8Array(0) : head.subarray(datasetOffset);
  const read = await readAttributes(source, start, meta.TransferSyntaxUID, known);
  return {
    meta,
    dataset: openDataset(read.elements, read.tolerated).dataset,
    head: { ...read, start, end: start + read.end },
    pixelData: pixelDataPlace(read, start, source.size),
    size: source.size,
    read: source.read,
    // Nothing was written: there is nothing to wait for.
    close: async () => closeSync(descriptor),
  };
}

/** The file meta information of a strange file may be long. */
async function readMeta(
  file: ByteSource,
  bytes = FIRST_HEAD_BYTES,
): Promise<ReturnType<typeof readPart10Meta> & { head: Uint8Array }> {
  const head = await file.read(0, Math.min(bytes, file.size));
  try {
    return { head, ...readPart10Meta(head) };
  } catch (error) {
    if (bytes >= MAX_META_BYTES || bytes >= file.size) throw error;
    return readMeta(file, MAX_META_BYTES);
  }
}

/** `known` is what has been read of the data set already: mostly that is enough. */
async function readAttributes(
  source: ByteSource,
  start: number,
  transferSyntaxUID: string,
  known: Uint8Array,
): Promise<ReadElements> {
  const totalBytes = source.size - start;
  const first = (wanted: number) => source.read(start, Math.min(wanted, MAX_HEAD_BYTES, totalBytes));
  let head = known.length > 0 ? known : await first(FIRST_HEAD_BYTES);
  for (let wanted = FIRST_HEAD_BYTES * 4; ; wanted *= 4) {
    const read = readElements(head, encodingOf(transferSyntaxUID), { stopBefore: TAG.FloatPixelData, totalBytes });
    if (!read.cut) return read;
    if (head.length >= MAX_HEAD_BYTES) {
      throw new AppError('DATASET_UNREADABLE', `no pixel data within the first ${MAX_HEAD_BYTES} bytes`);
    }
    head = await first(wanted);
  }
}

function pixelDataPlace({ stoppedAt }: ReadElements, start: number, size: number): PixelDataPlace | undefined {
  if (!stoppedAt || !PIXEL_TAGS.includes(stoppedAt.tag)) return undefined;
  const { tag, vr, length } = stoppedAt;
  const offset = start + stoppedAt.offset;
  if (length !== undefined && length > size - offset) {
    throw new AppError('DATASET_UNREADABLE', `Pixel Data claims ${length} bytes, ${size - offset} remain`, { offset });
  }
  return { tag, vr, offset, length };
}
