import type { ModelManifest } from './model-manifest.ts';

/** The answer of a model over the whole image, one value per cell, x fastest; axes z, y, x. */
export interface HeadMaps {
  readonly shape: readonly [z: number, y: number, x: number];
  /** As the graph gives it, before its activation. */
  readonly heat: Float32Array;
  /** The regression channels, in their order. */
  readonly regression: readonly Float32Array[];
}

/** A peak in input voxels (z, y, x), which need not be whole. */
export interface Peak {
  readonly at: readonly [z: number, y: number, x: number];
  readonly score: number;
  readonly diameterMm: number;
}

type Decode = ModelManifest['decode'];

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const logit = (p: number): number => Math.log(p / (1 - p));

/** Local maxima of the heat map above the least score, with their offset and size. */
export function decodeHeatmap(maps: HeadMaps, decode: Decode, activation: 'sigmoid' | 'none'): Peak[] {
  // The activation is monotone: compare before it, and compute it for peaks only.
  const least = activation === 'sigmoid' ? logit(decode.peak.minScore) : decode.peak.minScore;
  const activate = activation === 'sigmoid' ? sigmoid : (x: number) => Math.min(1, Math.max(0, x));
  const [depth, height, width] = maps.shape;
  const peaks: Peak[] = [];
  for (let k = 0, at = 0; k < depth; k++) {
    for (let j = 0; j < height; j++) {
      for (let i = 0; i < width; i++, at++) {
        const heat = maps.heat[at] as number;
        if (!(heat > least) || !isPeak(maps, k, j, i, decode.peak.kernel >> 1)) continue;
        peaks.push({
          at: place(maps, decode, at, [k, j, i]),
          score: activate(heat),
          diameterMm: diameter(maps, decode, at),
        });
      }
    }
  }
  return peaks;
}

/** Higher than every cell before it and at least as high as every cell after it: of a plateau the first cell counts. */
function isPeak({ heat, shape: [depth, height, width] }: HeadMaps, k: number, j: number, i: number, reach: number) {
  const own = (k * height + j) * width + i;
  const value = heat[own] as number;
  for (let z = Math.max(0, k - reach); z <= Math.min(depth - 1, k + reach); z++) {
    for (let y = Math.max(0, j - reach); y <= Math.min(height - 1, j + reach); y++) {
      const row = (z * height + y) * width;
      const end = row + Math.min(width - 1, i + reach);
      for (let at = row + Math.max(0, i - reach); at <= end; at++) {
        const other = heat[at] as number;
        if (other > value || (other === value && at < own)) return false;
      }
    }
  }
  return true;
}

/** Cell to input voxel: `cellOrigin + stride * (cell + offset)`. */
function place(maps: HeadMaps, decode: Decode, at: number, cell: readonly [number, number, number]): Peak['at'] {
  const along = (a: 0 | 1 | 2) => {
    const channel = decode.offset?.channels[a];
    const learned = channel === undefined ? 0 : (maps.regression[channel]?.[at] ?? 0);
    const refined = decode.peak.refine === 'parabola' ? vertex(maps, at, a, cell[a]) : 0;
    return decode.cellOrigin[a] + decode.stride[a] * (cell[a] + learned + refined);
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

function diameter({ regression }: HeadMaps, { size }: Decode, at: number): number {
  const value = regression[size.channels[0]]?.[at] ?? 0;
  return size.encoding === 'ln' ? Math.exp(value) : value;
}
