import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { AppError } from '../domain/errors.ts';
import type { BenchDataset, BenchScan } from './dataset.ts';
import { DatasetFile, type ScanEntry } from './dataset-file.ts';
import { readYaml } from './read-yaml.ts';
import { caseListScans } from './truth/case-list-truth.ts';
import { imageBoxScans } from './truth/image-boxes-truth.ts';
import { trueLesion } from './truth/lesion-entry.ts';
import { luna16Scans } from './truth/luna16-truth.ts';
import { phantomScans } from './truth/phantom-truth.ts';

/**
 * Reads a data set file and the truth it names. `root` overrides where the scans are: a variant of the robustness grid.
 *
 * @throws {AppError} BENCH_INVALID, BENCH_DATA_ABSENT when nothing of it is here, BENCH_DATA_INCOMPLETE when a part is
 *   missing, TRUTH_INVALID.
 */
export async function loadDataset(
  file: string,
  options: { root?: string; hitRule?: string } = {},
): Promise<BenchDataset> {
  const about = await readYaml(file, DatasetFile);
  const root = resolve(dirname(file), options.root ?? about.root);
  if (!existsSync(root)) throw new AppError('BENCH_DATA_ABSENT', `data set ${about.id}: ${root} is not here`);
  checkTruthFile(about, root);
  const entries = await entriesOf(about, root);
  const scans = entries.map((entry) => benchScan(entry, about, root));
  checkScans(about, scans);
  const hitRule = options.hitRule ?? about.hitRule;
  return { about: { ...about, hitRule }, scans, digest: digestOf({ ...about, hitRule }, entries, root) };
}

function entriesOf({ source }: DatasetFile, root: string): Promise<readonly ScanEntry[]> {
  if (source.format === 'phantom') return phantomScans(root, source.folders);
  if (source.format === 'case-list') return caseListScans(root, source);
  if (source.format === 'luna16') return luna16Scans(root, source);
  if (source.format === 'image-boxes') return imageBoxScans(root, source);
  return Promise.resolve(source.scans);
}

function benchScan(entry: ScanEntry, { marksOn, unit }: DatasetFile, root: string): BenchScan {
  const lesions = entry.lesions.map((lesion, at) => trueLesion(lesion, at, root, entry.strata));
  return {
    id: entry.id,
    folder: entry.folder === undefined ? undefined : resolve(root, entry.folder),
    SeriesInstanceUID: entry.SeriesInstanceUID,
    group: entry.group ?? entry.id,
    sha256: entry.sha256,
    expected: entry.expect?.reason,
    holds: marksOn === 'patient' ? 'a volume' : unit === 'image' ? 'an image' : 'images',
    truth: { id: entry.id, lesions },
  };
}

/** The truth lies in one file for some formats: absent with its images, a defect when they are there without it. */
function checkTruthFile({ id, source, truthSha256 }: DatasetFile, root: string): void {
  const name = truthFile(source);
  if (name === undefined) return;
  const file = resolve(root, name);
  if (!existsSync(file)) throw new AppError('BENCH_DATA_INCOMPLETE', `data set ${id}: ${name} is not in ${root}`);
  if (truthSha256 === undefined) return;
  const actual = createHash('sha256').update(readFileSync(file)).digest('hex');
  if (actual !== truthSha256)
    throw new AppError('BENCH_DATA_INCOMPLETE', `data set ${id}: ${name} is not the file its sha256 names`);
}

function truthFile(source: DatasetFile['source']): string | undefined {
  if (source.format === 'case-list') return source.file;
  if (source.format === 'luna16') return source.annotations;
  return source.format === 'image-boxes' ? source.boxes : undefined;
}

function checkScans({ id }: DatasetFile, scans: readonly BenchScan[]): void {
  const twice = firstTwice(scans.map((scan) => scan.id));
  if (twice !== undefined) throw new AppError('TRUTH_INVALID', `data set ${id} has two scans ${twice}`);
  for (const { id: scan, truth } of scans) {
    const lesion = firstTwice(truth.lesions.map((one) => one.id));
    if (lesion !== undefined) throw new AppError('TRUTH_INVALID', `scan ${scan} has two lesions ${lesion}`);
  }
  const folders = scans.flatMap(({ folder }) => (folder === undefined ? [] : [folder]));
  const lost = folders.filter((folder) => !existsSync(folder));
  if (lost.length === 0) return;
  const named = `${lost.slice(0, 5).join(', ')}${lost.length > 5 ? ', …' : ''}`;
  throw lost.length === folders.length
    ? new AppError('BENCH_DATA_ABSENT', `data set ${id}: none of its ${folders.length} scans is here (${named})`)
    : new AppError(
        'BENCH_DATA_INCOMPLETE',
        `data set ${id}: ${lost.length} of ${folders.length} scans are missing: ${named}`,
      );
}

const firstTwice = (names: readonly string[]): string | undefined =>
  names.find((name, at) => names.indexOf(name) !== at);

/** What decides a number: rules, scans and truth, not where they lie. */
function digestOf(about: DatasetFile, scans: readonly ScanEntry[], root: string): string {
  const { id, hitRule, rates, unit, faceMarginVoxels, lungMask, marksOn } = about;
  const places = marksOn === 'images' && { marksOn };
  const asked = scans.map(({ folder: _folder, ...scan }) => scan);
  const hash = createHash('sha256');
  hash.update(JSON.stringify({ id, hitRule, rates, unit, faceMarginVoxels, lungMask, ...places, scans: asked }));
  for (const { mask } of scans.flatMap(({ lesions }) => lesions))
    if (mask) hash.update(readFileSync(resolve(root, mask.file)));
  return hash.digest('hex');
}
