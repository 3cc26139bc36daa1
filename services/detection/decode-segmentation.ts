import type { VolumeGeometry } from '../domain/geometry.ts';
import { connectedComponents } from '../imaging/connected-components.ts';
import { where } from '../imaging/voxel-mask.ts';
import type { Mark } from './candidate.ts';
import type { DecodeOf } from './manifest/decode.ts';
import type { Zyx } from './tensor-layout.ts';

type Decode = DecodeOf<'segmentation'>;

/** Voxels of one lesion. */
interface Piece {
  count: number;
  readonly sum: [z: number, y: number, x: number];
  readonly scores: number[];
  /** The first and the last voxel of each row, which are all that the greatest distance can lie between. */
  readonly ends: Map<number, [first: number, last: number]>;
}

/**
 * Lesions of a map of probabilities: the connected pieces of what reaches `threshold`, and of these the ones with a voxel
 * that reaches the seed and with enough volume. The centre is the mean of the voxels.
 *
 * @param probability of one foreground class, x fastest, on `grid`.
 */
export function decodeSegmentation(
  probability: Float32Array,
  grid: VolumeGeometry,
  decode: Decode,
  classId: number,
): Mark[] {
  const mask = where(probability, (value) => value >= decode.threshold);
  const { labels, sizes } = connectedComponents(mask, grid.shape, decode.connectivity);
  const pieces = piecesOf(labels, sizes.length, probability, grid.shape);
  const [dx, dy, dz] = grid.spacingMm;
  const voxelMm3 = dx * dy * dz;
  return pieces
    .filter(({ count, scores }) => {
      const isSeeded = !decode.hysteresis || scores.some((score) => score >= (decode.hysteresis?.seed ?? 0));
      return isSeeded && count * voxelMm3 >= decode.minVolumeMm3;
    })
    .map((piece) => ({
      at: [piece.sum[0] / piece.count, piece.sum[1] / piece.count, piece.sum[2] / piece.count],
      score: scoreOf(piece.scores, decode.score),
      classId,
      diameterMm:
        decode.diameter === 'sphere' ? Math.cbrt((6 * piece.count * voxelMm3) / Math.PI) : maxFeretMm(piece, grid),
    }));
}

function piecesOf(labels: Int32Array, count: number, probability: Float32Array, [nx, ny]: VolumeGeometry['shape']) {
  const pieces = Array.from(
    { length: count },
    (): Piece => ({ count: 0, sum: [0, 0, 0], scores: [], ends: new Map() }),
  );
  for (let at = 0; at < labels.length; at++) {
    const label = labels[at] as number;
    const piece = pieces[label];
    if (label === 0 || !piece) continue;
    const row = Math.floor(at / nx);
    piece.count++;
    piece.sum[0] += Math.floor(row / ny);
    piece.sum[1] += row % ny;
    piece.sum[2] += at - row * nx;
    piece.scores.push(probability[at] as number);
    const ends = piece.ends.get(row);
    if (ends) ends[1] = at - row * nx;
    else piece.ends.set(row, [at - row * nx, at - row * nx]);
  }
  return pieces.slice(1);
}

function scoreOf(scores: readonly number[], rule: Decode['score']): number {
  if (rule === 'mean') return scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const sorted = scores.toSorted((a, b) => a - b);
  return sorted[rule === 'max' ? sorted.length - 1 : Math.round((sorted.length - 1) * 0.95)] ?? 0;
}

/** More points than these are searched from the middle outward, which finds the greatest distance or nearly so. */
const ALL_PAIRS = 3000;

/** The greatest distance between two voxels of a piece, from outer edge to outer edge along it: a voxel more. */
function maxFeretMm({ ends, sum, count }: Piece, { shape: [, ny], spacingMm: [dx, dy, dz] }: VolumeGeometry): number {
  const points = [...ends].flatMap(([row, [first, last]]) =>
    [first, last].map((x): Zyx => [Math.floor(row / ny) * dz, (row % ny) * dy, x * dx]),
  );
  const middle: Zyx = [(sum[0] / count) * dz, (sum[1] / count) * dy, (sum[2] / count) * dx];
  const starts = points.length <= ALL_PAIRS ? points : farthestPair(points, middle);
  const most = Math.max(...starts.map((start) => Math.max(...points.map((point) => gap(start, point)))));
  return most + (dx + dy + dz) / 3;
}

function farthestPair(points: readonly Zyx[], from: Zyx): readonly Zyx[] {
  const farthest = (start: Zyx) =>
    points.reduce((best, point) => (gap(start, point) > gap(start, best) ? point : best), start);
  const one = farthest(from);
  return [one, farthest(one)];
}

const gap = (a: Zyx, b: Zyx): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
