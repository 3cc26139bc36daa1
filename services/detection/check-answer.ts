import type { Lesion } from '../domain/finding.ts';
import type { AnalysedSeries, AnalysisAnswer, AnalysisRequest } from '../domain/run.ts';

/**
 * What a schema cannot say: does an answer speak of the images that were sent, and lie inside them? Answers with what is
 * wrong, or `undefined`. The analyzer read hostile files, so its answer is checked like any other input.
 */
export function answerProblem(answer: AnalysisAnswer, { inputs }: AnalysisRequest): string | undefined {
  const series = new Set(inputs.map(({ SeriesInstanceUID }) => SeriesInstanceUID));
  if (answer.outcome === 'NOT_ANALYSABLE') {
    const { SeriesInstanceUID } = answer;
    return SeriesInstanceUID === null || series.has(SeriesInstanceUID) ? undefined : 'a series that was not sent';
  }

  const { shape, spacingMm, others = [] } = answer.series;
  const all = [answer.series, ...others];
  if (!all.every(({ SeriesInstanceUID }) => series.has(SeriesInstanceUID))) return 'a series that was not sent';
  if (new Set(all.map(({ SeriesInstanceUID }) => SeriesInstanceUID)).size < all.length) return 'a series twice';
  if (!shape.every((count) => Number.isInteger(count) && count > 0)) return 'a shape that is no shape';
  if (spacingMm?.every((mm) => mm > 0 && mm < 1000) === false) return 'an impossible spacing';
  if (answer.series.images.length !== shape[2]) return `${answer.series.images.length} images for ${shape[2]} slices`;
  const known = new Map(inputs.map((input) => [input.SOPInstanceUID, input]));
  const problems = [
    ...all.map((one) => imagesProblem(one, known)),
    ...answer.lesions.map((lesion) => lesionProblem(lesion, answer.series)),
  ];
  return problems.find((problem) => problem !== undefined);
}

/** What is read of a series, whether it lies in the patient or not. */
type ReadSeries = Pick<AnalysedSeries, 'SeriesInstanceUID' | 'images'>;

function imagesProblem(
  { images, SeriesInstanceUID }: ReadSeries,
  known: ReadonlyMap<string, AnalysisRequest['inputs'][number]>,
): string | undefined {
  if (new Set(images.map(frameKey)).size !== images.length) return 'an image twice';
  for (const { SOPInstanceUID, SOPClassUID, frame = 1, NumberOfFrames = 1 } of images) {
    const input = known.get(SOPInstanceUID);
    if (input?.SeriesInstanceUID !== SeriesInstanceUID || input.SOPClassUID !== SOPClassUID)
      return 'an image that was not sent';
    if (frame > NumberOfFrames) return 'a frame that its image does not have';
  }
  return undefined;
}

const frameKey = ({ SOPInstanceUID, frame = 1 }: AnalysedSeries['images'][number]): string =>
  `${SOPInstanceUID} ${frame}`;

/** Coordinates of a patient lie within a few metres of any scanner's origin. */
const FARTHEST_MM = 10_000;

function lesionProblem(lesion: Lesion, series: AnalysedSeries): string | undefined {
  const { region, SeriesInstanceUID } = lesion;
  const all: readonly ReadSeries[] = [series, ...(series.others ?? [])];
  const own = all.find((one) => one.SeriesInstanceUID === SeriesInstanceUID);
  if (own === undefined) return 'a lesion on another series';
  const image = own.images.find((one) => frameKey(one) === frameKey(region) && one.SOPClassUID === region.SOPClassUID);
  if (image === undefined) return 'a lesion on another image';
  const [columns, rows] = image.size ?? series.shape;
  const { left, top, right, bottom } = region;
  const isInside = left >= 0 && top >= 0 && left < right && top < bottom && right <= columns && bottom <= rows;
  return isInside ? placeProblem(lesion, series) : 'a region outside its image';
}

/** In the patient all of them, on a single image none. */
function placeProblem({ center, diameterMm, volumeMm3, measurement }: Lesion, { spacingMm }: AnalysedSeries) {
  const isPlaced = spacingMm !== null;
  if ([center, diameterMm, volumeMm3].some((value) => (value !== null) !== isPlaced))
    return isPlaced ? 'a lesion without a place' : 'a place in the patient on a single image';
  if (!isPlaced && measurement !== undefined) return 'a measurement on a single image';
  return (center ?? []).every((mm) => Math.abs(mm) <= FARTHEST_MM) ? undefined : 'a lesion far from the patient';
}
