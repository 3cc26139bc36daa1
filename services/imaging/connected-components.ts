import type { Triple } from './grid.ts';
import { maskRuns } from './mask-runs.ts';

export interface Components {
  /** 0 outside, else 1 … `sizes.length - 1`, in the order of their first voxels. */
  readonly labels: Int32Array;
  /** Voxels of each label; `sizes[0]` is not counted. */
  readonly sizes: readonly number[];
}

/** Labels the parts of a mask that hang together through faces (6), or edges and corners too (26). */
export function connectedComponents(mask: Uint8Array, shape: Triple, connectivity: 6 | 26 = 6): Components {
  const { count, from, to, first } = maskRuns(mask, 1, shape, connectivity);
  const labels = new Int32Array(mask.length);
  const sizes = [0];
  const labelOf = new Int32Array(count);
  for (let run = 0; run < count; run++) {
    const part = first[run] as number;
    if (part === run) {
      labelOf[run] = sizes.length;
      sizes.push(0);
    }
    const label = labelOf[part] as number;
    const [start, end] = [from[run] as number, to[run] as number];
    labels.fill(label, start, end);
    sizes[label] = (sizes[label] as number) + end - start;
  }
  return { labels, sizes };
}

/** The part of a mask that hangs together with one of its voxels through faces; empty when that voxel is not in it. */
export function componentOf(mask: Uint8Array, shape: Triple, seed: number): Uint8Array<ArrayBuffer> {
  const part = new Uint8Array(mask.length);
  if (mask[seed] !== 1) return part;
  const { count, from, to, first } = maskRuns(mask, 1, shape);
  let own = 0;
  while (own < count && (to[own] as number) <= seed) own++;
  for (let run = 0; run < count; run++) {
    if (first[run] === first[own]) part.fill(1, from[run], to[run]);
  }
  return part;
}

/** Labels by falling size. */
export const bySize = ({ sizes }: Components): number[] =>
  sizes
    .map((_size, label) => label)
    .slice(1)
    .sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0));

/**
 * The mask with its holes closed, slice by slice: all that cannot be reached from the border of its slice without
 * crossing the mask.
 */
export function fillSlices(mask: Uint8Array, [nx, ny, nz]: Triple): Uint8Array<ArrayBuffer> {
  const filled = new Uint8Array(mask.length).fill(1);
  const area = nx * ny;
  for (let k = 0; k < nz; k++) {
    const slice = filled.subarray(k * area, (k + 1) * area);
    const { count, from, to, first } = maskRuns(mask.subarray(k * area, (k + 1) * area), 0, [nx, ny, 1]);
    const reached = new Uint8Array(count);
    for (let run = 0; run < count; run++) {
      const [start, end] = [from[run] as number, to[run] as number];
      const atBorder = start < nx || start >= area - nx || start % nx === 0 || end % nx === 0;
      if (atBorder) reached[first[run] as number] = 1;
    }
    for (let run = 0; run < count; run++) {
      if (reached[first[run] as number] === 1) slice.fill(0, from[run], to[run]);
    }
  }
  return filled;
}
