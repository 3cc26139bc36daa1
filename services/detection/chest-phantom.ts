import { type PatientPoint, patientPoint, toPatient, type VolumeGeometry, voxelPoint } from '../domain/geometry.ts';
import type { Volume } from '../domain/volume.ts';

/** A ball in a lung of the phantom. */
export interface PhantomBall {
  readonly center: PatientPoint;
  readonly diameterMm: number;
}

/** Semi-axes in mm; two lungs of 0.28 litres each are as small as the lung mask takes for lungs. */
const BODY = [92, 68] as const;
const LUNG = { x: 41, semiAxes: [35, 47, 41] } as const;
const SPACING_MM = 2;
const EXTENT_MM = [192, 144, 96] as const;
const DIAMETERS_MM = [7, 9, 12, 16] as const;

/**
 * A small chest for self tests: a body of 40 HU, two lungs of -850 HU with a little noise, in each two balls of 40 HU whose
 * places follow from the seed. The same numbers on every machine: nothing but sums, products and square roots.
 */
export function chestPhantom(seed: number): { readonly volume: Volume; readonly balls: readonly PhantomBall[] } {
  const random = randomNumbers(seed);
  const balls = DIAMETERS_MM.map((diameterMm, index) => ball(diameterMm, index, random));
  const shape = EXTENT_MM.map((mm) => mm / SPACING_MM) as [number, number, number];
  const geometry: VolumeGeometry = {
    shape,
    origin: patientPoint(...(shape.map((count) => (-(count - 1) / 2) * SPACING_MM) as [number, number, number])),
    axes: [patientPoint(1, 0, 0), patientPoint(0, 1, 0), patientPoint(0, 0, 1)],
    spacingMm: [SPACING_MM, SPACING_MM, SPACING_MM],
  };
  const [columns, rows, slices] = shape;
  const voxels = new Int16Array(columns * rows * slices);
  for (let k = 0, at = 0; k < slices; k++) {
    for (let j = 0; j < rows; j++) {
      for (let i = 0; i < columns; i++, at++) {
        const point = toPatient(geometry, voxelPoint(i, j, k));
        voxels[at] = Math.round(tissue(point, balls) + 30 * (random() - 0.5));
      }
    }
  }
  return { volume: { geometry, voxels }, balls };
}

/** Two to a lung, one above the other, well inside. */
function ball(diameterMm: number, index: number, random: () => number): PhantomBall {
  const jitter = (mm: number) => (random() - 0.5) * 2 * mm;
  const side = index % 2 === 0 ? 1 : -1;
  const level = index < 2 ? -15 : 15;
  return { center: patientPoint(side * LUNG.x + jitter(6), jitter(18), level + jitter(4)), diameterMm };
}

function tissue([x, y, z]: PatientPoint, balls: readonly PhantomBall[]): number {
  if ((x / BODY[0]) ** 2 + (y / BODY[1]) ** 2 > 1) return -1000;
  const [a, b, c] = LUNG.semiAxes;
  if (((Math.abs(x) - LUNG.x) / a) ** 2 + (y / b) ** 2 + (z / c) ** 2 > 1) return 40;
  let hu = -850;
  for (const { center, diameterMm } of balls) {
    const [dx, dy, dz] = [x - center[0], y - center[1], z - center[2]];
    const inside = diameterMm / 2 - Math.sqrt(dx * dx + dy * dy + dz * dz);
    const part = Math.min(1, Math.max(0, 0.5 + inside / SPACING_MM));
    hu += (40 - hu) * part;
  }
  return hu;
}

/** 0 … 1, a linear congruential generator (Park and Miller's constants), exact in 53 bits. */
function randomNumbers(seed: number): () => number {
  const state = { value: (seed % 2147483646) + 1 };
  return () => {
    state.value = (state.value * 48271) % 2147483647;
    return state.value / 2147483647;
  };
}
