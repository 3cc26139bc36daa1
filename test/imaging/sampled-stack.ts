import { type PatientPoint, patientPoint } from '../../services/domain/geometry.ts';
import type { ImageStack } from '../../services/imaging/image-stack.ts';

type Vector = readonly [number, number, number];

export interface StackOptions {
  /** Degrees about x, y, z by which the whole acquisition is turned in the patient. */
  readonly turnedDeg?: Vector;
  readonly spacingMm?: readonly [number, number];
  readonly shape?: readonly [columns: number, rows: number];
  /** Distances of neighbouring slices along their normal. */
  readonly steps: readonly number[];
  /** Sideways mm, along rows and columns, for each mm along the normal. */
  readonly slope?: readonly [number, number];
  readonly center?: Vector;
}

const turned = ([x, y, z]: Vector, [a, b, c]: Vector): Vector => {
  const [sinA, cosA, sinB, cosB] = [Math.sin(a), Math.cos(a), Math.sin(b), Math.cos(b)];
  const [x1, y1] = [x * Math.cos(c) - y * Math.sin(c), x * Math.sin(c) + y * Math.cos(c)];
  const [x2, z2] = [x1 * cosB + z * sinB, z * cosB - x1 * sinB];
  return [x2, y1 * cosA - z2 * sinA, y1 * sinA + z2 * cosA];
};

/** Images as a scanner takes them: parallel, moved sideways, at any distance; centred on a point. */
export function imageStack(options: StackOptions): ImageStack {
  const { turnedDeg = [0, 0, 0], spacingMm = [1, 1], shape: [columns, rows] = [24, 20], steps } = options;
  const { slope = [0, 0], center = [0, 0, 0] } = options;
  const angles: Vector = [turnedDeg[0] / DEG, turnedDeg[1] / DEG, turnedDeg[2] / DEG];
  const axis = (v: Vector): PatientPoint => patientPoint(...turned(v, angles));
  const axes = [axis([1, 0, 0]), axis([0, 1, 0]), axis([0, 0, 1])] as const;
  const length = steps.reduce((sum, step) => sum + step, 0);
  const along = [0, ...steps].map((_, k) => steps.slice(0, k).reduce((sum, step) => sum + step, -length / 2));
  const positions = along.map((w) => {
    const u = -((columns - 1) / 2) * spacingMm[0] + slope[0] * w;
    const v = -((rows - 1) / 2) * spacingMm[1] + slope[1] * w;
    const at = (a: 0 | 1 | 2) => center[a] + axes[0][a] * u + axes[1][a] * v + axes[2][a] * w;
    return patientPoint(at(0), at(1), at(2));
  });
  return { columns, rows, axes, spacingMm, positions };
}

const DEG = 180 / Math.PI;

/** A gantry tilted about x: the table moves along z, each slice stands at an angle to it. */
export function tiltedStack(
  tiltDeg: number,
  stepMm: number,
  slices: number,
  pixels: Omit<StackOptions, 'steps' | 'slope' | 'turnedDeg'> = {},
) {
  const a = tiltDeg / DEG;
  return imageStack({
    ...pixels,
    turnedDeg: [tiltDeg, 0, 0],
    steps: Array.from({ length: slices - 1 }, () => stepMm * Math.cos(a)),
    slope: [0, Math.tan(a)],
  });
}

/** Where the centre of a pixel lies. */
function pixelPoint({ axes, spacingMm, positions }: ImageStack, column: number, row: number, slice: number) {
  const position = positions[slice] ?? [0, 0, 0];
  const at = (a: 0 | 1 | 2) => position[a] + axes[0][a] * column * spacingMm[0] + axes[1][a] * row * spacingMm[1];
  return [at(0), at(1), at(2)] as const;
}

/** The values of a function of the patient at every pixel. */
export function sampledStack(stack: ImageStack, value: (x: number, y: number, z: number) => number): Float32Array {
  const { columns, rows, positions } = stack;
  return Float32Array.from({ length: columns * rows * positions.length }, (_, at) => {
    const slice = Math.floor(at / (columns * rows));
    return value(...pixelPoint(stack, at % columns, Math.floor(at / columns) % rows, slice));
  });
}
