import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { AppError } from '../../domain/errors.ts';
import {
  boxOnImage,
  imageName,
  type LesionMask,
  middleOf,
  ONLY_IMAGE,
  type PointMm,
  type TrueLesion,
} from '../../evaluation/lesion.ts';
import type { LesionEntry, MaskFile } from '../dataset-file.ts';

/** A lesion of a file as evaluation has it; `root` is where its mask is looked for. */
export function trueLesion(entry: LesionEntry, index: number, root: string, strata: TrueLesion['strata']): TrueLesion {
  const { centerMm, boxMm, boxPixels, mask } = entry;
  const image = imageOf(entry);
  const box = boxPixels ? boxOnImage(...boxPixels[0], ...boxPixels[1]) : boxMm && sortedBox(boxMm);
  return {
    id: entry.id ?? String(index + 1),
    included: entry.included,
    center: centerMm ?? middleOf(box ?? sortedBox([ORIGIN, ORIGIN]), image),
    diameterMm: entry.diameterMm,
    box,
    image,
    mask: mask && readMask(mask, root),
    strata: { ...strata, ...entry.strata },
  };
}

const ORIGIN: PointMm = [0, 0, 0];

const sortedBox = ([a, b]: readonly [PointMm, PointMm]) => {
  const corner = (pick: (x: number, y: number) => number): PointMm => [
    pick(a[0], b[0]),
    pick(a[1], b[1]),
    pick(a[2], b[2]),
  ];
  return { from: corner(Math.min), to: corner(Math.max) };
};

function imageOf({ boxPixels, SOPInstanceUID, frame = 1 }: LesionEntry): string | undefined {
  if (!boxPixels) return undefined;
  return SOPInstanceUID === undefined ? ONLY_IMAGE : imageName(SOPInstanceUID, frame);
}

function readMask({ file, sizeVoxels: [nx, ny, nz], originMm, spacingMm }: MaskFile, root: string): LesionMask {
  const bits = bytesOf(resolve(root, file));
  const expected = Math.ceil((nx * ny * nz) / 8);
  if (bits.length !== expected)
    throw new AppError('BENCH_DATA_INCOMPLETE', `mask ${file} has ${bits.length} bytes instead of ${expected}`);
  return {
    contains(point) {
      const [i = 0, j = 0, k = 0] = point.map((mm, a) => Math.round((mm - (originMm[a] ?? 0)) / (spacingMm[a] ?? 1)));
      if (i < 0 || j < 0 || k < 0 || i >= nx || j >= ny || k >= nz) return false;
      const at = (k * ny + j) * nx + i;
      return (((bits[at >> 3] as number) >> (7 - (at & 7))) & 1) === 1;
    },
  };
}

function bytesOf(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new AppError('BENCH_DATA_INCOMPLETE', `mask ${file} cannot be read`, {}, error);
  }
}
