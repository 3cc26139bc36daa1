import type { VolumeGeometry } from '../domain/geometry.ts';
import { distanceToLung, type LungMask } from '../imaging/lung-mask.ts';
import { byScore, type Candidate, type GridBox, withBox } from './candidate.ts';
import { logit, sigmoid } from './decode-heatmap.ts';
import { linkSlices } from './link-slices.ts';
import type { Postprocess, PostprocessOp } from './manifest/postprocess.ts';
import { suppressNeighbours } from './non-maximum-suppression.ts';

/** Where candidates were found. */
export interface Found {
  /** Of the image the model read. */
  readonly grid: VolumeGeometry;
  readonly mask: LungMask | undefined;
  readonly dims: '2d' | '2.5d' | '3d';
}

/** Carries out the steps of `postprocess` in their order. Answers by falling score. */
export function postprocess(
  candidates: readonly Candidate[],
  steps: readonly Postprocess[],
  found: Found,
): Candidate[] {
  return steps
    .reduce<readonly Candidate[]>((list, step) => carriedOut(list, step, found), candidates)
    .toSorted(byScore);
}

function carriedOut(list: readonly Candidate[], op: Postprocess, { grid, mask, dims }: Found): readonly Candidate[] {
  switch (op.op) {
    case 'scoreFilter':
      return list.filter(({ score }) => score >= op.min);
    case 'calibrate':
      return list.map((candidate) => ({ ...candidate, score: calibrated(candidate, op) }));
    case 'clipToImage':
      return list.flatMap((candidate) => clipped(candidate, grid, dims !== '3d'));
    case 'nms':
      return suppressNeighbours(list, op);
    case 'linkSlices':
      return linkSlices(list, op, grid);
    case 'insideMask':
      return mask ? list.filter(({ center }) => distanceToLung(mask, center) <= op.toleranceMm) : list;
    case 'sizeFilter':
      return list.filter(({ diameterMm }) => diameterMm >= op.minMm && diameterMm <= op.maxMm);
    case 'limit':
      return list.toSorted(byScore).slice(0, op.max);
  }
}

function calibrated({ score, diameterMm }: Candidate, op: PostprocessOp<'calibrate'>): number {
  const { method, a = 1, b = 0, size = 0, t = 1 } = op;
  const answer = logit(Math.min(1 - 1e-7, Math.max(1e-7, score)));
  // What is 0 mm wide has no logarithm.
  const larger = size === 0 ? 0 : size * Math.log(Math.max(diameterMm, 0.1));
  return sigmoid(method === 'platt' ? a * answer + b + larger : answer / t);
}

/** What of a box lies inside the image, whose edges are half a voxel beyond its outermost centres. */
function clipped(candidate: Candidate, grid: VolumeGeometry, isFlat: boolean): readonly Candidate[] {
  const { box } = candidate;
  if (!box) return [candidate];
  const within = (mm: number, a: 0 | 1 | 2) =>
    Math.min(Math.max(mm, -grid.spacingMm[a] / 2), (grid.shape[a] - 0.5) * grid.spacingMm[a]);
  const cut = ([x, y, z]: GridBox['low']): GridBox['low'] => [within(x, 0), within(y, 1), within(z, 2)];
  const inside: GridBox = { low: cut(box.low), high: cut(box.high) };
  const isEmpty = inside.low.some((mm, a) => mm >= (inside.high[a] ?? mm));
  return isEmpty ? [] : [withBox(candidate, inside, grid, isFlat)];
}
