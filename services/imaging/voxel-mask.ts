import type { Triple } from './grid.ts';

/** The mask without its outermost voxels; the edge of the grid does not count as outside. */
export function eroded(mask: Uint8Array, shape: Triple): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(mask);
  const touches = neighbours(mask, 0, shape);
  for (let at = 0, k = 0; k < shape[2]; k++) {
    for (let j = 0; j < shape[1]; j++) {
      for (let i = 0; i < shape[0]; i++, at++) if (mask[at] === 1 && touches(at, i, j, k)) out[at] = 0;
    }
  }
  return out;
}

/** The mask with the neighbours of its voxels that `allowed` holds. */
export function grown(mask: Uint8Array, allowed: Uint8Array, shape: Triple): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(mask);
  const touches = neighbours(mask, 1, shape);
  for (let at = 0, k = 0; k < shape[2]; k++) {
    for (let j = 0; j < shape[1]; j++) {
      for (let i = 0; i < shape[0]; i++, at++)
        if (mask[at] === 0 && allowed[at] === 1 && touches(at, i, j, k)) out[at] = 1;
    }
  }
  return out;
}

/** Has one of the six face neighbours inside the grid this value? */
function neighbours(mask: Uint8Array, value: 0 | 1, [nx, ny, nz]: Triple) {
  const plane = nx * ny;
  return (at: number, i: number, j: number, k: number): boolean =>
    (i > 0 && mask[at - 1] === value) ||
    (i < nx - 1 && mask[at + 1] === value) ||
    (j > 0 && mask[at - nx] === value) ||
    (j < ny - 1 && mask[at + nx] === value) ||
    (k > 0 && mask[at - plane] === value) ||
    (k < nz - 1 && mask[at + plane] === value);
}

/** 1 where a value is above a limit. */
export function above(values: Float32Array, limit: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(values.length);
  for (let at = 0; at < out.length; at++) if ((values[at] as number) > limit) out[at] = 1;
  return out;
}

/** 1 where a value is at most a limit. */
export function atMost(values: Float32Array, limit: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(values.length);
  for (let at = 0; at < out.length; at++) if ((values[at] as number) <= limit) out[at] = 1;
  return out;
}

/** How many voxels a mask holds. */
export function voxelsIn(mask: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < mask.length; at++) sum += mask[at] as number;
  return sum;
}

/** 1 where `test` holds; for masks that are not made often, for each voxel is a call. */
export function where(
  values: ArrayLike<number>,
  test: (value: number, at: number) => boolean,
): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(values.length);
  for (let at = 0; at < out.length; at++) out[at] = test(values[at] as number, at) ? 1 : 0;
  return out;
}

/**
 * Whether a ball that reaches so many voxels to each side may fit into a mask: its six arms do somewhere. Beyond the edge of
 * the grid nothing is in its way.
 */
export function mayHoldBall(mask: Uint8Array, [nx, ny, nz]: Triple, reach: number): boolean {
  const isClear = (at: number, place: number, count: number, stride: number) => {
    const last = at + Math.min(reach, count - 1 - place) * stride;
    for (let to = at - Math.min(reach, place) * stride; to <= last; to += stride) if (mask[to] === 0) return false;
    return true;
  };
  for (let row = 0; row < ny * nz; row++) {
    // Most arms end at once to the left, where the run is known.
    let run = reach;
    for (let i = 0, at = row * nx; i < nx; i++, at++) {
      run = mask[at] === 0 ? 0 : run + 1;
      if (run <= reach || !isClear(at, i, nx, 1)) continue;
      if (isClear(at, row % ny, ny, nx) && isClear(at, Math.floor(row / ny), nz, nx * ny)) return true;
    }
  }
  return false;
}

/** A box of voxel indices, both ends included. */
export interface Box {
  readonly from: Triple;
  readonly to: Triple;
}

/** The smallest box around the voxels for which `test` holds, widened by `margin`, inside the grid. */
export function boundingBox(
  values: ArrayLike<number>,
  [nx, ny, nz]: Triple,
  margin: number,
  test: (value: number) => boolean,
): Box {
  const held = [new Uint8Array(nx), new Uint8Array(ny), new Uint8Array(nz)] as const;
  for (let k = 0, at = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      for (let i = 0; i < nx; i++, at++) {
        if (!test(values[at] as number)) continue;
        held[0][i] = 1;
        held[1][j] = 1;
        held[2][k] = 1;
      }
    }
  }
  const low = (line: Uint8Array) => Math.max(0, line.indexOf(1) - margin);
  const high = (line: Uint8Array) => Math.min(line.length - 1, line.lastIndexOf(1) + margin);
  return { from: [low(held[0]), low(held[1]), low(held[2])], to: [high(held[0]), high(held[1]), high(held[2])] };
}

export const boxShape = ({ from, to }: Box): Triple => [to[0] - from[0] + 1, to[1] - from[1] + 1, to[2] - from[2] + 1];

/** The index within a box of a voxel of the grid. */
export function indexInBox([i, j, k]: Triple, box: Box): number {
  const [width, height] = boxShape(box);
  return ((k - box.from[2]) * height + j - box.from[1]) * width + i - box.from[0];
}

/** The voxels of a box. */
export function cut(mask: Uint8Array, shape: Triple, box: Box): Uint8Array<ArrayBuffer>;
export function cut(values: Float32Array, shape: Triple, box: Box): Float32Array<ArrayBuffer>;
export function cut(mask: Uint8Array | Float32Array, [nx, ny]: Triple, box: Box): Uint8Array | Float32Array {
  const [width, height, depth] = boxShape(box);
  const count = width * height * depth;
  const out = mask instanceof Uint8Array ? new Uint8Array(count) : new Float32Array(count);
  for (let k = 0; k < depth; k++) {
    for (let j = 0; j < height; j++) {
      const start = ((k + box.from[2]) * ny + j + box.from[1]) * nx + box.from[0];
      out.set(mask.subarray(start, start + width), (k * height + j) * width);
    }
  }
  return out;
}

/** A mask of a box laid back into an empty one of the whole grid. */
export function laidBack(piece: Uint8Array, [nx, ny, nz]: Triple, box: Box): Uint8Array<ArrayBuffer> {
  const [width, height, depth] = boxShape(box);
  const out = new Uint8Array(nx * ny * nz);
  for (let k = 0; k < depth; k++) {
    for (let j = 0; j < height; j++) {
      const row = (k * height + j) * width;
      out.set(piece.subarray(row, row + width), ((k + box.from[2]) * ny + j + box.from[1]) * nx + box.from[0]);
    }
  }
  return out;
}
