import { createHash } from 'node:crypto';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readPart10Meta } from '../dicom/dataset/part10.ts';
import { openImage } from '../dicom/dataset/read-file.ts';
import { TAG } from '../dicom/dataset/tags.ts';
import { AppError } from '../domain/errors.ts';
import type { AnalysisInput } from '../domain/run.ts';
import { type ImageHeader, imageHeaders } from '../imaging/image-header.ts';
import type { BenchScan } from './dataset.ts';

/** The images of one scan as an analyzer gets them. */
export interface ScanFiles {
  readonly SeriesInstanceUID: string;
  /** The instances of that series, by file name; of single images, all that there are. */
  readonly inputs: readonly AnalysisInput[];
  /** Their frames. */
  readonly headers: readonly ImageHeader[];
  /** SHA-256 over the instances of the folder, whatever the files are called. */
  readonly sha256: string;
}

const PREAMBLE_BYTES = 128;

/**
 * Reads the images below the folder of a scan: headers and hashes, no pixels. Files that are not DICOM are passed over.
 *
 * @throws {AppError} BENCH_DATA_INCOMPLETE when a DICOM file is damaged, none is there, or the hash of the data set file
 *   is another; TRUTH_INVALID when the series of the truth is not among them.
 */
export async function readScanFiles(scan: BenchScan): Promise<ScanFiles> {
  const { id, folder, SeriesInstanceUID, sha256, holds } = scan;
  if (folder === undefined) throw new AppError('BENCH_DATA_ABSENT', `scan ${id} has no images`, { scan: id });
  const instances: Instance[] = [];
  for (const file of await filesBelow(folder)) {
    const instance = (await lstat(file)).isFile() ? await readInstance(file, id) : undefined;
    if (instance) instances.push(instance);
  }
  const digest = digestOf(instances);
  if (instances.length === 0) throw new AppError('BENCH_DATA_INCOMPLETE', `scan ${id}: no DICOM file in ${folder}`);
  if (sha256 !== undefined && sha256 !== digest)
    throw new AppError(
      'BENCH_DATA_INCOMPLETE',
      `scan ${id}: its ${instances.length} images are not those of the sha256`,
    );
  if (holds !== 'a volume' && SeriesInstanceUID === undefined) return imagesOf(instances, id, digest);
  const series = SeriesInstanceUID ?? onlyImageSeries(instances, id);
  const own = instances.filter(({ input }) => input.SeriesInstanceUID === series);
  if (own.length === 0) throw new AppError('TRUTH_INVALID', `scan ${id}: no image of series ${series} in ${folder}`);
  return {
    SeriesInstanceUID: series,
    inputs: own.map(({ input }) => input),
    headers: own.flatMap(({ headers }) => headers),
    sha256: digest,
  };
}

/** Of every series. @throws {AppError} BENCH_DATA_INCOMPLETE without an image. */
function imagesOf(instances: readonly Instance[], scan: string, sha256: string): ScanFiles {
  const images = instances.filter(({ headers }) => headers.some(({ Rows }) => Rows > 0));
  const [first] = images;
  if (!first) throw new AppError('BENCH_DATA_INCOMPLETE', `scan ${scan}: no image among its ${instances.length} files`);
  const headers = images.flatMap((image) => image.headers);
  return {
    SeriesInstanceUID: first.input.SeriesInstanceUID,
    inputs: images.map(({ input }) => input),
    headers,
    sha256,
  };
}

async function filesBelow(path: string): Promise<readonly string[]> {
  if ((await lstat(path)).isFile()) return [path];
  return (await readdir(path, { recursive: true })).sort().map((name) => join(path, name));
}

interface Instance {
  readonly input: AnalysisInput;
  readonly headers: readonly ImageHeader[];
}

async function readInstance(file: string, scan: string): Promise<Instance | undefined> {
  const bytes = await readFile(file);
  const magic = bytes.subarray(PREAMBLE_BYTES, PREAMBLE_BYTES + 4).toString('latin1');
  if (magic !== 'DICM') return undefined;
  try {
    const { datasetOffset } = readPart10Meta(bytes);
    const { dataset, meta, close } = await openImage(file);
    await close();
    const input = {
      file,
      sha256: createHash('sha256').update(bytes.subarray(datasetOffset)).digest('hex'),
      SeriesInstanceUID: dataset.string(TAG.SeriesInstanceUID),
      SOPInstanceUID: meta.SOPInstanceUID,
      SOPClassUID: meta.SOPClassUID,
      TransferSyntaxUID: meta.TransferSyntaxUID,
    };
    return { input, headers: imageHeaders(input, dataset) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError('BENCH_DATA_INCOMPLETE', `scan ${scan}: ${file}: ${error.message}`, { scan }, error);
  }
}

function digestOf(instances: readonly Instance[]): string {
  const lines = instances.map(({ input }) => `${input.SOPInstanceUID} ${input.sha256}\n`).sort();
  return createHash('sha256').update(lines.join('')).digest('hex');
}

/** Without a series in the truth there must be one series with slices. */
function onlyImageSeries(instances: readonly Instance[], scan: string): string {
  const images = instances.filter(({ headers }) => headers.some(({ Rows }) => Rows > 0));
  const series = new Set(images.map(({ input }) => input.SeriesInstanceUID));
  const [first = ''] = series;
  if (series.size !== 1)
    throw new AppError('TRUTH_INVALID', `scan ${scan} holds ${series.size} image series: name its SeriesInstanceUID`);
  return first;
}
