import type { Place } from '../findings/place.ts';
import type { ImageSeries } from '../series/image-series.ts';
import { gridOfImage, onGrid, type PixelsOf, type PlaneGrid, voxelsOf } from '../series/plane-grid.ts';
import { EMPTY, slabPicture } from '../series/slab.ts';
import { along, cross, minus } from '../series/vector.ts';
import type { Plane, Point } from '../slice.ts';

/** A square of an image around a lesion. */
export interface Crop {
  readonly id: string;
  readonly plane: Plane;
  /** The image, for an axial one. */
  readonly index: number | undefined;
  readonly center: Point;
  readonly sideMm: number;
}

const AXIAL_CROPS = 7;
const SMALLEST_MM = 30;
const MOST_MM = 160;
/** Around a box, in its sizes, and in pixels of the image around a small one. */
const AROUND_BOX = 2.5;
const LEAST_PX = 72;
/** A crop is a small picture: one of more pixels is thinned out. */
const MOST_PX = 1024;

/** One crop of its own image for a box, else up to seven images through the lesion from head to feet, and one of each reformat where there is a volume. */
export function cropsOf(series: ImageSeries, place: Place): readonly Crop[] {
  if (place.shape === 'box') return boxCrop(series, place);
  const { center, diameterMm, index: middle } = place;
  const sideMm = Math.min(MOST_MM, Math.max(SMALLEST_MM, diameterMm * 2.5));
  if (middle === undefined) return [];
  const spacing = series.sliceSpacingMm ?? diameterMm;
  const step = Math.max(1, Math.round(diameterMm / 4 / spacing));
  const half = (AXIAL_CROPS - 1) / 2;
  const axial = Array.from({ length: AXIAL_CROPS }, (_none, at) => middle + (at - half) * step)
    .filter((index) => index >= 0 && index < series.images.length)
    .map((index): Crop => ({ id: `axial${index}`, plane: 'axial', index, center, sideMm }));
  if (!voxelsOf(series)) return axial;
  const reformat = (plane: Plane): Crop => ({ id: plane, plane, index: undefined, center, sideMm });
  return [...axial, reformat('sagittal'), reformat('coronal')];
}

/** In the unit of its pixels, which need not be millimetres: no more than the image is long. */
function boxCrop({ images }: ImageSeries, { center, corners, index }: Extract<Place, { shape: 'box' }>) {
  const image = images[index];
  if (!image) return [];
  const { Columns, Rows, pixelSize } = image;
  const largest = Math.max(...minus(corners[1], corners[0]).map(Math.abs));
  const longest = Math.max(Columns * pixelSize[0], Rows * pixelSize[1]);
  const sideMm = Math.min(longest, Math.max(LEAST_PX * pixelSize[0], largest * AROUND_BOX));
  return [{ id: `axial${index}`, plane: 'axial', index, center, sideMm } as const];
}

/** The numbers of a crop; `undefined` while its images are not loaded, or have failed. */
export function cropNumbers(series: ImageSeries, pixelsOf: PixelsOf, crop: Crop) {
  return crop.index === undefined
    ? reformatCrop(series, pixelsOf, crop)
    : imageCrop(series, pixelsOf, crop, crop.index);
}

function imageCrop(series: ImageSeries, pixelsOf: PixelsOf, { center, sideMm }: Crop, index: number) {
  const image = series.images[index];
  const pixels = pixelsOf(index);
  if (!image || !pixels) return undefined;
  const grid = gridOfImage(image, series.sliceSpacingMm);
  const [middleColumn, middleRow] = onGrid(grid, center).map(Math.round) as [number, number];
  const every = Math.max(1, Math.ceil(sideMm / Math.min(grid.stepMm[0], grid.stepMm[1]) / MOST_PX));
  const [columns, rows] = [sideMm / grid.stepMm[0], sideMm / grid.stepMm[1]].map((count) => odd(count / every)) as [
    number,
    number,
  ];
  const numbers = new Int16Array(columns * rows).fill(EMPTY);
  for (let row = 0; row < rows; row += 1) {
    const y = middleRow + (row - (rows - 1) / 2) * every;
    if (y < 0 || y >= grid.rows) continue;
    for (let column = 0; column < columns; column += 1) {
      const x = middleColumn + (column - (columns - 1) / 2) * every;
      if (x >= 0 && x < grid.columns) numbers[row * columns + column] = pixels.numbers[y * grid.columns + x] ?? EMPTY;
    }
  }
  return { numbers, columns, rows };
}

/** An odd count has a middle. */
const odd = (count: number): number => Math.max(3, 2 * Math.round((count - 1) / 2) + 1);

/** As the planes stand on screen: head up; the front to the left, or the patient's right. */
const VIEWS = {
  sagittal: { right: [0, 1, 0], down: [0, 0, -1] },
  coronal: { right: [1, 0, 0], down: [0, 0, -1] },
} as const satisfies Record<'sagittal' | 'coronal', { right: Point; down: Point }>;

function reformatCrop(series: ImageSeries, pixelsOf: PixelsOf, { plane, center, sideMm }: Crop) {
  const voxels = voxelsOf(series);
  if (!voxels || plane === 'axial') return undefined;
  const { right, down } = VIEWS[plane];
  const [inPlane, spacing] = [Math.min(voxels.spacingMm[0], voxels.spacingMm[1]), voxels.spacingMm[2]];
  const [columns, rows] = [odd(sideMm / inPlane), odd(sideMm / spacing)];
  const corner = along(along(center, right, (-(columns - 1) / 2) * inPlane), down, (-(rows - 1) / 2) * spacing);
  const grid: PlaneGrid = {
    ...{ origin: corner, right, down, normal: cross(right, down) },
    ...{ stepMm: [inPlane, spacing, inPlane], columns, rows },
  };
  const picture = slabPicture(series, pixelsOf, grid, 0, 'max');
  return picture && 'numbers' in picture ? picture : undefined;
}
