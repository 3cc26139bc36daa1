import { patientPoint, toPatient, type VolumeGeometry, voxelPoint } from '../../services/domain/geometry.ts';
import type { Volume } from '../../services/domain/volume.ts';

export interface Ball {
  readonly center: readonly [x: number, y: number, z: number];
  readonly diameterMm: number;
  readonly hu?: number;
}

export interface ChestOptions {
  readonly balls?: readonly Ball[];
  /** Default both. */
  readonly lungs?: readonly ('left' | 'right')[];
  /** More matter: HU at a point, or undefined where it is not. Asked before everything else. */
  readonly extra?: (x: number, y: number, z: number) => number | undefined;
}

const LUNG = { x: 65, semiAxes: [45, 60, 75] } as const;

/** HU of an analytic chest at a point of the patient (LPS): body, two lungs (left is +x), spine, balls. */
function chestHu(x: number, y: number, z: number, blurMm: number, options: ChestOptions): number {
  const extra = options.extra?.(x, y, z);
  if (extra !== undefined) return extra;
  if ((x / 140) ** 2 + (y / 95) ** 2 > 1) return -1000;
  const [a, b, c] = LUNG.semiAxes;
  const side = x > 0 ? 'left' : 'right';
  const isLung =
    (options.lungs ?? ['left', 'right']).includes(side) &&
    ((Math.abs(x) - LUNG.x) / a) ** 2 + (y / b) ** 2 + (z / c) ** 2 <= 1;
  const tissue = isLung ? -850 : 40;
  const around = (ball: Ball) =>
    Math.min(1, Math.max(0, 0.5 + (ball.diameterMm / 2 - distance(ball, x, y, z)) / blurMm));
  return (options.balls ?? []).reduce((hu, ball) => {
    const part = around(ball);
    return hu + ((ball.hu ?? 40) - hu) * part;
  }, tissue);
}

const distance = ({ center }: Ball, x: number, y: number, z: number) =>
  Math.hypot(x - center[0], y - center[1], z - center[2]);

/** Samples a function of the patient on a grid. */
export function sampled(geometry: VolumeGeometry, hu: (x: number, y: number, z: number) => number): Volume {
  const [columns, rows, slices] = geometry.shape;
  const voxels = new Int16Array(columns * rows * slices);
  for (let k = 0, at = 0; k < slices; k++) {
    for (let j = 0; j < rows; j++) {
      for (let i = 0; i < columns; i++, at++) {
        const [x, y, z] = toPatient(geometry, voxelPoint(i, j, k));
        voxels[at] = Math.round(hu(x, y, z));
      }
    }
  }
  return { geometry, voxels };
}

export function chestVolume(geometry: VolumeGeometry, options: ChestOptions = {}): Volume {
  const blurMm = Math.max(1, (geometry.spacingMm[0] + geometry.spacingMm[1] + geometry.spacingMm[2]) / 3);
  return sampled(geometry, (x, y, z) => chestHu(x, y, z, blurMm, options));
}

type Vector = readonly [number, number, number];
const rotated = ([x, y, z]: Vector, [a, b, c]: Vector): Vector => {
  const [x1, y1] = [x * Math.cos(c) - y * Math.sin(c), x * Math.sin(c) + y * Math.cos(c)];
  const [x2, z2] = [x1 * Math.cos(b) + z * Math.sin(b), z * Math.cos(b) - x1 * Math.sin(b)];
  const [y3, z3] = [y1 * Math.cos(a) - z2 * Math.sin(a), y1 * Math.sin(a) + z2 * Math.cos(a)];
  return [x2, y3, z3];
};

export interface GridOptions {
  readonly spacingMm?: Vector;
  /** The patient axis, with its sign, that i, j and k follow. */
  readonly axes?: readonly [Vector, Vector, Vector];
  /** Degrees about x, y, z. */
  readonly tiltDeg?: Vector;
  readonly extentMm?: Vector;
  readonly centerMm?: Vector;
}

/** A grid around a centre that covers `extentMm` of the patient, turned as wished. */
export function gridAround(options: GridOptions = {}): VolumeGeometry {
  const { spacingMm = [1.5, 1.5, 2], extentMm = [300, 210, 180], centerMm = [0, 0, 0] } = options;
  const {
    axes = [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
    tiltDeg = [0, 0, 0],
  } = options;
  const angles = tiltDeg.map((deg) => (deg * Math.PI) / 180) as unknown as Vector;
  const turned = axes.map((axis) => patientPoint(...rotated(axis, angles)));
  const extentAlong = (axis: Vector) => Math.abs(axis[0] * extentMm[0] + axis[1] * extentMm[1] + axis[2] * extentMm[2]);
  const shape = axes.map((axis, a) => Math.round(extentAlong(axis) / (spacingMm[a] ?? 1)));
  const [ni = 1, nj = 1, nk = 1] = shape;
  const [i = patientPoint(1, 0, 0), j = patientPoint(0, 1, 0), k = patientPoint(0, 0, 1)] = turned;
  const half: VolumeGeometry = {
    shape: [ni, nj, nk],
    origin: patientPoint(0, 0, 0),
    axes: [i, j, k],
    spacingMm: [spacingMm[0], spacingMm[1], spacingMm[2]],
  };
  const middle = toPatient(half, voxelPoint((ni - 1) / 2, (nj - 1) / 2, (nk - 1) / 2));
  const origin = patientPoint(centerMm[0] - middle[0], centerMm[1] - middle[1], centerMm[2] - middle[2]);
  return { ...half, origin };
}

/** The right-handed axial grids: rows and columns along x or y, each way, slices up or down. */
export const AXIAL_TURNS: readonly (readonly [Vector, Vector, Vector])[] = [
  [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  [
    [-1, 0, 0],
    [0, -1, 0],
    [0, 0, 1],
  ],
  [
    [0, 1, 0],
    [-1, 0, 0],
    [0, 0, 1],
  ],
  [
    [0, -1, 0],
    [1, 0, 0],
    [0, 0, 1],
  ],
  [
    [-1, 0, 0],
    [0, 1, 0],
    [0, 0, -1],
  ],
  [
    [1, 0, 0],
    [0, -1, 0],
    [0, 0, -1],
  ],
  [
    [0, 1, 0],
    [1, 0, 0],
    [0, 0, -1],
  ],
  [
    [0, -1, 0],
    [-1, 0, 0],
    [0, 0, -1],
  ],
];
