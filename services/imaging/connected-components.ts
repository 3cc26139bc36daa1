import type { Triple } from './grid.ts';
import { forNeighbours, forSurroundings } from './voxel-mask.ts';

export interface Components {
  /** 0 outside, else 1 … `sizes.length - 1`. */
  readonly labels: Int32Array;
  /** Voxels of each label; `sizes[0]` is not counted. */
  readonly sizes: readonly number[];
}

/** Labels the parts of a mask that hang together through faces (6), or edges and corners too (26); a flood with its own stack. */
export function connectedComponents(mask: Uint8Array, shape: Triple, connectivity: 6 | 26 = 6): Components {
  const forAll = connectivity === 6 ? forNeighbours : forSurroundings;
  const labels = new Int32Array(mask.length);
  const sizes = [0];
  const stack = new VoxelStack();
  for (let seed = 0; seed < mask.length; seed++) {
    if (mask[seed] === 0 || labels[seed] !== 0) continue;
    const label = sizes.length;
    let size = 0;
    const visit = (at: number) => {
      if (mask[at] === 0 || labels[at] !== 0) return;
      labels[at] = label;
      size++;
      stack.push(at);
    };
    visit(seed);
    for (let at = stack.pop(); at >= 0; at = stack.pop()) forAll(at, shape, visit);
    sizes.push(size);
  }
  return { labels, sizes };
}

/** The part of a mask that hangs together with one of its voxels through faces; empty when that voxel is not in it. */
export function componentOf(mask: Uint8Array, shape: Triple, seed: number): Uint8Array<ArrayBuffer> {
  const part = new Uint8Array(mask.length);
  const stack = new VoxelStack();
  const visit = (at: number) => {
    if (mask[at] === 0 || part[at] !== 0) return;
    part[at] = 1;
    stack.push(at);
  };
  visit(seed);
  for (let at = stack.pop(); at >= 0; at = stack.pop()) forNeighbours(at, shape, visit);
  return part;
}

/** Labels by falling size. */
export const bySize = ({ sizes }: Components): number[] =>
  sizes
    .map((_size, label) => label)
    .slice(1)
    .sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0));

/** A growing stack of indices without boxed numbers; `pop` answers -1 when empty. */
class VoxelStack {
  #items = new Int32Array(1 << 16);
  #length = 0;

  push(at: number): void {
    if (this.#length === this.#items.length) {
      const grown = new Int32Array(this.#length * 2);
      grown.set(this.#items);
      this.#items = grown;
    }
    this.#items[this.#length++] = at;
  }

  pop(): number {
    return this.#length === 0 ? -1 : (this.#items[--this.#length] as number);
  }
}

/**
 * The mask with its holes closed, slice by slice: all that cannot be reached from the border of its slice without
 * crossing the mask.
 */
export function fillSlices(mask: Uint8Array, [nx, ny, nz]: Triple): Uint8Array<ArrayBuffer> {
  const filled = new Uint8Array(mask.length);
  for (let k = 0; k < nz; k++) {
    const slice = mask.subarray(k * nx * ny, (k + 1) * nx * ny);
    filled.set(fillSlice(slice, nx, ny), k * nx * ny);
  }
  return filled;
}

function fillSlice(mask: Uint8Array, nx: number, ny: number): Uint8Array {
  const filled = new Uint8Array(mask.length).fill(1);
  const stack = new VoxelStack();
  const visit = (at: number) => {
    if (mask[at] === 1 || filled[at] === 0) return;
    filled[at] = 0;
    stack.push(at);
  };
  for (let x = 0; x < nx; x++) {
    visit(x);
    visit(x + (ny - 1) * nx);
  }
  for (let y = 0; y < ny; y++) {
    visit(y * nx);
    visit(y * nx + nx - 1);
  }
  for (let at = stack.pop(); at >= 0; at = stack.pop()) forNeighbours(at, [nx, ny, 1], visit);
  return filled;
}
