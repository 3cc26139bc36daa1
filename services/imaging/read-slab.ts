import type { AnalysedSeries, AnalysisInput } from '../domain/run.ts';
import type { Volume } from '../domain/volume.ts';
import { chooseSeries, type UnreadImage } from './choose-series.ts';
import { crop, dot, minus, type Triple, toVoxel } from './grid.ts';
import type { ImageHeader } from './image-header.ts';
import { type ImageStack, isWithin } from './image-stack.ts';
import { preparedPath, readHeaders } from './prepare-image.ts';
import { openPrepared, type PreparedImage } from './prepared-image.ts';
import { analysedSeries, assemble, sameImage, unreadImage, type VolumeReader } from './read-volume.ts';
import { refusal } from './refusal.ts';
import { resampleStack } from './resample-stack.ts';
import type { SeriesCriteria } from './series-criteria.ts';
import type { SortedSlices } from './sort-slices.ts';

/** The images of a series in their places, none of them decoded yet. */
export interface PlacedSeries {
  readonly slices: SortedSlices;
  readonly series: AnalysedSeries;
}

/** A part of a series as a volume: the slices within a distance of a point. */
export interface Slab {
  readonly volume: Volume;
  /** Of the whole series. */
  readonly stack: ImageStack;
}

/** Slices beyond the slab that interpolation of tilted or uneven ones may ask for. */
const MARGIN_MM = 10;

/**
 * Reads the headers of a series and places its images.
 *
 * @throws {AppError} NOT_ANALYSABLE with the reason why they make no volume.
 */
export async function placeSeries(
  inputs: readonly AnalysisInput[],
  criteria: SeriesCriteria,
  reader: VolumeReader,
): Promise<PlacedSeries> {
  const headers: ImageHeader[] = [];
  const unread: UnreadImage[] = [];
  for (const input of inputs) {
    const prepared = preparedImage(input, reader);
    try {
      headers.push(...(prepared?.headers.map((header) => ({ ...header, input })) ?? (await readHeaders(input))));
    } catch (error) {
      unread.push(unreadImage(input, error));
    }
  }
  const choice = await chooseSeries(headers, unread, criteria, sameImage(reader));
  if ('refused' in choice) throw refusal(choice.refused.code, choice.refused.params);
  return { slices: choice.slices, series: analysedSeries(choice.slices) };
}

/**
 * Decodes the slices within `reachMm` of a point along their normal, and no other; each file is held against its hash.
 *
 * @throws {AppError} NOT_ANALYSABLE with OUTSIDE_IMAGES, or whatever makes a slice unreadable.
 */
export async function readSlab(
  { slices }: PlacedSeries,
  point: Triple,
  reachMm: number,
  reader: VolumeReader,
): Promise<Slab> {
  const { stack, geometry, isRegular } = slices;
  if (!isInside(slices, point)) throw refusal('OUTSIDE_IMAGES', {});
  const normal = stack.axes[2];
  const within = stack.positions.flatMap((position, at) =>
    Math.abs(dot(minus(position, point), normal)) <= reachMm + (isRegular ? 0 : MARGIN_MM) ? [at] : [],
  );
  const [first, last] = [Math.max(0, (within[0] ?? 0) - 1), (within.at(-1) ?? 0) + 2];
  const headers = slices.headers.slice(first, last);
  const near = { ...stack, positions: stack.positions.slice(first, last) };
  const prepared = await verified(headers, reader);
  const grid = isRegular
    ? crop(geometry, [0, 0, first], [stack.columns - 1, stack.rows - 1, first + headers.length - 1])
    : slabOf(slices, point, reachMm);
  const voxels = await assemble({ ...slices, headers, stack: near, geometry: grid }, prepared, reader);
  return { stack, volume: isRegular ? { geometry: grid, voxels } : resampleStack(voxels, near, grid) };
}

function isInside({ stack, geometry }: SortedSlices, point: Triple): boolean {
  const at = toVoxel(geometry, point);
  return (
    isWithin(stack, point) &&
    [0, 1].every((a) => (at[a] ?? 0) >= -0.5 && (at[a] ?? 0) <= (geometry.shape[a] ?? 0) - 0.5)
  );
}

/** The planes of the volume's grid within the distance. */
function slabOf({ geometry }: SortedSlices, point: Triple, reachMm: number) {
  const [nx, ny, nz] = geometry.shape;
  const at = toVoxel(geometry, point)[2];
  const reach = Math.ceil(reachMm / geometry.spacingMm[2]);
  const within = (k: number) => Math.min(nz - 1, Math.max(0, k));
  return crop(geometry, [0, 0, within(Math.floor(at) - reach)], [nx - 1, ny - 1, within(Math.ceil(at) + reach)]);
}

const preparedImage = (input: AnalysisInput, { preparedDirectory }: VolumeReader): PreparedImage | undefined =>
  preparedDirectory === undefined ? undefined : openPrepared(preparedPath(preparedDirectory, input));

/** Checks the hash of each file that was not prepared, which had it checked then; answers with those that were. */
async function verified(headers: readonly ImageHeader[], reader: VolumeReader) {
  const prepared = new Map<string, PreparedImage>();
  const inputs = new Set(headers.map(({ input }) => input));
  const checks = [...inputs].map(async (input) => {
    const image = preparedImage(input, reader);
    if (image) prepared.set(input.file, image);
    else await reader.threads.run({ kind: 'verify', input });
  });
  await Promise.all(checks);
  return prepared;
}
