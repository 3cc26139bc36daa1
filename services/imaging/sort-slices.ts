import { patientPoint, type VolumeGeometry } from '../domain/geometry.ts';
import type { Reason } from '../domain/reason.ts';
import { cross, dot, minus, norm, type Triple } from './grid.ts';
import { type ImageHeader, sliceName } from './image-header.ts';
import { refusal } from './refusal.ts';
import type { SeriesCriteria } from './series-criteria.ts';

/** The images of one volume from the lowest position along the normal up, and where they lie. */
export interface SortedSlices {
  readonly headers: readonly ImageHeader[];
  readonly geometry: VolumeGeometry;
  readonly warnings: readonly Reason[];
}

/** Direction cosines are written with as few as three digits. */
const COSINE_TOLERANCE = 2e-3;
const SAME_POSITION_MM = 0.01;
const SHEAR_TOLERANCE_MM = 1;
const SPACING_TOLERANCE_MM = 1e-3;

interface Placed {
  readonly header: ImageHeader;
  readonly position: Triple;
  /** Along the normal. */
  readonly along: number;
}

/**
 * Sorts the images of a series along their normal and checks that they make one block of voxels: same size, direction
 * and spacing, no gap, no double, no tilt, thin enough.
 *
 * @throws {AppError} NOT_ANALYSABLE with the first reason that holds.
 */
export function sortSlices(headers: readonly ImageHeader[], criteria: SeriesCriteria): SortedSlices {
  const [first] = headers;
  const tooFew = () => refusal('TOO_FEW_SLICES', { count: headers.length, minimum: Math.max(2, criteria.minSlices) });
  if (!first || headers.length < 2) throw tooFew();
  for (const header of headers) checkPresent(header);
  for (const header of headers) checkUniform(header, first);

  const [row, column] = orthonormal(first);
  const normal = cross(row, column);
  const tiltDeg = (Math.acos(Math.min(1, Math.abs(normal[2]))) * 180) / Math.PI;
  const limitDeg = criteria.orientation.toleranceDeg;
  if (tiltDeg > limitDeg) throw refusal('NOT_AXIAL', { tiltDeg, limitDeg });

  const slices = headers
    .map((header): Placed => {
      const position = header.ImagePositionPatient ?? [0, 0, 0];
      return { header, position, along: dot(position, normal) };
    })
    .sort((a, b) => a.along - b.along);
  const spacingMm = checkSteps(slices, criteria.spacingUniformityMm);
  checkShear(slices, normal);
  const warnings = checkThickness(slices, spacingMm, criteria.sliceThicknessMm);
  // Last: thick or missing slices are why there are few, and say more.
  if (headers.length < criteria.minSlices) throw tooFew();

  const [betweenRows, betweenColumns] = first.PixelSpacing ?? [1, 1];
  return {
    headers: slices.map(({ header }) => header),
    warnings,
    geometry: {
      shape: [first.Columns, first.Rows, slices.length],
      origin: patientPoint(...(slices[0]?.position ?? [0, 0, 0])),
      axes: [patientPoint(...row), patientPoint(...column), patientPoint(...normal)],
      spacingMm: [betweenColumns, betweenRows, spacingMm],
    },
  };
}

function checkPresent(header: ImageHeader): void {
  const missing = (attribute: string) => refusal('NO_GEOMETRY', { slice: sliceName(header), attribute });
  if (!header.ImagePositionPatient) throw missing('ImagePositionPatient');
  if (!header.ImageOrientationPatient) throw missing('ImageOrientationPatient');
  if (!header.PixelSpacing || header.PixelSpacing.some((mm) => !(mm > 0))) throw missing('PixelSpacing');
  if (!(header.Rows > 0 && header.Columns > 0)) throw missing('Rows, Columns');
}

function checkUniform(header: ImageHeader, first: ImageHeader): void {
  const near = (a: readonly number[] = [], b: readonly number[] = [], tolerance: number) =>
    a.length === b.length && a.every((value, i) => Math.abs(value - (b[i] ?? 0)) <= tolerance);
  const differs = (attribute: string) => refusal('NOT_UNIFORM', { attribute });
  if (header.Rows !== first.Rows) throw differs('Rows');
  if (header.Columns !== first.Columns) throw differs('Columns');
  if (!near(header.ImageOrientationPatient?.flat(), first.ImageOrientationPatient?.flat(), COSINE_TOLERANCE))
    throw differs('ImageOrientationPatient');
  if (!near(header.PixelSpacing, first.PixelSpacing, SPACING_TOLERANCE_MM)) throw differs('PixelSpacing');
  if (header.FrameOfReferenceUID !== first.FrameOfReferenceUID) throw differs('FrameOfReferenceUID');
}

/** Unit vectors at a right angle, as the standard promises and rounding forgets (PS3.3 §C.7.6.2.1.1). */
function orthonormal(header: ImageHeader): readonly [Triple, Triple] {
  const [row, column] = header.ImageOrientationPatient ?? [
    [1, 0, 0],
    [0, 1, 0],
  ];
  const wrong =
    Math.abs(norm(row) - 1) > 0.01 || Math.abs(norm(column) - 1) > 0.01 || Math.abs(dot(row, column)) > 0.01;
  if (wrong) throw refusal('NO_GEOMETRY', { slice: sliceName(header), attribute: 'valid ImageOrientationPatient' });
  const unit = (v: Triple): Triple => [v[0] / norm(v), v[1] / norm(v), v[2] / norm(v)];
  const u = unit(row);
  const along = dot(column, u);
  return [u, unit([column[0] - along * u[0], column[1] - along * u[1], column[2] - along * u[2]])];
}

/** Answers with the mean spacing of slices that follow each other at one pace. */
function checkSteps(slices: readonly Placed[], tolerance: number): number {
  const steps = slices.slice(1).map((slice, i) => slice.along - (slices[i]?.along ?? 0));
  const spacing = steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
  const name = (index: number) => {
    const slice = slices[index];
    return slice ? sliceName(slice.header) : index + 1;
  };
  const double = steps.findIndex((step) => step < SAME_POSITION_MM);
  if (double >= 0) throw refusal('DUPLICATE_POSITION', { first: name(double), second: name(double + 1) });
  const gap = steps.findIndex((step) => step > spacing * 1.5 && step - spacing > tolerance);
  if (gap >= 0) {
    const params = { gapMm: steps[gap] ?? 0, after: name(gap), before: name(gap + 1), spacingMm: spacing };
    throw refusal('MISSING_SLICES', params);
  }
  if (steps.some((step) => Math.abs(step - spacing) > tolerance))
    throw refusal('NOT_UNIFORM', { attribute: 'slice spacing' });
  return ((slices.at(-1)?.along ?? 0) - (slices[0]?.along ?? 0)) / Math.max(1, steps.length);
}

/** Each slice must lie right above the one before: a steady drift is gantry tilt, any other a shifted image. */
function checkShear(slices: readonly Placed[], normal: Triple): void {
  const start = slices[0]?.position ?? [0, 0, 0];
  const drift = slices.map(({ position }) => {
    const d = minus(position, start);
    const along = dot(d, normal);
    return minus(d, [normal[0] * along, normal[1] * along, normal[2] * along]);
  });
  const worst = drift.reduce((most, d) => Math.max(most, norm(d)), 0);
  if (worst <= SHEAR_TOLERANCE_MM) return;
  const last = drift.at(-1) ?? [0, 0, 0];
  const steady = drift.every((d, k) => {
    const part = k / Math.max(1, drift.length - 1);
    return norm(minus(d, [last[0] * part, last[1] * part, last[2] * part])) <= Math.max(0.5, worst * 0.1);
  });
  throw steady ? refusal('GANTRY_TILT', { shearMm: worst }) : refusal('NOT_UNIFORM', { attribute: 'image position' });
}

/** The larger of SliceThickness and of the measured spacing counts: thin slices far apart hide as much as thick ones. */
function checkThickness(
  slices: readonly Placed[],
  spacingMm: number,
  { warnAbove, rejectAbove }: SeriesCriteria['sliceThicknessMm'],
): Reason[] {
  const thicknessMm = slices.reduce((most, { header }) => Math.max(most, header.SliceThickness ?? 0), spacingMm);
  const rounded = Math.round(thicknessMm * 100) / 100;
  if (rounded > rejectAbove) throw refusal('SLICE_TOO_THICK', { thicknessMm: rounded, limitMm: rejectAbove });
  return rounded > warnAbove ? [{ code: 'SLICE_TOO_THICK', params: { thicknessMm: rounded, limitMm: warnAbove } }] : [];
}
