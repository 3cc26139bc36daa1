import type { DicomJson } from '../../services/dicom/dataset/json-attributes.ts';
import { jsonAttributes } from '../../services/dicom/dataset/json-attributes.ts';
import { TAG } from '../../services/dicom/dataset/tags.ts';
import type { SeriesKey } from '../../services/domain/study.ts';
import type { Point } from '../slice.ts';
import { type ImagePlane, imagesOf, type SeriesImage } from './series-image.ts';
import { commonSpread, type ValueSpread } from './value-scale.ts';
import { cross, dot, length, minus } from './vector.ts';

/** Why no volume can be cut from a series: what the panels of the reformats say. */
export type VolumeObstacle =
  | 'noGeometry'
  | 'fewSlices'
  | 'notUniform'
  | 'uneven'
  | 'tilted'
  | 'notAxial'
  | 'colour'
  | 'mixedValues';

export interface ImageSeries extends SeriesKey {
  readonly Modality: string;
  readonly FrameOfReferenceUID: string;
  /** Head to feet for an axial series; by instance number where there is no geometry. */
  readonly images: readonly SeriesImage[];
  /** What the values of all its grey images may be; `undefined` when each image must tell for itself. */
  readonly spread: ValueSpread | undefined;
  /** Its values are Hounsfield units. */
  readonly isHounsfield: boolean;
  /** Median distance of neighbouring slices, mm. */
  readonly sliceSpacingMm: number | undefined;
  readonly obstacle: VolumeObstacle | undefined;
}

const ALIGNED = 1e-3;
/** Above this a plane is not called axial: cos 25 degrees. */
const AXIAL_COSINE = 0.906;

export function imageSeries(key: SeriesKey, datasets: readonly DicomJson[]): ImageSeries {
  const images = sortImages(datasets.flatMap(imagesOf));
  const sliceSpacingMm = medianSpacing(images);
  const first = jsonAttributes(datasets[0] ?? {});
  const Modality = first.string(TAG.Modality);
  const grey = images.filter(({ isColour }) => !isColour);
  return {
    ...key,
    Modality,
    FrameOfReferenceUID: first.string(TAG.FrameOfReferenceUID),
    images,
    spread: commonSpread(grey.map(({ spread }) => spread)),
    isHounsfield: Modality === 'CT' && grey.length > 0,
    sliceSpacingMm,
    obstacle: volumeObstacle(images, sliceSpacingMm),
  };
}

/** Do all of its images lie somewhere in the patient? */
export const hasGeometry = ({ images }: ImageSeries): boolean => images.every(({ plane }) => plane !== undefined);

/** Does the first panel show axial slices, or whatever was acquired? */
export function isAxial({ images }: ImageSeries): boolean {
  const plane = images[0]?.plane;
  return plane !== undefined && Math.abs(cross(plane.row, plane.column)[2]) > AXIAL_COSINE;
}

/** Towards the head: z of the normal positive; for other planes the normal as stored. */
function stackNormal({ row, column }: ImagePlane): Point {
  const [x, y, z] = cross(row, column);
  return Math.abs(z) > AXIAL_COSINE && z < 0 ? [-x, -y, -z] : [x, y, z];
}

function sortImages(images: readonly SeriesImage[]): readonly SeriesImage[] {
  const byNumber = (a: SeriesImage, b: SeriesImage) =>
    (a.InstanceNumber ?? 0) - (b.InstanceNumber ?? 0) || a.frame - b.frame;
  const first = images[0]?.plane;
  if (!first || !images.every(({ plane }) => plane)) return [...images].sort(byNumber);
  const normal = stackNormal(first);
  const height = ({ plane }: SeriesImage) => (plane ? dot(plane.position, normal) : 0);
  return [...images].sort((a, b) => height(b) - height(a) || byNumber(a, b));
}

const steps = (images: readonly SeriesImage[]): readonly Point[] =>
  images.slice(1).flatMap(({ plane }, before) => {
    const previous = images[before]?.plane;
    return plane && previous ? [minus(plane.position, previous.position)] : [];
  });

function medianSpacing(images: readonly SeriesImage[]): number | undefined {
  const plane = images[0]?.plane;
  if (!plane) return undefined;
  const normal = cross(plane.row, plane.column);
  const gaps = steps(images)
    .map((step) => Math.abs(dot(step, normal)))
    .sort((a, b) => a - b);
  return gaps[Math.floor(gaps.length / 2)];
}

/** The conditions under which parallel slices are a volume; a reformat of anything else would show a wrong shape. */
function volumeObstacle(images: readonly SeriesImage[], spacing: number | undefined): VolumeObstacle | undefined {
  const plane = images[0]?.plane;
  if (images.some(({ isColour }) => isColour)) return 'colour';
  if (!plane || !images.every((image) => image.plane)) return 'noGeometry';
  if (images.length < 3 || !spacing) return 'fewSlices';
  if (!images.every((image) => sameGrid(image, images[0]))) return 'notUniform';
  const normal = cross(plane.row, plane.column);
  if (Math.abs(normal[2]) < AXIAL_COSINE) return 'notAxial';
  const tolerance = Math.max(0.05, spacing * 0.02);
  const even = steps(images).every((step) => Math.abs(Math.abs(dot(step, normal)) - spacing) <= tolerance);
  if (!even) return 'uneven';
  return isSheared(images, normal, plane) ? 'tilted' : undefined;
}

function sameGrid({ plane, Rows, Columns }: SeriesImage, other: SeriesImage | undefined): boolean {
  if (!plane || !other?.plane) return false;
  const sameAxes =
    length(minus(plane.row, other.plane.row)) < ALIGNED && length(minus(plane.column, other.plane.column)) < ALIGNED;
  const sameSpacing = plane.spacingMm.every((mm, axis) => Math.abs(mm - (other.plane?.spacingMm[axis] ?? 0)) < ALIGNED);
  return sameAxes && sameSpacing && Rows === other.Rows && Columns === other.Columns;
}

/** A gantry tilt moves each slice sideways; over the whole stack more than a pixel would bend a reformat. */
function isSheared(images: readonly SeriesImage[], normal: Point, { position, spacingMm }: ImagePlane): boolean {
  const last = images.at(-1)?.plane?.position;
  if (!last) return false;
  const step = minus(last, position);
  const sideways = Math.sqrt(Math.max(0, dot(step, step) - dot(step, normal) ** 2));
  return sideways > Math.max(...spacingMm);
}
