import type { Triple } from './grid.ts';

const FAR = 1e10;

/**
 * Squared distance in mm² from each voxel centre to the nearest voxel of value `to`; a huge number where there is none.
 * Exact (lower envelope of parabolas, one axis after the other). Beyond the edge of the grid there is nothing: a mask
 * that is cut by the edge has no border there.
 */
export function squaredDistance(mask: Uint8Array, to: 0 | 1, [nx, ny, nz]: Triple, spacing: Triple): Float32Array {
  const field = new Float32Array(mask.length);
  for (let i = 0; i < mask.length; i++) field[i] = mask[i] === to ? 0 : FAR;
  const envelope = new Envelope(Math.max(nx, ny, nz));
  for (let row = 0; row < ny * nz; row++) envelope.along(field, row * nx, 1, nx, spacing[0]);
  for (let k = 0; k < nz; k++) {
    for (let x = 0; x < nx; x++) envelope.along(field, k * nx * ny + x, nx, ny, spacing[1]);
  }
  for (let at = 0; at < nx * ny; at++) envelope.along(field, at, nx * ny, nz, spacing[2]);
  return field;
}

/** One line of the transform, with scratch space that is used again. */
class Envelope {
  readonly #values: Float64Array;
  readonly #vertices: Int32Array;
  readonly #bounds: Float64Array;

  constructor(longest: number) {
    this.#values = new Float64Array(longest);
    this.#vertices = new Int32Array(longest);
    this.#bounds = new Float64Array(longest + 1);
  }

  along(field: Float32Array, start: number, stride: number, count: number, spacing: number): void {
    const f = this.#values;
    let near = false;
    let flat = true;
    for (let i = 0; i < count; i++) {
      const value = field[start + i * stride] as number;
      f[i] = value;
      if (value < FAR) near = true;
      if (value !== 0) flat = false;
    }
    if (near && !flat) this.#lower(field, start, stride, count, spacing * spacing);
  }

  #lower(field: Float32Array, start: number, stride: number, count: number, s2: number): void {
    const f = this.#values;
    const v = this.#vertices;
    const z = this.#bounds;
    let k = -1;
    for (let q = 0; q < count; q++) {
      const fq = f[q] as number;
      if (fq >= FAR) continue;
      let bound = -Infinity;
      while (k >= 0) {
        const p = v[k] as number;
        bound = ((fq - (f[p] as number)) / s2 + q * q - p * p) / (2 * (q - p));
        if (bound > (z[k] as number)) break;
        k--;
        bound = -Infinity;
      }
      k++;
      v[k] = q;
      z[k] = bound;
      z[k + 1] = Infinity;
    }
    for (let q = 0, at = 0; q < count; q++) {
      while ((z[at + 1] as number) < q) at++;
      const p = v[at] as number;
      field[start + q * stride] = (q - p) * (q - p) * s2 + (f[p] as number);
    }
  }
}
