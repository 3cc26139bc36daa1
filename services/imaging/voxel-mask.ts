import type { Triple } from './grid.ts';

/** Calls `visit` with the index of each of the six face neighbours of a voxel that lie inside the grid. */
export function forNeighbours(at: number, [nx, ny, nz]: Triple, visit: (to: number) => void): void {
  const plane = nx * ny;
  const x = at % nx;
  const y = (at % plane) - x;
  if (x > 0) visit(at - 1);
  if (x < nx - 1) visit(at + 1);
  if (y > 0) visit(at - nx);
  if (y < plane - nx) visit(at + nx);
  if (at >= plane) visit(at - plane);
  if (at < plane * (nz - 1)) visit(at + plane);
}

/** The same for all 26 around it: by faces, edges and corners. */
export function forSurroundings(at: number, [nx, ny, nz]: Triple, visit: (to: number) => void): void {
  const x = at % nx;
  const y = Math.floor(at / nx) % ny;
  const z = Math.floor(at / nx / ny);
  for (let k = Math.max(0, z - 1); k <= Math.min(nz - 1, z + 1); k++) {
    for (let j = Math.max(0, y - 1); j <= Math.min(ny - 1, y + 1); j++) {
      for (let i = Math.max(0, x - 1); i <= Math.min(nx - 1, x + 1); i++) {
        const to = (k * ny + j) * nx + i;
        if (to !== at) visit(to);
      }
    }
  }
}

/** The mask without its outermost voxels; the edge of the grid does not count as outside. */
export function eroded(mask: Uint8Array, shape: Triple): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(mask);
  for (let at = 0; at < mask.length; at++) {
    if (mask[at] === 1) continue;
    forNeighbours(at, shape, (to) => {
      out[to] = 0;
    });
  }
  return out;
}

/** The mask with the neighbours of its voxels that `allowed` holds. */
export function grown(mask: Uint8Array, allowed: Uint8Array, shape: Triple): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(mask);
  for (let at = 0; at < mask.length; at++) {
    if (mask[at] === 0) continue;
    forNeighbours(at, shape, (to) => {
      if (allowed[to] === 1) out[to] = 1;
    });
  }
  return out;
}

/** 1 where `test` holds. */
export function where(
  values: ArrayLike<number>,
  test: (value: number, at: number) => boolean,
): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(values.length);
  for (let at = 0; at < out.length; at++) out[at] = test(values[at] as number, at) ? 1 : 0;
  return out;
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

const boxShape = ({ from, to }: Box): Triple => [to[0] - from[0] + 1, to[1] - from[1] + 1, to[2] - from[2] + 1];

/** The voxels of a box. */
export function cut(mask: Uint8Array, [nx, ny]: Triple, box: Box): Uint8Array<ArrayBuffer> {
  const [width, height, depth] = boxShape(box);
  const out = new Uint8Array(width * height * depth);
  for (let k = 0; k < depth; k++) {
    for (let j = 0; j < height; j++) {
      const start = ((k + box.from[2]) * ny + j + box.from[1]) * nx + box.from[0];
      out.set(mask.subarray(start, start + width), (k * height + j) * width);
    }
  }
  return out;
}
