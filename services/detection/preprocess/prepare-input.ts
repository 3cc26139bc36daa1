import type { VolumeGeometry } from '../domain/geometry.ts';
import type { Volume } from '../domain/volume.ts';
import { axisMaps, crop, lpsGrid, type Triple, voxelCount } from '../imaging/grid.ts';
import { type LungMask, lungMask } from '../imaging/lung-mask.ts';
import { refusal } from '../imaging/refusal.ts';
import { resample } from '../imaging/resample.ts';
import type { StageClock } from '../imaging/stage-clock.ts';
import { boundingBox } from '../imaging/voxel-mask.ts';
import type { Preprocess } from './manifest/preprocess.ts';
import type { ModelManifest } from './model-manifest.ts';

/** The image a model reads: resampled, cut to the region of interest, intensities mapped. */
export interface PreparedInput {
  readonly image: Float32Array;
  readonly geometry: VolumeGeometry;
  readonly mask: LungMask | undefined;
}

type Op<Name extends Preprocess['op']> = Extract<Preprocess, { op: Name }>;

const MAX_INPUT_BYTES = 2048 * 1024 * 1024;

/**
 * Carries out `preprocess` of a manifest in its order.
 *
 * @throws {AppError} NOT_ANALYSABLE with the reason LUNG_NOT_FOUND or TOO_LARGE.
 */
export function prepareInput(volume: Volume, manifest: ModelManifest, clock: StageClock): PreparedInput {
  const ops = manifest.preprocess;
  const roi = ops.find((op): op is Op<'roi'> => op.op === 'roi');
  const { spacingMm, antialias } = ops.find((op): op is Op<'resample'> => op.op === 'resample') ?? NATIVE;
  const inside = manifest.postprocess.find((op) => op.op === 'insideMask');
  const reachMm = Math.max(roi?.marginMm ?? 0, inside?.toleranceMm ?? 0);
  const mask = roi || inside ? clock.time('mask', () => lungMask(volume, reachMm)) : undefined;
  return clock.time('resample', () => {
    const full = lpsGrid(volume.geometry, [spacingMm[2], spacingMm[1], spacingMm[0]]);
    const geometry = mask && roi ? cropToMask(full, mask, roi.marginMm) : full;
    const bytes = voxelCount(geometry) * 4;
    if (bytes > MAX_INPUT_BYTES)
      throw refusal('TOO_LARGE', {
        what: 'the image of the model',
        megabytes: bytes >> 20,
        limit: MAX_INPUT_BYTES >> 20,
      });
    const image = resample(volume, geometry, antialias);
    for (const op of ops) apply(op, image, geometry, mask);
    return { image, geometry, mask };
  });
}

const NATIVE: Pick<Op<'resample'>, 'spacingMm' | 'antialias'> = { spacingMm: [1, 1, 1], antialias: true };

function apply(op: Preprocess, image: Float32Array, geometry: VolumeGeometry, mask: LungMask | undefined): void {
  if (op.op === 'clip') {
    for (let i = 0; i < image.length; i++) {
      const value = image[i] as number;
      image[i] = Math.min(Math.max(value, op.min), op.max);
    }
  } else if (op.op === 'scale') {
    const factor = (op.to[1] - op.to[0]) / (op.from[1] - op.from[0]);
    for (let i = 0; i < image.length; i++) image[i] = ((image[i] as number) - op.from[0]) * factor + op.to[0];
  } else if (op.op === 'roi' && op.fillOutside !== null && mask) {
    fillOutside(image, geometry, mask, op.marginMm, op.fillOutside);
  }
}

/** The part of a grid that holds every voxel within `marginMm` of the lungs. */
function cropToMask(grid: VolumeGeometry, mask: LungMask, marginMm: number): VolumeGeometry {
  const box = boundingBox(mask.distanceMm, mask.geometry.shape, 0, (mm) => mm <= marginMm);
  const maps = axisMaps(grid, mask.geometry);
  const place = (corner: Triple, half: number, round: (n: number) => number) =>
    corner.map((index, a) => {
      const { start, step } = maps[a] ?? { start: 0, step: 1 };
      return Math.min(Math.max(round(start + (index + half) * step), 0), (grid.shape[a] ?? 1) - 1);
    });
  const [x0 = 0, y0 = 0, z0 = 0] = place(box.from, -0.5, Math.floor);
  const [x1 = 0, y1 = 0, z1 = 0] = place(box.to, 0.5, Math.ceil);
  return crop(grid, [x0, y0, z0], [x1, y1, z1]);
}

function fillOutside(image: Float32Array, grid: VolumeGeometry, mask: LungMask, marginMm: number, value: number): void {
  const [nx, ny, nz] = grid.shape;
  const [mx, my, mz] = mask.geometry.shape;
  const lookup = (a: 0 | 1 | 2, count: number, limit: number) => {
    const { start, step } = axisMaps(mask.geometry, grid)[a] ?? { start: 0, step: 1 };
    return Int32Array.from({ length: count }, (_, i) => Math.min(limit - 1, Math.max(0, Math.round(start + i * step))));
  };
  const [atX, atY, atZ] = [lookup(0, nx, mx), lookup(1, ny, my), lookup(2, nz, mz)];
  for (let k = 0, at = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      const row = ((atZ[k] as number) * my + (atY[j] as number)) * mx;
      for (let i = 0; i < nx; i++, at++) {
        if ((mask.distanceMm[row + (atX[i] as number)] as number) > marginMm) image[at] = value;
      }
    }
  }
}
