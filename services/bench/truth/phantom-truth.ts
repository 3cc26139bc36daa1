import { globSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { Uid } from '../../domain/uid.ts';
import type { ScanEntry } from '../dataset-file.ts';
import { readYaml } from '../read-yaml.ts';

const PointMm = z.tuple([z.number(), z.number(), z.number()]);
/** `ground-truth.json` as the phantom writes it; keys that the bench does not need may be there. */
const GroundTruth = z.object({
  SeriesInstanceUID: Uid,
  /** Whose scan it is, where a patient has several. */
  patient: z.string().min(1).max(100).optional(),
  geometry: z.object({ sliceThicknessMm: z.number().optional() }).optional(),
  nodules: z.array(
    z.object({
      id: z.union([z.number(), z.string()]),
      centerMm: PointMm,
      diameterMm: z.number().positive(),
      kind: z.string().max(64).optional(),
      site: z.string().max(64).optional(),
      included: z.boolean().optional(),
    }),
  ),
});

/** LUNA16 looks for nodules of 3 mm and more; smaller ones take their marks away. */
const SMALLEST_MM = 3;

/** The scans below `root` that match, by name. */
export async function phantomScans(root: string, folders: readonly string[]): Promise<ScanEntry[]> {
  const found = folders.flatMap((pattern) =>
    globSync(pattern, { cwd: root }).filter((folder) => statSync(join(root, folder)).isDirectory()),
  );
  const lost = folders.filter((pattern) => globSync(pattern, { cwd: root }).length === 0);
  if (found.length === 0) throw new AppError('BENCH_DATA_ABSENT', `no folder ${folders.join(', ')} in ${root}`);
  if (lost.length > 0) throw new AppError('BENCH_DATA_INCOMPLETE', `no folder ${lost.join(', ')} in ${root}`);
  return await Promise.all([...new Set(found)].sort().map((folder) => phantomScan(root, folder)));
}

async function phantomScan(root: string, folder: string): Promise<ScanEntry> {
  const file = join(resolve(root, folder), 'ground-truth.json');
  if (statSync(file, { throwIfNoEntry: false }) === undefined)
    throw new AppError('BENCH_DATA_INCOMPLETE', `${folder} has no ground-truth.json`);
  const { SeriesInstanceUID, patient, geometry, nodules } = await readYaml(file, GroundTruth);
  const thickness = geometry?.sliceThicknessMm;
  return {
    id: basename(folder),
    folder,
    SeriesInstanceUID,
    ...(patient === undefined ? {} : { group: patient }),
    strata: thickness === undefined ? {} : { thickness: `${thickness} mm` },
    lesions: nodules.map(({ id, centerMm, diameterMm, kind, site, included }) => ({
      id: String(id),
      centerMm,
      diameterMm,
      included: included ?? diameterMm >= SMALLEST_MM,
      strata: { ...(kind === undefined ? {} : { density: kind }), ...(site === undefined ? {} : { site }) },
    })),
  };
}
