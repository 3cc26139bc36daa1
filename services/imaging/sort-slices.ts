import { patientPoint, type VolumeGeometry } from '../domain/geometry.ts';
import type { Reason } from '../domain/reason.ts';
import type { Triple } from './grid.ts';
import type { ImageHeader } from './image-header.ts';
import type { ImageStack } from './image-stack.ts';
import { placeSlices } from './place-slices.ts';
import { refusal } from './refusal.ts';
import { gridAlongSlices, gridAlongTable, gridOfSlices } from './regular-grid.ts';
import type { SeriesCriteria } from './series-criteria.ts';
import { type Shear, sliceShear } from './slice-shear.ts';
import { type Spacing, type Stray, sliceSpacing } from './slice-spacing.ts';

/** The images of one volume from the lowest position along the normal up, and where they lie. */
export interface SortedSlices {
  readonly headers: readonly ImageHeader[];
  readonly stack: ImageStack;
  /** The grid of the volume. */
  readonly geometry: VolumeGeometry;
  /** The planes of the grid are the images; otherwise these are resampled on it. */
  readonly isRegular: boolean;
  readonly warnings: readonly Reason[];
}

/**
 * Sorts images of one size and direction along their normal and finds the right-angled grid they make: their own when
 * they follow each other straight and at one pace, else one to which they can be resampled.
 *
 * @param strays other images of the series with the same direction: one that lies in a gap says why there is one.
 * @throws {AppError} NOT_ANALYSABLE with the first reason that holds.
 */
export function sortSlices(
  images: readonly ImageHeader[],
  criteria: SeriesCriteria,
  strays: readonly Stray[] = [],
): SortedSlices {
  const tooFew = () => refusal('TOO_FEW_SLICES', { count: images.length, minimum: Math.max(2, criteria.minSlices) });
  const [first] = images;
  if (!first || images.length < 2) throw tooFew();
  const { axes, slices } = placeSlices(images);
  const [row, column, normal] = axes;
  const headers = slices.map(({ header }) => header);
  const stack: ImageStack = {
    columns: first.Columns,
    rows: first.Rows,
    axes: [patientPoint(...row), patientPoint(...column), patientPoint(...normal)],
    spacingMm: [first.PixelSpacing?.[1] ?? 1, first.PixelSpacing?.[0] ?? 1],
    positions: slices.map(({ position }) => patientPoint(...position)),
  };

  const shear = sliceShear(slices, normal);
  const direction = directionOf(normal, shear, criteria.orientation);
  const spacing = sliceSpacing(slices, strays, criteria);
  // Last: thick or missing slices are why there are few, and say more.
  if (images.length < criteria.minSlices) throw tooFew();
  const isRegular = spacing.isEven && shear.isStraight;
  return {
    headers,
    stack,
    isRegular,
    geometry: isRegular ? gridOfSlices(stack, spacing.spacingMm) : resampledGrid(direction, stack, spacing, shear),
    warnings: [...spacing.warnings, ...(shear.isStraight ? [] : [tilted(shear)])],
  };
}

const resampledGrid = (direction: Direction, stack: ImageStack, spacing: Spacing, shear: Shear): VolumeGeometry =>
  direction === 'slices' ? gridAlongSlices(stack, spacing) : gridAlongTable(stack, spacing, shear);

const tilted = ({ shearMm, tiltDeg }: Shear): Reason => ({ code: 'GANTRY_TILT', params: { shearMm, tiltDeg } });

/** What the third axis of the volume follows: the normal of the slices, or the table a tilted gantry moved along. */
type Direction = 'slices' | 'table';

/** Slices that the model takes as they are stay; a tilted gantry's are taken when the table lies as the model asks. */
function directionOf(normal: Triple, { slope, isStraight }: Shear, orientation: SeriesCriteria['orientation']) {
  const { plane = 'axial', toleranceDeg: limitDeg } = orientation;
  const tiltDeg = offPlaneDeg(normal, plane);
  if (tiltDeg <= limitDeg) return 'slices';
  const table: Triple = [normal[0] + slope[0], normal[1] + slope[1], normal[2] + slope[2]];
  if (!isStraight && offPlaneDeg(table, plane) <= limitDeg) return 'table';
  throw refusal(plane === 'axial' ? 'NOT_AXIAL' : 'OBLIQUE', { tiltDeg, limitDeg });
}

/** Degrees between a normal and the patient axis of an axial plane, or the nearest patient axis. */
export function offPlaneDeg([x, y, z]: Triple, plane: 'axial' | 'any'): number {
  const length = Math.hypot(x, y, z);
  const along = plane === 'axial' ? Math.abs(z) : Math.max(Math.abs(x), Math.abs(y), Math.abs(z));
  return (Math.acos(Math.min(1, along / length)) * 180) / Math.PI;
}
