import type { Finding } from '../../services/domain/finding.ts';
import type { ImageSeries } from '../series/image-series.ts';
import { gridOfImage, onGrid, type PixelsOf, type PlaneGrid, voxelsOf } from '../series/plane-grid.ts';
import { EMPTY, slabPicture } from '../series/slab.ts';
import { nearestImage } from '../series/slice-index.ts';
import { along, cross } from '../series/vector.ts';
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

/** Up to seven images through the lesion from head to feet, and one of each reformat where there is a volume. */
export function cropsOf(series: ImageSeries, { center, diameterMm }: Pick<Finding, 'center' | 'diameterMm'>) {
  const sideMm = Math.min(MOST_MM, Math.max(SMALLEST_MM, diameterMm * 2.5));
  const middle = nearestImage(series, center);
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
  const [columns, rows] = [sideMm / grid.stepMm[0], sideMm / grid.stepMm[1]].map((count) => odd(count)) as [
    number,
    number,
  ];
  const numbers = new Int16Array(columns * rows).fill(EMPTY);
  for (let row = 0; row < rows; row += 1) {
    const y = middleRow - (rows - 1) / 2 + row;
    if (y < 0 || y >= grid.rows) continue;
    for (let column = 0; column < columns; column += 1) {
      const x = middleColumn - (columns - 1) / 2 + column;
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
