import { cross, dot, norm, type Triple } from './grid.ts';
import { byNumber, type ImageHeader, sliceName } from './image-header.ts';
import { refusal } from './refusal.ts';

/** An image with its place along the normal of its stack. */
export interface Placed {
  readonly header: ImageHeader;
  readonly position: Triple;
  readonly alongMm: number;
}

/** Positions closer than this are the same: rounding of a table's position. No scanner's slices lie so close. */
export const SAME_POSITION_MM = 0.05;

/**
 * Images of one orientation from the lowest position along their normal up; where two share a position, by number.
 * The axes are those of the first image.
 *
 * @throws {AppError} NOT_ANALYSABLE with the reason NO_GEOMETRY or MULTI_FRAME.
 */
export function placeSlices(headers: readonly ImageHeader[]): {
  readonly axes: readonly [Triple, Triple, Triple];
  readonly slices: readonly Placed[];
} {
  for (const header of headers) checkGeometry(header);
  const [row, column] = orthonormal(headers[0]);
  const normal = cross(row, column);
  const slices = headers
    .map((header): Placed => {
      const position = header.ImagePositionPatient ?? [0, 0, 0];
      return { header, position, alongMm: dot(position, normal) };
    })
    .sort((a, b) => a.alongMm - b.alongMm || byNumber(a.header, b.header));
  return { axes: [row, column, normal], slices };
}

/** @throws {AppError} NOT_ANALYSABLE with the reason NO_GEOMETRY or MULTI_FRAME. */
export function checkGeometry(header: ImageHeader): void {
  const slice = sliceName(header);
  const missing = (attribute: string) => refusal('NO_GEOMETRY', { slice, attribute });
  if (!header.ImagePositionPatient && header.NumberOfFrames > 1 && header.frame === 1)
    throw refusal('MULTI_FRAME', {
      slice: header.InstanceNumber ?? header.input.SOPInstanceUID,
      frames: header.NumberOfFrames,
    });
  if (!header.ImagePositionPatient) throw missing('ImagePositionPatient');
  if (!header.ImageOrientationPatient) throw missing('ImageOrientationPatient');
  if (!header.PixelSpacing || header.PixelSpacing.some((mm) => !(mm > 0))) throw missing('PixelSpacing');
  if (!(header.Rows > 0 && header.Columns > 0)) throw missing('Rows, Columns');
  const [row, column] = header.ImageOrientationPatient;
  const wrong =
    Math.abs(norm(row) - 1) > 0.01 || Math.abs(norm(column) - 1) > 0.01 || Math.abs(dot(row, column)) > 0.01;
  if (wrong) throw missing('valid ImageOrientationPatient');
}

const unit = (v: Triple): Triple => [v[0] / norm(v), v[1] / norm(v), v[2] / norm(v)];

/** Unit vectors at a right angle, as the standard promises and rounding forgets (PS3.3 §C.7.6.2.1.1). */
function orthonormal(header: ImageHeader | undefined): readonly [Triple, Triple] {
  const [row, column] = header?.ImageOrientationPatient ?? [
    [1, 0, 0],
    [0, 1, 0],
  ];
  const u = unit(row);
  const along = dot(column, u);
  return [u, unit([column[0] - along * u[0], column[1] - along * u[1], column[2] - along * u[2]])];
}
