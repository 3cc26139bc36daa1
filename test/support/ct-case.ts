import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openImage } from '../../services/dicom/dataset/read-file.ts';
import { TAG } from '../../services/dicom/dataset/tags.ts';
import type { Finding } from '../../services/domain/finding.ts';
import type { StoredFile } from '../../services/domain/ports.ts';

/** A lesion as `ground-truth.json` of the shared data gives it. */
export interface TrueLesion {
  readonly center: readonly [number, number, number];
  readonly diameterMm: number;
}

/** A CT series on disk, as the store would know it, and what its grid is. */
export interface CtCase {
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID: string;
  /** Head to feet. */
  readonly files: readonly StoredFile[];
  readonly positions: readonly (readonly number[])[];
  /** Between columns, rows, slices. */
  readonly spacingMm: readonly [number, number, number];
}

export async function readCtCase(folder: string): Promise<CtCase> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.dcm'));
  const images = await Promise.all(names.map((name) => readImage(join(folder, name))));
  images.sort((a, b) => (b.position[2] ?? 0) - (a.position[2] ?? 0));
  const [first, second] = images;
  if (!first || !second) throw new Error(`no CT in ${folder}`);
  const [row = 1, column = 1] = first.pixelSpacing;
  return {
    StudyInstanceUID: first.stored.StudyInstanceUID,
    SeriesInstanceUID: first.stored.SeriesInstanceUID,
    files: images.map(({ stored }) => stored),
    positions: images.map(({ position }) => position),
    spacingMm: [column, row, (first.position[2] ?? 0) - (second.position[2] ?? 0)],
  };
}

/** A file on disk as the store would know it. */
export async function readImage(file: string) {
  const image = await openImage(file);
  const { dataset, meta, size } = image;
  await image.close();
  const stored: StoredFile = {
    file,
    StudyInstanceUID: dataset.string(TAG.StudyInstanceUID),
    SeriesInstanceUID: dataset.string(TAG.SeriesInstanceUID),
    SOPInstanceUID: meta.SOPInstanceUID,
    SOPClassUID: meta.SOPClassUID,
    TransferSyntaxUID: meta.TransferSyntaxUID,
    NumberOfFrames: dataset.number(TAG.NumberOfFrames) ?? 1,
    bytes: size,
  };
  return {
    stored,
    position: dataset.numbers(TAG.ImagePositionPatient),
    pixelSpacing: dataset.numbers(TAG.PixelSpacing),
  };
}

/** Voxel indices of a point: column, row, slice from the head. */
export function voxelOf({ positions, spacingMm }: CtCase, [x, y, z]: TrueLesion['center']) {
  const [ox = 0, oy = 0, oz = 0] = positions[0] ?? [];
  return [
    Math.round((x - ox) / spacingMm[0]),
    Math.round((y - oy) / spacingMm[1]),
    Math.round((oz - z) / spacingMm[2]),
  ] as const;
}

/** Lesions as findings of a run, best score first. */
export function findingsOf(
  ct: CtCase,
  lesions: readonly (TrueLesion & { readonly score: number })[],
): readonly Finding[] {
  return lesions.map(({ center: [x, y, z], diameterMm, score }, at) => {
    const [column, row, slice] = voxelOf(ct, [x, y, z]);
    const file = ct.files[slice];
    const radius = diameterMm / 2 / ct.spacingMm[0];
    return {
      center: [x, y, z],
      diameterMm,
      volumeMm3: (Math.PI / 6) * diameterMm ** 3,
      score,
      label: 'nodule',
      laterality: x > 0 ? 'left' : 'right',
      SeriesInstanceUID: ct.SeriesInstanceUID,
      region: {
        SOPClassUID: file?.SOPClassUID ?? '1.2.3',
        SOPInstanceUID: file?.SOPInstanceUID ?? '1.2.3',
        frame: 1,
        left: column + 0.5 - radius,
        right: column + 0.5 + radius,
        top: row + 0.5 - radius,
        bottom: row + 0.5 + radius,
      },
      index: at + 1,
      TrackingUID: `2.25.${1000 + at}`,
    };
  });
}
