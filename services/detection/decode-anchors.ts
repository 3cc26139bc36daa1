import type { Mark } from './candidate.ts';
import { logit, sigmoid } from './decode-heatmap.ts';
import type { HeadMap } from './head-maps.ts';
import type { DecodeOf } from './manifest/decode.ts';
import type { Layout } from './manifest/tensors.ts';
import { fromOrder, inZyx, type Zyx } from './tensor-layout.ts';

type Decode = DecodeOf<'anchors'>;

/**
 * Boxes of one level of a pyramid of anchors (Lin et al., Focal Loss for Dense Object Detection, 2017). Cells z, y, x;
 * channel a * C + c of `cls` is class c of anchor a, and channel a * 2n + f of `box` is delta f of anchor a: first the
 * shift of the centre in sides of the anchor along each axis, then the logarithm of each side, in `boxOrder`.
 *
 * An anchor stands at `index * stride` (or half a cell on), where 0 is the centre of the first voxel or its edge as
 * `origin` says. Only the `topKPerLevel` best scores above `minScore` are decoded.
 */
export function decodeAnchors(
  cls: HeadMap,
  box: HeadMap,
  level: Decode['levels'][number],
  decode: Decode,
  layout: Layout,
  classCount: number,
): Mark[] {
  const stride = inZyx(layout, level.stride, 1);
  const shift = decode.anchorCenter === 'index*stride' ? 0 : 0.5;
  const edge = decode.origin === 'voxelEdge' ? 0.5 : 0;
  const [, height, width] = cls.shape;
  return bestCells(cls, decode).map(({ channel, at, score }) => {
    const [anchor, classId] = [Math.floor(channel / classCount), channel % classCount];
    const sides = fromOrder(decode.boxOrder, level.anchors[anchor] ?? [], 1);
    const cell: Zyx = [Math.floor(at / width / height), Math.floor(at / width) % height, at % width];
    const deltas = deltasAt(box, anchor, at, decode);
    const along = (a: 0 | 1 | 2) => {
      const isFlat = a === 0 && !decode.boxOrder.includes('z');
      const center = isFlat ? cell[0] : (cell[a] + shift) * stride[a] - edge;
      return center + deltas.shift[a] * sides[a];
    };
    return {
      at: [along(0), along(1), along(2)],
      sides: [
        sides[0] * Math.exp(deltas.growth[0]),
        sides[1] * Math.exp(deltas.growth[1]),
        sides[2] * Math.exp(deltas.growth[2]),
      ],
      score,
      classId,
    };
  });
}

interface Cell {
  readonly channel: number;
  readonly at: number;
  /** Before its activation, which is monotone. */
  readonly value: number;
}

/** By falling score; equal scores in the order of channel and cell. Never holds many more than it answers. */
function bestCells(cls: HeadMap, { scoreActivation, minScore, topKPerLevel }: Decode): readonly (Cell & Scored)[] {
  const isActivated = scoreActivation === 'none';
  const best = (cells: Cell[]) =>
    cells.sort((a, b) => b.value - a.value || a.channel - b.channel || a.at - b.at).slice(0, topKPerLevel);
  let least = isActivated ? minScore : logit(minScore);
  let cells: Cell[] = [];
  for (const [channel, map] of cls.channels.entries()) {
    for (let at = 0; at < map.length; at++) {
      const value = map[at] as number;
      if (!(value > least)) continue;
      cells.push({ channel, at, value });
      if (cells.length < CROWD * topKPerLevel) continue;
      cells = best(cells);
      least = cells.at(-1)?.value ?? least;
    }
  }
  return best(cells).map((cell) => ({ ...cell, score: isActivated ? Math.min(1, cell.value) : sigmoid(cell.value) }));
}

interface Scored {
  readonly score: number;
}

/** So many times the wanted cells are held before the worst are dropped. */
const CROWD = 4;

interface Deltas {
  /** In sides of the anchor. */
  readonly shift: Zyx;
  /** Logarithms. */
  readonly growth: Zyx;
}

function deltasAt(box: HeadMap, anchor: number, at: number, { boxOrder, coder }: Decode): Deltas {
  const rank = boxOrder.length;
  const delta = (f: number): number => (box.channels[anchor * 2 * rank + f]?.[at] ?? 0) / (coder.weights[f] ?? 1);
  const range = Array.from({ length: rank }, (_, f) => f);
  return {
    shift: fromOrder(boxOrder, range.map(delta), 0),
    growth: fromOrder(
      boxOrder,
      range.map((f) => Math.min(coder.clip, delta(rank + f))),
      0,
    ),
  };
}
