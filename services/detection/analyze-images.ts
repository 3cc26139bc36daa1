import { AppError } from '../domain/errors.ts';
import type { Lesion } from '../domain/finding.ts';
import type { Reason } from '../domain/reason.ts';
import type { AnalysedSeries, AnalysisAnswer, AnalysisInput } from '../domain/run.ts';
import { outOfScope } from '../imaging/check-image.ts';
import { type FrameImage, readFrameImage } from '../imaging/read-frame.ts';
import { unreadImage, type VolumeReader } from '../imaging/read-volume.ts';
import { refusal, refusalReason } from '../imaging/refusal.ts';
import { detectOnFrame } from './detect-on-frame.ts';
import { expectNumbers, fallbackWarnings, notAnalysable, type WarmModel } from './warm-model.ts';

/** As many as an answer holds. */
const MAX_LESIONS = 100;

/** An image that was read; its pixels are gone. */
interface ReadImage extends Pick<FrameImage, 'SeriesInstanceUID' | 'Modality' | 'FrameOfReferenceUID'> {
  readonly image: AnalysedSeries['images'][number];
}

/**
 * The analysis of a model for single images: every image of the study that it is for, one after the other, over all series.
 * What is outside its scope, a lateral view for a model of frontal ones, is passed over and named; what is within it and
 * cannot be read ends the analysis, for nothing found would not mean that nothing is there.
 *
 * @throws {AppError} NOT_ANALYSABLE with the reason INTEGRITY when a file is not what was received.
 */
export async function analyzeImages(
  inputs: readonly AnalysisInput[],
  { manifest, session, precision }: WarmModel,
  { threads, clock, progress }: VolumeReader,
): Promise<AnalysisAnswer> {
  const verified = { count: 0 };
  const verify = async (input: AnalysisInput) => {
    await threads.run({ kind: 'verify', input });
    progress('verify', ++verified.count, inputs.length);
  };
  await clock.timeAsync('read', () => Promise.all(inputs.map(verify)));
  const read: ReadImage[] = [];
  const lesions: Lesion[] = [];
  const passedOver: Reason[] = [];
  const at = { series: undefined as string | undefined };
  try {
    for (const [done, input] of inputs.entries()) {
      at.series = input.SeriesInstanceUID;
      const frame = await clock.timeAsync('decode', () => withinScope(input, manifest.accepts));
      progress('read', done + 1, inputs.length);
      if (!('pixels' in frame)) {
        passedOver.push(frame);
        continue;
      }
      expectNumbers(frame.pixels);
      lesions.push(...(await lesionsOn(frame, () => detectOnFrame(frame, manifest, session, clock, progress))));
      read.push(readImage(frame));
    }
    if (read.length === 0) throw noneOf(passedOver);
    const warnings = [...passedOverWarnings(passedOver), ...fallbackWarnings(session)];
    return {
      outcome: 'ANALYSED',
      series: analysedImages(read, warnings),
      lesions: lesions.toSorted((a, b) => b.score - a.score).slice(0, MAX_LESIONS),
      ...{ provider: session.provider, stageSeconds: clock.seconds },
      ...(precision && { precision }),
    };
  } catch (error) {
    return notAnalysable(error, at.series, clock);
  }
}

/** The image, or why it is none that the model is for. @throws {AppError} NOT_ANALYSABLE when it is one, and cannot be read. */
async function withinScope(
  input: AnalysisInput,
  accepts: WarmModel['manifest']['accepts'],
): Promise<FrameImage | Reason> {
  try {
    // What is no image at all, a report or a state of presentation, is not opened.
    if (!accepts.sopClassUids.includes(input.SOPClassUID))
      throw outOfScope('SOPClassUID', input.SOPClassUID, accepts.sopClassUids.join(', '));
    return await readFrameImage(input, accepts);
  } catch (error) {
    const reason = refusalReason(error);
    if (reason?.code === 'OUT_OF_SCOPE') return reason;
    if (reason !== undefined || !(error instanceof AppError)) throw error;
    const { code, params } = unreadImage(input, error).reason;
    throw refusal(code, params, error);
  }
}

async function lesionsOn(
  { SeriesInstanceUID, laterality }: FrameImage,
  detected: () => ReturnType<typeof detectOnFrame>,
): Promise<Lesion[]> {
  const found = await detected();
  return found.map(({ label, score, region, isApproximate }) => ({
    ...{ center: null, diameterMm: null, volumeMm3: null },
    ...{ label, score, region, SeriesInstanceUID },
    laterality: laterality === undefined ? null : SIDE[laterality],
    ...(isApproximate && { isApproximate }),
  }));
}

const SIDE = { L: 'left', R: 'right' } as const;

const readImage = ({ SOPClassUID, SOPInstanceUID, columns, rows, ...frame }: FrameImage): ReadImage => ({
  SeriesInstanceUID: frame.SeriesInstanceUID,
  Modality: frame.Modality,
  FrameOfReferenceUID: frame.FrameOfReferenceUID,
  image: { SOPClassUID, SOPInstanceUID, size: [columns, rows] },
});

/** The series of the first image, and the others beside it. */
function analysedImages(read: readonly ReadImage[], warnings: AnalysedSeries['warnings']): AnalysedSeries {
  const [first, ...others] = [...Map.groupBy(read, ({ SeriesInstanceUID }) => SeriesInstanceUID)].map(
    ([SeriesInstanceUID, members]) => ({
      SeriesInstanceUID,
      Modality: members[0]?.Modality ?? '',
      images: members.map(({ image }) => image),
    }),
  );
  if (first === undefined) throw new RangeError('no image was read');
  const most = (axis: 0 | 1) => Math.max(...read.map(({ image }) => image.size?.[axis] ?? 0));
  return {
    ...first,
    FrameOfReferenceUID: read[0]?.FrameOfReferenceUID ?? '',
    shape: [most(0), most(1), first.images.length],
    spacingMm: null,
    ...(others.length > 0 && { others }),
    warnings,
  };
}

/** Nothing is left to read: the study ends with the reason of the first image, or that it had none. */
const noneOf = ([first]: readonly Reason[]): Error =>
  first === undefined ? refusal('NOT_AN_IMAGE', { sopClass: 'no instances' }) : refusal(first.code, first.params);

/** One line for each attribute by which images were passed over. */
function passedOverWarnings(reasons: readonly Reason[]): Reason[] {
  const groups = Map.groupBy(reasons, ({ params }) => String(params.attribute));
  return [...groups].map(([attribute, members]) => {
    const others = [...new Set(members.map(({ params }) => String(params.value)))];
    const shown = others.slice(0, 3).join(', ') + (others.length > 3 ? ' ...' : '');
    const { accepted = '' } = members[0]?.params ?? {};
    return {
      code: 'IMAGES_PASSED_OVER',
      params: { count: members.length, attribute, others: shown.slice(0, 200), accepted },
    };
  });
}
