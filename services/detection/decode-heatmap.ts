import type { Mark } from './candidate.ts';
import type { DecodeOf } from './manifest/decode.ts';
import type { Layout } from './manifest/tensors.ts';
import { fromOrder, inZyx, type Zyx } from './tensor-layout.ts';

/** The answer of a model over the whole image, one value per cell, x fastest; axes z, y, x. */
export interface HeadMaps {
  readonly shape: Zyx;
  /** Of one class, as the graph gives it, before its activation. */
  readonly heat: Float32Array;
  /** The channels of the output that `offset` counts in; empty without one. */
  readonly offset: readonly Float32Array[];
  /** The channels of the output that `size` counts in. */
  readonly size: readonly Float32Array[];
}

type Decode = DecodeOf<'heatmap'>;

/** `decode` in our order of axes. */
interface Rules {
  readonly stride: Zyx;
  readonly cellOrigin: Zyx;
  /** Cells to each side that a peak must exceed. */
  readonly reach: Zyx;
  readonly refine: boolean;
  /** Channels; `undefined` along an axis without one. */
  readonly offset: Zyx<number | undefined>;
  readonly size: Decode['size'];
}

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
export const logit = (p: number): number => Math.log(p / (1 - p));

/** Local maxima of the heat map above the least score, with their offset and size. Of slices each for itself. */
export function decodeHeatmap(
  maps: HeadMaps,
  decode: Decode,
  layout: Layout,
  activation: 'sigmoid' | 'none',
  classId = 0,
): Mark[] {
  const rules = rulesOf(decode, layout);
  // The activation is monotone: compare before it, and compute it for peaks only.
  const least = activation === 'sigmoid' ? logit(decode.peak.minScore) : decode.peak.minScore;
  const activate = activation === 'sigmoid' ? sigmoid : (x: number) => Math.min(1, Math.max(0, x));
  const [depth, height, width] = maps.shape;
  const marks: Mark[] = [];
  for (let k = 0, at = 0; k < depth; k++) {
    for (let j = 0; j < height; j++) {
      for (let i = 0; i < width; i++, at++) {
        const heat = maps.heat[at] as number;
        if (!(heat > least) || !isPeak(maps, k, j, i, rules.reach)) continue;
        const cell: Zyx = [k, j, i];
        marks.push({ at: place(maps, rules, at, cell), score: activate(heat), classId, ...sizeAt(maps, rules, at) });
      }
    }
  }
  return marks;
}

function rulesOf({ stride, cellOrigin, peak, offset, size }: Decode, layout: Layout): Rules {
  const isFlat = layout === 'NCHW' || layout === 'NHWC';
  const reach = peak.kernel >> 1;
  return {
    stride: inZyx(layout, stride, 1),
    cellOrigin: inZyx(layout, cellOrigin, 0),
    reach: [isFlat ? 0 : reach, reach, reach],
    refine: peak.refine === 'parabola',
    offset: offset
      ? fromOrder<number | undefined>(offset.order, offset.channels, undefined)
      : [undefined, undefined, undefined],
    size,
  };
}

/** Higher than every cell before it and at least as high as every cell after it: of a plateau the first cell counts. */
function isPeak({ heat, shape: [depth, height, width] }: HeadMaps, k: number, j: number, i: number, reach: Zyx) {
  const own = (k * height + j) * width + i;
  const value = heat[own] as number;
  for (let z = Math.max(0, k - reach[0]); z <= Math.min(depth - 1, k + reach[0]); z++) {
    for (let y = Math.max(0, j - reach[1]); y <= Math.min(height - 1, j + reach[1]); y++) {
      const row = (z * height + y) * width;
      const end = row + Math.min(width - 1, i + reach[2]);
      for (let at = row + Math.max(0, i - reach[2]); at <= end; at++) {
        const other = heat[at] as number;
        if (other > value || (other === value && at < own)) return false;
      }
    }
  }
  return true;
}

/** Cell to input voxel: `cellOrigin + stride * (cell + offset)`. */
function place(maps: HeadMaps, rules: Rules, at: number, cell: Zyx): Zyx {
  const along = (a: 0 | 1 | 2) => {
    const channel = rules.offset[a];
    const learned = channel === undefined ? 0 : (maps.offset[channel]?.[at] ?? 0);
    const refined = rules.refine && rules.reach[a] > 0 ? vertex(maps, at, a, cell[a]) : 0;
    return rules.cellOrigin[a] + rules.stride[a] * (cell[a] + learned + refined);
  };
  return [along(0), along(1), along(2)];
}

/** Where the parabola through a peak and its two neighbours on an axis has its top: -0.5 … 0.5 cells. */
function vertex({ heat, shape }: HeadMaps, at: number, axis: 0 | 1 | 2, cell: number): number {
  if (cell === 0 || cell === shape[axis] - 1) return 0;
  const step = axis === 2 ? 1 : axis === 1 ? shape[2] : shape[1] * shape[2];
  const [before, top, after] = [heat[at - step] as number, heat[at] as number, heat[at + step] as number];
  const curvature = before - 2 * top + after;
  return curvature < 0 ? Math.min(0.5, Math.max(-0.5, (before - after) / (2 * curvature))) : 0;
}

/** The diameter of a ball in mm, or the sides of a box in voxels, of one voxel along z where there is none. */
function sizeAt({ size: maps }: HeadMaps, { size, stride }: Rules, at: number): Pick<Mark, 'diameterMm' | 'sides'> {
  const values = size.channels.map((channel) => {
    const value = maps[channel]?.[at] ?? 0;
    return size.encoding === 'ln' ? Math.exp(value) : value;
  });
  if (size.shape === 'sphere') return { diameterMm: values[0] ?? 0 };
  const [z, y, x] = fromOrder(size.order ?? 'zyx', values, 1);
  const unit: Zyx = size.unit === 'cells' ? stride : [1, 1, 1];
  return { sides: [Math.max(0, z * unit[0]), Math.max(0, y * unit[1]), Math.max(0, x * unit[2])] };
}
