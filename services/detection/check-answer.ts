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

  const { SeriesInstanceUID, shape, spacingMm } = answer.series;
  if (!series.has(SeriesInstanceUID)) return 'a series that was not sent';
  if (!shape.every((count) => Number.isInteger(count) && count > 0)) return 'a shape that is no shape';
  if (!spacingMm.every((mm) => mm > 0 && mm < 1000)) return 'an impossible spacing';
  return (
    imagesProblem(answer.series, inputs) ??
    answer.lesions.map((lesion) => lesionProblem(lesion, answer.series)).find((problem) => problem !== undefined)
  );
}

function imagesProblem(
  { images, shape, SeriesInstanceUID }: AnalysedSeries,
  inputs: AnalysisRequest['inputs'],
): string | undefined {
  const known = new Map(inputs.map((input) => [input.SOPInstanceUID, input]));
  if (images.length !== shape[2]) return `${images.length} images for ${shape[2]} slices`;
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

function lesionProblem({ center, region, SeriesInstanceUID }: Lesion, series: AnalysedSeries): string | undefined {
  if (SeriesInstanceUID !== series.SeriesInstanceUID) return 'a lesion on another series';
  const isImage = series.images.some(
    (image) => frameKey(image) === frameKey(region) && image.SOPClassUID === region.SOPClassUID,
  );
  if (!isImage) return 'a lesion on another image';
  const [columns, rows] = series.shape;
  const { left, top, right, bottom } = region;
  const isInside = left >= 0 && top >= 0 && left < right && top < bottom && right <= columns && bottom <= rows;
  if (!isInside) return 'a region outside its image';
  return center.every((mm) => Math.abs(mm) <= FARTHEST_MM) ? undefined : 'a lesion far from the patient';
}
