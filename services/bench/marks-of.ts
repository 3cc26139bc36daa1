import { isPlaced, type Lesion } from '../domain/finding.ts';
import { boxOnImage, imageName, type Mark, middleOf } from '../evaluation/lesion.ts';

/** What a model answered, as marks: in the patient, or as boxes on the images that lie nowhere in one. */
export const marksOf = (lesions: readonly Lesion[]): Mark[] => lesions.map(markOf);

function markOf(lesion: Lesion): Mark {
  if (isPlaced(lesion)) return { center: lesion.center, score: lesion.score, diameterMm: lesion.diameterMm };
  const { SOPInstanceUID, frame, left, top, right, bottom } = lesion.region;
  const image = imageName(SOPInstanceUID, frame);
  const box = boxOnImage(left, top, right, bottom);
  return { center: middleOf(box, image), score: lesion.score, diameterMm: undefined, box, image };
}
