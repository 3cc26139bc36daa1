import type { Triple } from './grid.ts';

const FAR = 1e10;
/** Lines that are taken out of the field together: what lies side by side in memory is read and written together. */
const LINES = 16;

/**
 * Squared distance in mm² from each voxel centre to the nearest voxel of value `to`; a huge number where there is none, or
 * none within `limitMm`. Exact (lower envelope of parabolas, one axis after the other). Beyond the edge of the grid there is
 * nothing: a mask that is cut by the edge has no border there.
 */
export function squaredDistance(
  mask: Uint8Array,
  to: 0 | 1,
  [nx, ny, nz]: Triple,
  spacing: Triple,
  limitMm = Number.POSITIVE_INFINITY,
): Float32Array<ArrayBuffer> {
  // Single precision rounds: a distance of just the limit must not be lost on the way.
  const limit = limitMm * limitMm * 1.000001;
  const field = alongRows(mask, to, nx, ny * nz, spacing[0], limit);
  const envelope = new Envelope(Math.max(ny, nz), limit);
  for (let k = 0; k < nz; k++) {
    const plane = k * nx * ny;
    for (let x = 0; x < nx; x += LINES) envelope.across(field, plane + x, Math.min(LINES, nx - x), nx, ny, spacing[1]);
  }
  const plane = nx * ny;
  for (let at = 0; at < plane; at += LINES)
    envelope.across(field, at, Math.min(LINES, plane - at), plane, nz, spacing[2]);
  return field;
}

/** Along the first axis values are only near or not: one walk there and one back. */
function alongRows(mask: Uint8Array, to: 0 | 1, nx: number, rows: number, mm: number, limit: number) {
  const field = new Float32Array(mask.length).fill(FAR);
  const reach = Math.floor(Math.sqrt(limit) / mm);
  const squared = Float64Array.from({ length: Math.min(nx, reach + 1) }, (_, d) => d * d * mm * mm);
  const walk = (start: number, step: 1 | -1) => {
    let steps = squared.length;
    for (let at = start, left = nx; left > 0; left--, at += step) {
      steps = mask[at] === to ? 0 : steps + 1;
      if (steps < squared.length) field[at] = Math.min(field[at] as number, squared[steps] as number);
    }
  };
  for (let row = 0; row < rows; row++) {
    walk(row * nx, 1);
    walk(row * nx + nx - 1, -1);
  }
  return field;
}

/** Lines of the transform, with scratch space that is used again. */
class Envelope {
  readonly #limit: number;
  /** `LINES` lines, one behind the other. */
  readonly #lines: Float64Array;
  readonly #longest: number;
  readonly #vertices: Int32Array;
  readonly #bounds: Float64Array;
  /** Whether a line has a near value, and one that is not 0. */
  readonly #near = new Uint8Array(LINES);
  readonly #rough = new Uint8Array(LINES);
  /** 1 / (2 d). */
  readonly #halves: Float64Array;

  constructor(longest: number, limit: number) {
    this.#limit = limit;
    this.#longest = longest;
    this.#lines = new Float64Array(longest * LINES);
    this.#vertices = new Int32Array(longest);
    this.#bounds = new Float64Array(longest + 1);
    this.#halves = Float64Array.from({ length: longest }, (_, d) => 1 / (2 * d));
  }

  /** `width` lines side by side, the first from `start` on, their values `stride` apart. */
  across(field: Float32Array, start: number, width: number, stride: number, count: number, spacing: number): void {
    const lines = this.#lines;
    const near = this.#near.fill(0);
    const rough = this.#rough.fill(0);
    for (let i = 0; i < count; i++) {
      const row = start + i * stride;
      for (let line = 0; line < width; line++) {
        const value = field[row + line] as number;
        lines[line * this.#longest + i] = value;
        if (value < FAR) near[line] = 1;
        if (value !== 0) rough[line] = 1;
      }
    }
    for (let line = 0; line < width; line++) {
      if (near[line] === 1 && rough[line] === 1)
        this.#lower(line, field, start + line, stride, count, spacing * spacing);
    }
  }

  #lower(line: number, field: Float32Array, start: number, stride: number, count: number, s2: number): void {
    const f = this.#lines;
    const base = line * this.#longest;
    const v = this.#vertices;
    const z = this.#bounds;
    const halves = this.#halves;
    let k = -1;
    for (let q = 0; q < count; q++) {
      const fq = f[base + q] as number;
      if (fq >= FAR) continue;
      let bound = -Infinity;
      while (k >= 0) {
        const p = v[k] as number;
        bound = ((fq - (f[base + p] as number)) / s2 + (q + p) * (q - p)) * (halves[q - p] as number);
        if (bound > (z[k] as number)) break;
        k--;
        bound = -Infinity;
      }
      k++;
      v[k] = q;
      z[k] = bound;
      z[k + 1] = Infinity;
    }
    const limit = this.#limit;
    for (let q = 0, at = 0; q < count; q++) {
      while ((z[at + 1] as number) < q) at++;
      const p = v[at] as number;
      const squared = (q - p) * (q - p) * s2 + (f[base + p] as number);
      field[start + q * stride] = squared > limit ? FAR : squared;
    }
  }
}
