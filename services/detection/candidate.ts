import { type PatientPoint, toPatient, type VolumeGeometry, voxelPoint } from '../domain/geometry.ts';
import type { Triple } from '../imaging/grid.ts';
import { refusal } from '../imaging/refusal.ts';
import type { Zyx } from './tensor-layout.ts';

/** A spot the model proposes, in the patient; on a single frame in its pixels, which then stand for millimetres. */
export interface Candidate {
  readonly center: PatientPoint;
  readonly diameterMm: number;
  readonly score: number;
  /** Index into the classes of the manifest. */
  readonly classId: number;
  /** Absent where the model answers no box. */
  readonly box?: GridBox;
}

/** A box in millimetres along the axes of the image the model read (x, y, z); 0 is the centre of its first voxel. */
export interface GridBox {
  readonly low: Triple;
  readonly high: Triple;
}

/** What a decoder proposes, in voxels of the image the model read; whole numbers are voxel centres. */
export interface Mark {
  readonly at: Zyx;
  readonly score: number;
  readonly classId: number;
  /** Where the model answers a size in mm. */
  readonly diameterMm?: number;
  /** Sides of its box in voxels, where it answers one. */
  readonly sides?: Zyx;
}

/** By falling score; equal scores by place, so that the order never depends on how the volume was walked. */
export const byScore = (a: Candidate, b: Candidate): number =>
  b.score - a.score || b.center[2] - a.center[2] || b.center[1] - a.center[1] || b.center[0] - a.center[0];

const SMALLEST_MM = 0.1;
const LARGEST_MM = 500;

/**
 * A mark in the patient. The diameter of a box is the mean of its sides; of those in plane where the model sees slices.
 *
 * @throws {AppError} NOT_ANALYSABLE with the reason INVALID_MODEL_OUTPUT when its class is not one of the manifest.
 */
export function candidateOf(
  mark: Mark,
  grid: VolumeGeometry,
  classCount: number,
  dims: '2d' | '2.5d' | '3d',
): Candidate {
  const { at, sides, score, classId } = mark;
  if (!Number.isInteger(classId) || classId < 0 || classId >= classCount)
    throw refusal('INVALID_MODEL_OUTPUT', { detail: `class ${classId}, the manifest has ${classCount}` });
  const [z, y, x] = at;
  const [dx, dy, dz] = grid.spacingMm;
  const sidesMm = sides && ([sides[2] * dx, sides[1] * dy, sides[0] * dz] as const);
  const diameterMm = mark.diameterMm ?? (sidesMm ? meanSide(sidesMm, dims) : SMALLEST_MM);
  return {
    center: toPatient(grid, voxelPoint(x, y, z)),
    // A frame has pixels, and more of them than a patient has millimetres.
    diameterMm: Math.max(SMALLEST_MM, dims === '2d' ? diameterMm : Math.min(LARGEST_MM, diameterMm)),
    score: Math.min(1, Math.max(0, score)),
    classId,
    ...(sidesMm && { box: around([x * dx, y * dy, z * dz], sidesMm) }),
  };
}

const meanSide = ([x, y, z]: Triple, dims: '2d' | '2.5d' | '3d'): number =>
  dims === '3d' ? (x + y + z) / 3 : (x + y) / 2;

const around = (center: Triple, sides: Triple): GridBox => ({
  low: [center[0] - sides[0] / 2, center[1] - sides[1] / 2, center[2] - sides[2] / 2],
  high: [center[0] + sides[0] / 2, center[1] + sides[1] / 2, center[2] + sides[2] / 2],
});

/** A candidate with another box of the same image: its centre and size follow, its size as that of a slice. */
export function withBox(candidate: Candidate, box: GridBox, grid: VolumeGeometry, isFlat: boolean): Candidate {
  const { low, high } = box;
  const [x, y, z] = low.map((mm, a) => (mm + (high[a] ?? mm)) / 2 / (grid.spacingMm[a] ?? 1));
  const sides: Triple = [high[0] - low[0], high[1] - low[1], high[2] - low[2]];
  return {
    ...candidate,
    box,
    center: toPatient(grid, voxelPoint(x ?? 0, y ?? 0, z ?? 0)),
    diameterMm: Math.max(SMALLEST_MM, meanSide(sides, isFlat ? '2.5d' : '3d')),
  };
}
