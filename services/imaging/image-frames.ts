import type { Dataset } from '../dicom/dataset/dataset.ts';
import { TAG } from '../dicom/dataset/tags.ts';
import { AppError } from '../domain/errors.ts';
import { cross, type Triple } from './grid.ts';

/** One frame of an image and where its attributes stand. */
export interface Frame {
  /** 1-based (PS3.3 §10.3). */
  readonly number: number;
  /** The data set that holds an attribute for this frame: the item of its functional group `macro`, or the object. */
  readonly at: (tag: number, macro?: number) => Dataset;
  /** Where it lies: as its attributes state, by a rule of its object, or unknown for one frame of several. */
  readonly place: 'stated' | FramePlace | 'unknown';
}

interface FramePlace {
  readonly ImagePositionPatient: Triple;
  readonly ImageOrientationPatient: readonly [Triple, Triple];
}

/** Longer than any scanner writes, shorter than what makes a process run out of memory. */
const MAX_FRAMES = 16_384;
const NUCLEAR_MEDICINE = '1.2.840.10008.5.1.4.1.1.20';

/**
 * The frames of an image: one of a classic image, those of the functional groups of a multi-frame one, those of the slice
 * vector of a nuclear medicine one. Frames that have no attributes of their own are answered as one frame.
 *
 * @throws {AppError} DATASET_UNREADABLE when groups and Number of Frames do not agree; DATASET_TOO_LARGE.
 */
export function imageFrames(dataset: Dataset): readonly Frame[] {
  const count = dataset.number(TAG.NumberOfFrames) ?? 1;
  if (count > MAX_FRAMES) throw new AppError('DATASET_TOO_LARGE', `${count} frames, the limit is ${MAX_FRAMES}`);
  if (dataset.has(TAG.PerFrameFunctionalGroupsSequence) || dataset.has(TAG.SharedFunctionalGroupsSequence))
    return functionalFrames(dataset, count);
  if (dataset.string(TAG.SOPClassUID) === NUCLEAR_MEDICINE) return nuclearFrames(dataset, count);
  return [{ number: 1, at: () => dataset, place: count > 1 ? 'unknown' : 'stated' }];
}

/**
 * PS3.3 §C.7.6.16: a macro stands in the item of its frame or, when it is the same for all, in the shared one. What a
 * converter found no macro for stands in the "unassigned" sequences (PS3.3 §C.7.6.16.2.25).
 */
function functionalFrames(dataset: Dataset, count: number): readonly Frame[] {
  const own = dataset.sequence(TAG.PerFrameFunctionalGroupsSequence);
  const [shared] = dataset.sequence(TAG.SharedFunctionalGroupsSequence);
  if (own.length !== count)
    throw new AppError('DATASET_UNREADABLE', `${count} frames with ${own.length} functional groups`);
  const sharedLoose = shared?.sequence(TAG.UnassignedSharedConvertedAttributesSequence) ?? [];
  return own.map((groups, index) => {
    const layers = shared ? [groups, shared] : [groups];
    const loose = [...groups.sequence(TAG.UnassignedPerFrameConvertedAttributesSequence), ...sharedLoose];
    const at = (tag: number, macro?: number): Dataset => {
      const items = macro === undefined ? [] : layers.flatMap((layer) => layer.sequence(macro).slice(0, 1));
      return [...items, ...loose].find((item) => item.has(tag)) ?? dataset;
    };
    return { number: index + 1, at, place: 'stated' };
  });
}

/**
 * A reconstructed tomographic NM image gives the place of its first slice and a signed distance along the normal (PS3.3
 * §C.8.4.11, §C.8.4.15); the slice vector says which frame is which slice (§C.8.4.8).
 */
function nuclearFrames(dataset: Dataset, count: number): readonly Frame[] {
  const slices = dataset.numbers(TAG.SliceVector);
  const spacingMm = dataset.number(TAG.SpacingBetweenSlices);
  if (slices.length !== count || !spacingMm) return [{ number: 1, at: () => dataset, place: 'unknown' }];
  const detectors = dataset.sequence(TAG.DetectorInformationSequence);
  const detectorOf = dataset.numbers(TAG.DetectorVector);
  return slices.map((slice, index) => {
    const detector = detectors[(detectorOf[index] ?? 1) - 1] ?? detectors[0];
    const place = (detector && nuclearPlace(detector, (slice - 1) * spacingMm)) ?? 'unknown';
    return { number: index + 1, at: () => dataset, place };
  });
}

function nuclearPlace(detector: Dataset, alongMm: number): FramePlace | undefined {
  const [x, y, z] = detector.numbers(TAG.ImagePositionPatient);
  const [a, b, c, d, e, f] = detector.numbers(TAG.ImageOrientationPatient);
  if (x === undefined || y === undefined || z === undefined) return undefined;
  if (a === undefined || b === undefined || c === undefined) return undefined;
  if (d === undefined || e === undefined || f === undefined) return undefined;
  const row: Triple = [a, b, c];
  const column: Triple = [d, e, f];
  const normal = cross(row, column);
  return {
    ImagePositionPatient: [x + normal[0] * alongMm, y + normal[1] * alongMm, z + normal[2] * alongMm],
    ImageOrientationPatient: [row, column],
  };
}
