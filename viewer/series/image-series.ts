import type { SeriesKey } from '../../services/domain/study.ts';
import type { GreyWindow, Point } from '../slice.ts';
import { type DicomJson, number, numbers, text } from './dicom-json.ts';
import { cross, dot, length, minus } from './vector.ts';

/** How the pixels of a frame are stored (PS3.3 §C.7.6.3). */
export interface PixelAttributes {
  readonly Rows: number;
  readonly Columns: number;
  readonly SamplesPerPixel: number;
  readonly BitsAllocated: number;
  readonly BitsStored: number;
  readonly signed: boolean;
  readonly PhotometricInterpretation: string;
  readonly RescaleSlope: number;
  readonly RescaleIntercept: number;
}

/** Where the centre of its first pixel lies and which way rows and columns run (PS3.3 §C.7.6.2). */
interface ImagePlane {
  readonly position: Point;
  readonly row: Point;
  readonly column: Point;
  /** Between columns, between rows; mm. */
  readonly spacingMm: readonly [column: number, row: number];
}

export interface SeriesImage {
  readonly SOPInstanceUID: string;
  /** 1-based (PS3.3 §10.3). */
  readonly frame: number;
  readonly InstanceNumber: number | undefined;
  readonly pixels: PixelAttributes;
  readonly plane: ImagePlane | undefined;
  readonly SliceThickness: number | undefined;
  readonly window: GreyWindow | undefined;
}

/** Why no volume can be cut from a series: what the panels of the reformats say. */
type VolumeObstacle = 'noGeometry' | 'fewSlices' | 'notUniform' | 'uneven' | 'tilted' | 'notAxial';

export interface ImageSeries extends SeriesKey {
  readonly Modality: string;
  readonly FrameOfReferenceUID: string;
  /** Head to feet for an axial series; by instance number where there is no geometry. */
  readonly images: readonly SeriesImage[];
  /** Median distance of neighbouring slices, mm. */
  readonly sliceSpacingMm: number | undefined;
  readonly obstacle: VolumeObstacle | undefined;
}

const ALIGNED = 1e-3;
/** Above this a plane is not called axial: cos 25 degrees. */
const AXIAL_COSINE = 0.906;

export function imageSeries(key: SeriesKey, datasets: readonly DicomJson[]): ImageSeries {
  const withPixels = datasets.filter((dataset) => number(dataset, '00280010') && number(dataset, '00280011'));
  const images = sortImages(withPixels.flatMap(imagesOf));
  const sliceSpacingMm = medianSpacing(images);
  return {
    ...key,
    Modality: text(datasets[0] ?? {}, '00080060'),
    FrameOfReferenceUID: text(datasets[0] ?? {}, '00200052'),
    images,
    sliceSpacingMm,
    obstacle: volumeObstacle(images, sliceSpacingMm),
  };
}

function imagesOf(dataset: DicomJson): readonly SeriesImage[] {
  const frames = number(dataset, '00280008') ?? 1;
  const image = {
    SOPInstanceUID: text(dataset, '00080018'),
    InstanceNumber: number(dataset, '00200013'),
    pixels: pixelAttributes(dataset),
    plane: frames > 1 ? undefined : imagePlane(dataset),
    SliceThickness: number(dataset, '00180050'),
    window: storedWindow(dataset),
  };
  return Array.from({ length: Math.max(1, Math.min(frames, 10_000)) }, (_none, index) => ({
    ...image,
    frame: index + 1,
  }));
}

function pixelAttributes(dataset: DicomJson): PixelAttributes {
  const BitsAllocated = number(dataset, '00280100') ?? 16;
  return {
    Rows: number(dataset, '00280010') ?? 0,
    Columns: number(dataset, '00280011') ?? 0,
    SamplesPerPixel: number(dataset, '00280002') ?? 1,
    BitsAllocated,
    BitsStored: number(dataset, '00280101') ?? BitsAllocated,
    signed: number(dataset, '00280103') === 1,
    PhotometricInterpretation: text(dataset, '00280004') || 'MONOCHROME2',
    RescaleSlope: number(dataset, '00281053') ?? 1,
    RescaleIntercept: number(dataset, '00281052') ?? 0,
  };
}

function imagePlane(dataset: DicomJson): ImagePlane | undefined {
  const [x, y, z] = numbers(dataset, '00200032');
  const [rx, ry, rz, cx, cy, cz] = numbers(dataset, '00200037');
  const [rowSpacing, columnSpacing] = numbers(dataset, '00280030');
  if (z === undefined || x === undefined || y === undefined || !rowSpacing || !columnSpacing) return undefined;
  if (rx === undefined || ry === undefined || rz === undefined) return undefined;
  if (cx === undefined || cy === undefined || cz === undefined) return undefined;
  const row: Point = [rx, ry, rz];
  const column: Point = [cx, cy, cz];
  const unit = Math.abs(length(row) - 1) < 0.01 && Math.abs(length(column) - 1) < 0.01;
  if (!unit || Math.abs(dot(row, column)) > 0.01) return undefined;
  return { position: [x, y, z], row, column, spacingMm: [columnSpacing, rowSpacing] };
}

function storedWindow(dataset: DicomJson): GreyWindow | undefined {
  const center = number(dataset, '00281050');
  const width = number(dataset, '00281051');
  return center !== undefined && width !== undefined && width >= 1 ? { center, width } : undefined;
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

function sameGrid({ plane, pixels }: SeriesImage, other: SeriesImage | undefined): boolean {
  if (!plane || !other?.plane) return false;
  const sameAxes =
    length(minus(plane.row, other.plane.row)) < ALIGNED && length(minus(plane.column, other.plane.column)) < ALIGNED;
  const sameSpacing = plane.spacingMm.every((mm, axis) => Math.abs(mm - (other.plane?.spacingMm[axis] ?? 0)) < ALIGNED);
  return sameAxes && sameSpacing && pixels.Rows === other.pixels.Rows && pixels.Columns === other.pixels.Columns;
}

/** A gantry tilt moves each slice sideways; over the whole stack more than a pixel would bend a reformat. */
function isSheared(images: readonly SeriesImage[], normal: Point, { position, spacingMm }: ImagePlane): boolean {
  const last = images.at(-1)?.plane?.position;
  if (!last) return false;
  const step = minus(last, position);
  const sideways = Math.sqrt(Math.max(0, dot(step, step) - dot(step, normal) ** 2));
  return sideways > Math.max(...spacingMm);
}
