import { openImage } from '../dicom/dataset/read-file.ts';
import { decodeFrame } from '../dicom/pixel/codecs.ts';
import { readFrame } from '../dicom/pixel/frames.ts';
import { pixelInfo } from '../dicom/pixel/pixel-info.ts';
import { AppError } from '../domain/errors.ts';
import type { AnalysedSeries, AnalysisInput } from '../domain/run.ts';
import type { Volume } from '../domain/volume.ts';
import { chooseSeries, type UnreadImage } from './choose-series.ts';
import { type ImageHeader, imageHeader, sliceName } from './image-header.ts';
import { refusal } from './refusal.ts';
import { rescale } from './rescale.ts';
import type { SeriesCriteria } from './series-criteria.ts';
import type { SortedSlices } from './sort-slices.ts';
import type { StageClock } from './stage-clock.ts';
import { verifyIntegrity } from './verify-integrity.ts';

/** A series as one block of voxels in HU, with what the report says of it; or why there is none. */
export type ReadVolume =
  | { readonly volume: Volume; readonly series: AnalysedSeries }
  | { readonly error: unknown; readonly SeriesInstanceUID: string | undefined };

type Progress = (stage: string, done: number, total: number) => void;

/** Voxels of a native volume take 2 bytes; 1500 slices of 512 x 512 are 750 MB. */
const MAX_VOLUME_BYTES = 1536 * 1024 * 1024;

/**
 * Files in, volume out: checks each file's hash, reads the headers, chooses the series, checks its geometry, and decodes
 * slice by slice into the volume, so that never more than one decoded slice is held beside it.
 *
 * A refusal is answered together with the series it speaks of; INTEGRITY is thrown.
 */
export async function readVolume(
  inputs: readonly AnalysisInput[],
  criteria: SeriesCriteria,
  clock: StageClock,
  progress: Progress,
): Promise<ReadVolume> {
  const { headers, unread } = await clock.timeAsync('read', () => readHeaders(inputs, progress));
  const choice = chooseSeries(headers, unread, criteria);
  const { SeriesInstanceUID } = choice;
  if ('refused' in choice) return { SeriesInstanceUID, error: refusal(choice.refused.code, choice.refused.params) };
  try {
    const volume = await assemble(choice.slices, clock, progress);
    return { volume, series: analysedSeries(choice.slices) };
  } catch (error) {
    return { SeriesInstanceUID, error };
  }
}

async function readHeaders(inputs: readonly AnalysisInput[], progress: Progress) {
  const headers: ImageHeader[] = [];
  const unread: UnreadImage[] = [];
  for (const [done, input] of inputs.entries()) {
    verifyIntegrity(input);
    try {
      headers.push(await readHeader(input));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const params = { slice: input.SOPInstanceUID, detail: error.message.slice(0, 200) };
      unread.push({ SeriesInstanceUID: input.SeriesInstanceUID, reason: { code: 'UNREADABLE', params } });
    }
    progress('read', done + 1, inputs.length);
  }
  return { headers, unread };
}

async function readHeader(input: AnalysisInput): Promise<ImageHeader> {
  const file = await openImage(input.file);
  try {
    return imageHeader(input, file.dataset);
  } finally {
    await file.close();
  }
}

async function assemble(slices: SortedSlices, clock: StageClock, progress: Progress): Promise<Volume> {
  const [columns, rows, count] = slices.geometry.shape;
  const bytes = columns * rows * count * 2;
  if (bytes > MAX_VOLUME_BYTES) {
    const megabytes = Math.round(bytes / 1024 / 1024);
    throw refusal('TOO_LARGE', { what: 'the series', megabytes, limit: MAX_VOLUME_BYTES / 1024 / 1024 });
  }
  const voxels = new Int16Array(columns * rows * count);
  for (const [k, header] of slices.headers.entries()) {
    const stored = await clock.timeAsync('decode', () => decodeSlice(header));
    const slice = voxels.subarray(k * columns * rows, (k + 1) * columns * rows);
    clock.time('volume', () => rescale(stored, header.values, slice));
    progress('decode', k + 1, count);
  }
  return { geometry: slices.geometry, voxels };
}

async function decodeSlice(header: ImageHeader): Promise<ArrayLike<number>> {
  const damaged = (detail: string, cause?: unknown) =>
    refusal('DAMAGED_IMAGE', { slice: sliceName(header), detail }, cause);
  const file = await openImage(header.input.file);
  try {
    const info = pixelInfo(file.dataset, file.meta.TransferSyntaxUID);
    const stored = await decodeFrame(await readFrame(file, 0), info);
    const expected = header.Rows * header.Columns;
    if (stored.length !== expected) throw damaged(`${stored.length} pixels instead of ${expected}`);
    return stored;
  } catch (error) {
    if (!(error instanceof AppError) || 'reason' in error.detail) throw error;
    throw damaged(error.message, error);
  } finally {
    await file.close();
  }
}

function analysedSeries({ headers, geometry, warnings }: SortedSlices): AnalysedSeries {
  const [first] = headers;
  return {
    SeriesInstanceUID: first?.input.SeriesInstanceUID ?? '',
    FrameOfReferenceUID: first?.FrameOfReferenceUID ?? '',
    Modality: first?.Modality ?? '',
    shape: [...geometry.shape],
    spacingMm: [...geometry.spacingMm],
    images: headers.map(({ input: { SOPClassUID, SOPInstanceUID } }) => ({ SOPClassUID, SOPInstanceUID })),
    warnings: [...warnings],
  };
}
