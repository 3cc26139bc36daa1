import type { ReadingContent, ReadLesion } from './contract/reading.ts';
import { isPlaced, type Placed } from './finding.ts';
import type { ReviewedRun } from './review.ts';

/** What a draft may refer to. */
export interface ReadableStudy {
  /** Current, ended, and shown to the reader. */
  readonly runs: readonly ReviewedRun[];
  /** Images that lesions of the draft name, as they are stored, by SOPInstanceUID. */
  readonly images: ReadonlyMap<string, ReadableImage>;
  /** TrackingUIDs of the draft's added findings that name a finding of a model, whichever. */
  readonly taken: ReadonlySet<string>;
}

export interface ReadableImage {
  readonly SeriesInstanceUID: string;
  readonly SOPClassUID: string;
  readonly Rows: number | null;
  readonly Columns: number | null;
  readonly NumberOfFrames: number | null;
}

/** Nothing that is examined lies farther from the origin of its frame of reference. */
const REACH_MM = 10_000;
/** A lesion of `Length` at most: its axes end within it. */
const EXTENT_MM = 500;

/** The first thing a draft says that does not hold in its study, in words; `undefined` when all of it does. */
export function contentProblem(content: ReadingContent, study: ReadableStudy): string | undefined {
  return verdictProblem(content, study) ?? addedProblem(content, study) ?? thresholdProblem(content, study);
}

function verdictProblem({ verdicts }: ReadingContent, study: ReadableStudy): string | undefined {
  const known = new Set(study.runs.flatMap(({ findings }) => findings.map(({ TrackingUID }) => TrackingUID)));
  const twice = repeated(verdicts);
  if (twice !== undefined) return `finding ${twice} has two verdicts`;
  for (const verdict of verdicts) {
    const { TrackingUID } = verdict;
    if (!known.has(TrackingUID)) return `verdict on ${TrackingUID}, which is no finding of the current results`;
    const problem = verdict.verdict === 'edited' ? lesionProblem(verdict.lesion, study) : undefined;
    if (problem !== undefined) return `edited finding ${TrackingUID}: ${problem}`;
  }
  return undefined;
}

function addedProblem({ verdicts, added }: ReadingContent, study: ReadableStudy): string | undefined {
  const judged = new Set(verdicts.map(({ TrackingUID }) => TrackingUID));
  const twice = repeated(added);
  if (twice !== undefined) return `two added findings are named ${twice}`;
  for (const { TrackingUID, lesion } of added) {
    if (judged.has(TrackingUID) || study.taken.has(TrackingUID)) return `${TrackingUID} names a finding of a model`;
    const problem = lesionProblem(lesion, study);
    if (problem !== undefined) return `added finding ${TrackingUID}: ${problem}`;
  }
  return undefined;
}

function thresholdProblem({ thresholds }: ReadingContent, { runs }: ReadableStudy): string | undefined {
  const known = new Set(runs.map(({ runId }) => runId));
  const strange = Object.keys(thresholds).find((runId) => !known.has(runId));
  return strange === undefined ? undefined : `threshold for ${strange}, which is no current run`;
}

function repeated(named: readonly { readonly TrackingUID: string }[]): string | undefined {
  const seen = new Set<string>();
  return named.find(({ TrackingUID }) => seen.size === seen.add(TrackingUID).size)?.TrackingUID;
}

function lesionProblem(lesion: ReadLesion, { images }: ReadableStudy): string | undefined {
  const { region, measurement, SeriesInstanceUID } = lesion;
  const image = images.get(region.SOPInstanceUID);
  if (image === undefined || image.SeriesInstanceUID !== SeriesInstanceUID)
    return `image ${region.SOPInstanceUID} is none of series ${SeriesInstanceUID} of this study`;
  if (image.SOPClassUID !== region.SOPClassUID) return `image ${region.SOPInstanceUID} is of another SOP class`;
  if (region.frame > (image.NumberOfFrames ?? 1)) return `the image has no frame ${region.frame}`;
  if (!isOnImage(region, image)) return 'its region does not lie on its image';
  return isPlaced(lesion) ? placeProblem(lesion.center, measurement) : unplacedProblem(lesion);
}

function placeProblem(center: Point, measurement: ReadLesion['measurement']): string | undefined {
  if (center.some((mm) => Math.abs(mm) > REACH_MM)) return 'its centre lies outside any patient';
  const ends = measurement === undefined ? [] : [...measurement.longAxis, ...measurement.shortAxis];
  if (ends.some((end) => distance(end, center) > EXTENT_MM)) return 'an axis ends far from its centre';
  return undefined;
}

/** On a single image: nothing of a patient's coordinates at all. */
function unplacedProblem({ center, diameterMm, volumeMm3, measurement }: ReadLesion): string | undefined {
  const isBare = center === null && diameterMm === null && volumeMm3 === null && measurement === undefined;
  return isBare ? undefined : 'it has a size without a place, or a place without a size';
}

type Box = Pick<ReadLesion['region'], 'left' | 'top' | 'right' | 'bottom'>;

const isOnImage = ({ left, top, right, bottom }: Box, { Rows, Columns }: ReadableImage): boolean =>
  left >= 0 && top >= 0 && left < right && top < bottom && right <= (Columns ?? 0) && bottom <= (Rows ?? 0);

type Point = Placed['center'];
const distance = (a: Point, b: Point): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
