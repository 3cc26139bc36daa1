import type { VolumeGeometry } from '../domain/geometry.ts';
import { byScore, type Candidate, type GridBox, withBox } from './candidate.ts';
import type { PostprocessOp } from './manifest/postprocess.ts';
import { planeIou } from './overlap.ts';

type Boxed = Candidate & { readonly box: GridBox };

const heightOf = ({ box }: Boxed): number => (box.low[2] + box.high[2]) / 2;

/**
 * Joins boxes of neighbouring slices to candidates. From slice to slice each chain is continued by the box of its class that
 * overlaps its last one most, if by more than `threshold` and at most `maxGapMm` on; what is left begins a chain. One with
 * fewer than `minSlices` is dropped.
 *
 * A candidate has the box and the size in plane of its best slice, the height from its first to its last slice, the mean of
 * their heights weighted by score as its centre, and the best score.
 */
export function linkSlices(
  candidates: readonly Candidate[],
  { threshold, maxGapMm, minSlices }: PostprocessOp<'linkSlices'>,
  grid: VolumeGeometry,
): Candidate[] {
  const boxed = candidates.filter((candidate): candidate is Boxed => candidate.box !== undefined);
  const slices = [...Map.groupBy(boxed, (candidate) => Math.round(heightOf(candidate) / grid.spacingMm[2]))];
  slices.sort(([a], [b]) => a - b);
  const chains: Boxed[][] = [];
  for (const [, members] of slices) {
    const open = chains.filter((chain) => {
      const last = chain.at(-1);
      const first = members[0];
      return last && first && heightOf(first) - heightOf(last) <= maxGapMm + 1e-6;
    });
    const pairs = open
      .flatMap((chain) => members.map((member) => ({ chain, member, iou: overlapWith(chain, member) })))
      .filter(({ iou }) => iou > threshold)
      .sort((a, b) => b.iou - a.iou || byScore(a.member, b.member));
    const taken = new Set<unknown>();
    for (const { chain, member } of pairs) {
      if (taken.has(chain) || taken.has(member)) continue;
      taken.add(chain).add(member);
      chain.push(member);
    }
    for (const member of members) if (!taken.has(member)) chains.push([member]);
  }
  return chains.filter((chain) => chain.length >= minSlices).map((chain) => joined(chain, grid));
}

function overlapWith(chain: readonly Boxed[], member: Boxed): number {
  const last = chain.at(-1);
  return last && last.classId === member.classId ? planeIou(last.box, member.box) : 0;
}

function joined(chain: readonly Boxed[], grid: VolumeGeometry): Candidate {
  const best = chain.toSorted(byScore)[0];
  if (!best) throw new RangeError('a chain has a member');
  const weight = chain.reduce((sum, { score }) => sum + score, 0);
  const middle = chain.reduce((sum, member) => sum + member.score * heightOf(member), 0) / weight;
  const half = (Math.max(...chain.map(({ box }) => box.high[2])) - Math.min(...chain.map(({ box }) => box.low[2]))) / 2;
  const { low, high } = best.box;
  return withBox(best, { low: [low[0], low[1], middle - half], high: [high[0], high[1], middle + half] }, grid, true);
}
