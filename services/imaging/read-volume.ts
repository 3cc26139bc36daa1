import type { PixelArray } from '../dicom/pixel/pixel-array.ts';
import { AppError } from '../domain/errors.ts';
import type { AnalysedSeries, AnalysisInput } from '../domain/run.ts';
import type { Volume } from '../domain/volume.ts';
import { chooseSeries, type UnreadImage } from './choose-series.ts';
import { SliceDecoder, type SliceTask, sliceTasks } from './decode-slices.ts';
import type { SameImage } from './drop-copies.ts';
import { voxelCount } from './grid.ts';
import type { ImageHeader } from './image-header.ts';
import { type ImageStack, meanStepMm } from './image-stack.ts';
import { isHounsfield, preparedPath, readHeaders } from './prepare-image.ts';
import { openPrepared, type PreparedImage } from './prepared-image.ts';
import { refusal } from './refusal.ts';
import { resampleStack } from './resample-stack.ts';
import type { SeriesCriteria } from './series-criteria.ts';
import type { SliceThreads } from './slice-threads.ts';
import type { SortedSlices } from './sort-slices.ts';
import type { StageClock } from './stage-clock.ts';

/** A series as one block of voxels, the images it was made of, and what the report says of it; or why there is none. */
export type ReadVolume =
  | { readonly volume: Volume; readonly stack: ImageStack; readonly series: AnalysedSeries }
  | { readonly error: unknown; readonly SeriesInstanceUID: string | undefined };

/** What does the work, and where some of it may have been done already. */
export interface VolumeReader {
  readonly threads: SliceThreads;
  readonly clock: StageClock;
  readonly progress: (stage: string, done: number, total: number) => void;
  /** Where `prepareImage` wrote. */
  readonly preparedDirectory?: string | undefined;
}

/** Voxels of a native volume take 2 bytes; 1500 slices of 512 x 512 are 750 MB. */
const MAX_VOLUME_BYTES = 1536 * 1024 * 1024;

/**
 * Files in, volume out: checks each file's hash, reads the headers, chooses the images, checks their geometry, and decodes
 * slice by slice into the volume, so that never more than one decoded slice a thread is held beside it. An image that was
 * prepared when it arrived is neither read nor decoded again. Slices that are not the planes of a right-angled grid are
 * then resampled on one. HU for CT; else the unit that `series` names.
 *
 * A refusal is answered together with the series it speaks of; INTEGRITY is thrown.
 */
export async function readVolume(
  inputs: readonly AnalysisInput[],
  criteria: SeriesCriteria,
  reader: VolumeReader,
): Promise<ReadVolume> {
  const { clock } = reader;
  const { headers, unread, prepared } = await clock.timeAsync('read', () => readInputs(inputs, reader));
  const choice = await chooseSeries(headers, unread, criteria, sameImage(reader));
  const { SeriesInstanceUID } = choice;
  if ('refused' in choice) return { SeriesInstanceUID, error: refusal(choice.refused.code, choice.refused.params) };
  const { slices } = choice;
  try {
    const voxels = await assemble(slices, prepared, reader);
    const { geometry, stack, isRegular } = slices;
    const volume = isRegular
      ? { geometry, voxels }
      : clock.time('volume', () => resampleStack(voxels, stack, geometry));
    return { volume, stack, series: analysedSeries(slices) };
  } catch (error) {
    return { SeriesInstanceUID, error };
  }
}

async function readInputs(inputs: readonly AnalysisInput[], reader: VolumeReader) {
  const { preparedDirectory, progress } = reader;
  const headers: ImageHeader[] = [];
  const unread: UnreadImage[] = [];
  const prepared = new Map<string, PreparedImage>();
  for (const input of inputs) {
    const image = preparedDirectory === undefined ? undefined : openPrepared(preparedPath(preparedDirectory, input));
    if (image) prepared.set(input.file, image);
  }
  const verified = verifying(
    inputs.filter(({ file }) => !prepared.has(file)),
    reader,
  );
  for (const [done, input] of inputs.entries()) {
    const image = prepared.get(input.file);
    if (image) headers.push(...image.headers.map((header) => ({ ...header, input })));
    else {
      await verified.get(input);
      try {
        headers.push(...(await readHeaders(input)));
      } catch (error) {
        unread.push(unreadImage(input, error));
      }
    }
    progress('read', done + 1, inputs.length);
  }
  return { headers, unread, prepared };
}

/** The check of each file's hash, by all threads at once: an error is thrown to whoever awaits that of its file. */
function verifying(inputs: readonly AnalysisInput[], { threads }: VolumeReader) {
  const checks = new Map(inputs.map((input) => [input, threads.run({ kind: 'verify', input })]));
  for (const check of checks.values()) check.catch(() => {});
  return checks;
}

export function unreadImage({ SeriesInstanceUID, SOPInstanceUID }: AnalysisInput, error: unknown): UnreadImage {
  if (!(error instanceof AppError)) throw error;
  const params = { slice: SOPInstanceUID, detail: error.message.slice(0, 200) };
  return { SeriesInstanceUID, reason: { code: 'UNREADABLE', params } };
}

/** Compares the stored values of two images that lie at the same place. */
export function sameImage({ clock, progress }: Pick<VolumeReader, 'clock' | 'progress'>): SameImage {
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

/** The slices, each decoded into its place by whichever thread is free, or read where it was prepared. */
export async function assemble(
  slices: SortedSlices,
  prepared: ReadonlyMap<string, PreparedImage>,
  { clock, threads, progress }: VolumeReader,
): Promise<Volume['voxels']> {
  const tasks = sliceTasks(slices.headers);
  const count = tasks.reduce((sum, { length }) => sum + length, 0);
  const [first] = slices.headers;
  const sampleBytes = first && isHounsfield(first) ? 2 : 4;
  checkSize((count + (slices.isRegular ? 0 : voxelCount(slices.geometry))) * sampleBytes);
  const memory = new SharedArrayBuffer(count * sampleBytes);
  const voxels = sampleBytes === 2 ? new Int16Array(memory) : new Float32Array(memory);
  const done = { slices: 0 };
  const work = async (task: SliceTask) => {
    const out = voxels.subarray(task.offset, task.offset + task.length);
    const isRead = prepared.get(task.file)?.read(task.frame + 1, out) ?? false;
    if (!isRead) await threads.run({ kind: 'slice', task, out });
    progress('decode', ++done.slices, tasks.length);
  };
  await clock.timeAsync('decode', () => allOf(tasks.map(work)));
  return voxels;
}

/** Like `Promise.all`, but not before each has ended: none may still write when the first error is told. */
async function allOf(work: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(work);
  await Promise.all(work);
}

function checkSize(bytes: number): void {
  if (bytes <= MAX_VOLUME_BYTES) return;
  const megabytes = Math.round(bytes / 1024 / 1024);
  throw refusal('TOO_LARGE', { what: 'the series', megabytes, limit: MAX_VOLUME_BYTES / 1024 / 1024 });
}

export function analysedSeries({ headers, stack, warnings }: SortedSlices): AnalysedSeries {
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
