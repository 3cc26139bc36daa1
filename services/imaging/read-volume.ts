import { openImage } from '../dicom/dataset/read-file.ts';
import type { PixelArray } from '../dicom/pixel/pixel-array.ts';
import { AppError } from '../domain/errors.ts';
import type { AnalysedSeries, AnalysisInput } from '../domain/run.ts';
import type { Volume } from '../domain/volume.ts';
import { chooseSeries, type UnreadImage } from './choose-series.ts';
import { SliceDecoder, sliceTasks } from './decode-slices.ts';
import type { SameImage } from './drop-copies.ts';
import { voxelCount } from './grid.ts';
import { type ImageHeader, imageHeaders } from './image-header.ts';
import { type ImageStack, meanStepMm } from './image-stack.ts';
import { refusal } from './refusal.ts';
import { resampleStack } from './resample-stack.ts';
import { rescale } from './rescale.ts';
import type { SeriesCriteria } from './series-criteria.ts';
import type { SortedSlices } from './sort-slices.ts';
import type { StageClock } from './stage-clock.ts';
import { verifyIntegrity } from './verify-integrity.ts';

/** A series as one block of voxels, the images it was made of, and what the report says of it; or why there is none. */
export type ReadVolume =
  | { readonly volume: Volume; readonly stack: ImageStack; readonly series: AnalysedSeries }
  | { readonly error: unknown; readonly SeriesInstanceUID: string | undefined };

type Progress = (stage: string, done: number, total: number) => void;

/** Voxels of a native volume take 2 bytes; 1500 slices of 512 x 512 are 750 MB. */
const MAX_VOLUME_BYTES = 1536 * 1024 * 1024;

/**
 * Files in, volume out: checks each file's hash, reads the headers, chooses the images, checks their geometry, and decodes
 * slice by slice into the volume, so that never more than one decoded slice is held beside it. Slices that are not the
 * planes of a right-angled grid are then resampled on one. HU for CT; else the unit that `series` names.
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
  const choice = await chooseSeries(headers, unread, criteria, sameImage(clock, progress));
  const { SeriesInstanceUID } = choice;
  if ('refused' in choice) return { SeriesInstanceUID, error: refusal(choice.refused.code, choice.refused.params) };
  const { slices } = choice;
  try {
    const voxels = await assemble(slices, clock, progress);
    const { geometry, stack, isRegular } = slices;
    const volume = isRegular
      ? { geometry, voxels }
      : clock.time('volume', () => resampleStack(voxels, stack, geometry));
    return { volume, stack, series: analysedSeries(slices) };
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
      headers.push(...(await readHeader(input)));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const params = { slice: input.SOPInstanceUID, detail: error.message.slice(0, 200) };
      unread.push({ SeriesInstanceUID: input.SeriesInstanceUID, reason: { code: 'UNREADABLE', params } });
    }
    progress('read', done + 1, inputs.length);
  }
  return { headers, unread };
}

async function readHeader(input: AnalysisInput): Promise<readonly ImageHeader[]> {
  const file = await openImage(input.file);
  try {
    return imageHeaders(input, file.dataset);
  } finally {
    await file.close();
  }
}

/** Compares the stored values of two images that lie at the same place. */
function sameImage(clock: StageClock, progress: Progress): SameImage {
  return (a, b) =>
    clock.timeAsync('decode', async () => {
      const [one, other] = [await decodeOne(a), await decodeOne(b)];
      progress('compare', 1, 1);
      return one.length === other.length && isEqual(one, other);
    });
}

async function decodeOne(header: ImageHeader): Promise<PixelArray> {
  const decoder = new SliceDecoder();
  const [task] = sliceTasks([header]);
  try {
    if (!task) throw new RangeError('one header, one task');
    return (await decoder.decode(task)).stored;
  } finally {
    await decoder.close();
  }
}

function isEqual(one: PixelArray, other: PixelArray): boolean {
  for (let at = 0; at < one.length; at++) if (!Object.is(one[at], other[at])) return false;
  return true;
}

/** The slices one after the other, each decoded into its place. */
async function assemble(slices: SortedSlices, clock: StageClock, progress: Progress): Promise<Volume['voxels']> {
  const tasks = sliceTasks(slices.headers);
  const count = tasks.reduce((sum, { length }) => sum + length, 0);
  const isHounsfield = slices.headers[0]?.Modality === 'CT';
  checkSize((count + (slices.isRegular ? 0 : voxelCount(slices.geometry))) * (isHounsfield ? 2 : 4));
  const voxels = isHounsfield ? new Int16Array(count) : new Float32Array(count);
  const decoder = new SliceDecoder();
  try {
    for (const [done, task] of tasks.entries()) {
      const { stored, ...mapping } = await clock.timeAsync('decode', () => decoder.decode(task));
      const slice = voxels.subarray(task.offset, task.offset + task.length);
      clock.time('volume', () => rescale(stored, mapping, slice));
      progress('decode', done + 1, tasks.length);
    }
  } finally {
    await decoder.close();
  }
  return voxels;
}

function checkSize(bytes: number): void {
  if (bytes <= MAX_VOLUME_BYTES) return;
  const megabytes = Math.round(bytes / 1024 / 1024);
  throw refusal('TOO_LARGE', { what: 'the series', megabytes, limit: MAX_VOLUME_BYTES / 1024 / 1024 });
}

function analysedSeries({ headers, stack, warnings }: SortedSlices): AnalysedSeries {
  const [first] = headers;
  const unit = first?.values.unit.slice(0, 64);
  return {
    SeriesInstanceUID: first?.input.SeriesInstanceUID ?? '',
    FrameOfReferenceUID: first?.FrameOfReferenceUID ?? '',
    Modality: first?.Modality ?? '',
    ...(unit && { unit }),
    shape: [stack.columns, stack.rows, headers.length],
    spacingMm: [...stack.spacingMm, meanStepMm(stack)],
    images: headers.map(analysedImage),
    warnings: [...warnings],
  };
}

function analysedImage({ input, frame, NumberOfFrames }: ImageHeader): AnalysedSeries['images'][number] {
  const { SOPClassUID, SOPInstanceUID } = input;
  return NumberOfFrames > 1 ? { SOPClassUID, SOPInstanceUID, frame, NumberOfFrames } : { SOPClassUID, SOPInstanceUID };
}
