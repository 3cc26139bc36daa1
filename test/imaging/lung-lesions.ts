import { patientPoint, toPatient, type VolumeGeometry, voxelPoint } from '../../services/domain/geometry.ts';
import type { Volume } from '../../services/domain/volume.ts';

/** An ellipsoid in lung: semi-axes in mm along x, y, z of the patient, turned about z. */
export interface Ellipsoid {
  readonly center?: readonly [number, number, number];
  readonly semiAxesMm: readonly [number, number, number];
  readonly turnDeg?: number;
  readonly hu?: number;
}

export interface SceneOptions {
  readonly spacingMm?: readonly [number, number, number];
  readonly noiseHu?: number;
  /** Width of the edge of everything, 10 % to 90 %. */
  readonly edgeMm?: number;
  /** More matter, as a signed distance in mm (positive inside); it has `hu`. */
  readonly matter?: readonly { readonly depth: (x: number, y: number, z: number) => number; readonly hu: number }[];
  readonly extentMm?: number;
  readonly axes?: VolumeGeometry['axes'];
}

const LUNG_HU = -860;

/** A block of lung around (0, 0, 0) with lesions in it, sampled as a scanner would: smooth edges, even noise. */
export function lungScene(lesions: readonly Ellipsoid[], options: SceneOptions = {}): Volume {
  const { spacingMm = [0.7, 0.7, 1], noiseHu = 0, edgeMm = 1.2, matter = [], extentMm = 70 } = options;
  const axes = options.axes ?? [patientPoint(1, 0, 0), patientPoint(0, 1, 0), patientPoint(0, 0, 1)];
  const [nx, ny, nz] = spacingMm.map((mm) => Math.round(extentMm / mm)) as [number, number, number];
  const unplaced: VolumeGeometry = { shape: [nx, ny, nz], origin: patientPoint(0, 0, 0), axes, spacingMm };
  const middle = toPatient(unplaced, voxelPoint((nx - 1) / 2, (ny - 1) / 2, (nz - 1) / 2));
  const geometry = { ...unplaced, origin: patientPoint(-middle[0], -middle[1], -middle[2]) };
  const shapes = [...matter, ...lesions.map((lesion) => ({ depth: ellipsoidDepth(lesion), hu: lesion.hu ?? 40 }))];
  const noise = lehmer(7);
  const voxels = new Int16Array(nx * ny * nz);
  for (let at = 0; at < voxels.length; at++) {
    const index = voxelPoint(at % nx, Math.floor(at / nx) % ny, Math.floor(at / (nx * ny)));
    const [x, y, z] = toPatient(geometry, index);
    const hu = shapes.reduce((below, { depth, hu: own }) => {
      const part = 1 / (1 + Math.exp((-4.394 * depth(x, y, z)) / edgeMm));
      return below + (own - below) * part;
    }, LUNG_HU);
    voxels[at] = Math.round(hu + noiseHu * noise());
  }
  return { geometry, voxels };
}

/** Distance to the surface, near enough at the surface, where it matters. */
function ellipsoidDepth({ center = [0, 0, 0], semiAxesMm: [a, b, c], turnDeg = 0 }: Ellipsoid) {
  const [cos, sin] = [Math.cos((turnDeg * Math.PI) / 180), Math.sin((turnDeg * Math.PI) / 180)];
  return (x: number, y: number, z: number) => {
    const [dx, dy, dz] = [x - center[0], y - center[1], z - center[2]];
    const [u, v] = [cos * dx + sin * dy, -sin * dx + cos * dy];
    const radius = Math.hypot(u / a, v / b, dz / c);
    const slope = Math.hypot(u / (a * a), v / (b * b), dz / (c * c)) / Math.max(radius, 1e-6);
    return radius < 1e-6 ? Math.min(a, b, c) : (1 - radius) / slope;
  };
}

/** Sums of uniform numbers, standard deviation 1; the same each time. */
function lehmer(seed: number): () => number {
  let state = seed;
  const next = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  return () => next() + next() + next() - 1.5 + next() + next() + next() - 1.5;
}
