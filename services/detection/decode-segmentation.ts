import type { VolumeGeometry } from '../domain/geometry.ts';
import { bySize, type Components, connectedComponents } from '../imaging/connected-components.ts';
import { where } from '../imaging/voxel-mask.ts';
import type { Mark } from './candidate.ts';
import type { DecodeOf } from './manifest/decode.ts';
import type { Zyx } from './tensor-layout.ts';

type Decode = DecodeOf<'segmentation'>;

/** Voxels of one lesion. */
interface Piece {
  readonly count: number;
  readonly sum: [z: number, y: number, x: number];
  /** Of its voxels, in their order. */
  readonly scores: Float32Array;
  /** The first and the last voxel of each row, which are all that the greatest distance can lie between. */
  readonly ends: Map<number, [first: number, last: number]>;
}

/** Of a map that is noise only the largest pieces are looked at; a report holds a hundred. */
const MOST_PIECES = 10_000;

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
  const components = connectedComponents(mask, grid.shape, decode.connectivity);
  const [dx, dy, dz] = grid.spacingMm;
  const voxelMm3 = dx * dy * dz;
  const large = bySize(components)
    .slice(0, MOST_PIECES)
    .filter((label) => (components.sizes[label] ?? 0) * voxelMm3 >= decode.minVolumeMm3);
  const seed = decode.hysteresis?.seed ?? 0;
  return piecesOf(components, large, probability, grid.shape)
    .filter(({ scores }) => scores.some((score) => score >= seed))
    .map((piece) => ({
      at: [piece.sum[0] / piece.count, piece.sum[1] / piece.count, piece.sum[2] / piece.count],
      score: scoreOf(piece.scores, decode.score),
      classId,
      diameterMm:
        decode.diameter === 'sphere' ? Math.cbrt((6 * piece.count * voxelMm3) / Math.PI) : maxFeretMm(piece, grid),
    }));
}

/** The pieces of some labels. */
function piecesOf(
  { labels, sizes }: Components,
  wanted: readonly number[],
  probability: Float32Array,
  [nx, ny]: VolumeGeometry['shape'],
): readonly Piece[] {
  const pieces = new Map(
    wanted.map((label): [number, Piece] => {
      const count = sizes[label] ?? 0;
      return [label, { count, sum: [0, 0, 0], scores: new Float32Array(count), ends: new Map() }];
    }),
  );
  const filled = new Uint32Array(sizes.length);
  for (let at = 0; at < labels.length; at++) {
    const label = labels[at] as number;
    const piece = label === 0 ? undefined : pieces.get(label);
    if (!piece) continue;
    const row = Math.floor(at / nx);
    const x = at - row * nx;
    piece.sum[0] += Math.floor(row / ny);
    piece.sum[1] += row % ny;
    piece.sum[2] += x;
    piece.scores[filled[label] as number] = probability[at] as number;
    filled[label] = (filled[label] as number) + 1;
    const ends = piece.ends.get(row);
    if (ends) ends[1] = x;
    else piece.ends.set(row, [x, x]);
  }
  return [...pieces.values()];
}

function scoreOf(scores: Float32Array, rule: Decode['score']): number {
  if (rule === 'mean') return scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const sorted = scores.toSorted();
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
