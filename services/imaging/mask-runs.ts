import type { Triple } from './grid.ts';

/**
 * A mask as runs of voxels along x, each with the first run of the part that it hangs together with. Runs stand in the
 * order of their voxels, so the first run of a part holds its first voxel.
 */
export interface MaskRuns {
  readonly count: number;
  /** First voxel of each run, and the one behind its last. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Of the part: its first run. */
  readonly first: Int32Array;
}

/** Runs of the voxels of one value, joined through faces (6), or edges and corners too (26). */
export function maskRuns(mask: Uint8Array, value: 0 | 1, [nx, ny, nz]: Triple, connectivity: 6 | 26 = 6): MaskRuns {
  const runs = new Runs(Math.max(64, mask.length >> 5), nx, ny * nz);
  const reach = connectivity === 6 ? 0 : 1;
  for (let row = 0; row < ny * nz; row++) {
    const j = row % ny;
    runs.read(mask, value, row);
    if (j > 0) runs.join(row, row - 1, reach);
    if (row < ny) continue;
    runs.join(row, row - ny, reach);
    if (reach === 1 && j > 0) runs.join(row, row - ny - 1, reach);
    if (reach === 1 && j < ny - 1) runs.join(row, row - ny + 1, reach);
  }
  return runs.settled();
}

class Runs {
  #from: Int32Array;
  #to: Int32Array;
  #parent: Int32Array;
  #count = 0;
  readonly #nx: number;
  /** The first run of each row; that of the row behind is where its runs end. */
  readonly #rows: Int32Array;

  constructor(room: number, nx: number, rows: number) {
    this.#nx = nx;
    this.#rows = new Int32Array(rows + 1);
    this.#from = new Int32Array(room);
    this.#to = new Int32Array(room);
    this.#parent = new Int32Array(room);
  }

  /** Adds the runs of the next row. */
  read(mask: Uint8Array, value: 0 | 1, row: number): void {
    const end = (row + 1) * this.#nx;
    for (let at = end - this.#nx; at < end; at++) {
      if (mask[at] !== value) continue;
      const from = at;
      while (at < end && mask[at] === value) at++;
      this.#add(from, at);
    }
    this.#rows[row + 1] = this.#count;
  }

  #add(from: number, to: number): void {
    if (this.#count === this.#from.length) this.#grow();
    this.#from[this.#count] = from;
    this.#to[this.#count] = to;
    this.#parent[this.#count] = this.#count;
    this.#count++;
  }

  /** Joins the runs of a row with those of an earlier one that lie beside them; `reach` 1: also a corner away. */
  join(row: number, earlier: number, reach: number): void {
    const rows = this.#rows;
    const shift = (row - earlier) * this.#nx;
    const end = rows[row + 1] as number;
    const otherEnd = rows[earlier + 1] as number;
    for (let one = rows[row] as number, other = rows[earlier] as number; one < end && other < otherEnd; ) {
      const [from, to] = [(this.#from[one] as number) - shift, (this.#to[one] as number) - shift];
      const [otherFrom, otherTo] = [this.#from[other] as number, this.#to[other] as number];
      if (from < otherTo + reach && otherFrom < to + reach) this.#unite(one, other);
      if (to < otherTo) one++;
      else other++;
    }
  }

  #unite(one: number, other: number): void {
    const [a, b] = [this.#root(one), this.#root(other)];
    if (a < b) this.#parent[b] = a;
    else this.#parent[a] = b;
  }

  #root(of: number): number {
    const parent = this.#parent;
    let run = of;
    while (parent[run] !== run) {
      parent[run] = parent[parent[run] as number] as number;
      run = parent[run] as number;
    }
    return run;
  }

  #grow(): void {
    const wider = (old: Int32Array) => {
      const grown = new Int32Array(old.length * 2);
      grown.set(old);
      return grown;
    };
    [this.#from, this.#to, this.#parent] = [wider(this.#from), wider(this.#to), wider(this.#parent)];
  }

  settled(): MaskRuns {
    for (let run = 0; run < this.#count; run++) this.#parent[run] = this.#root(run);
    return { count: this.#count, from: this.#from, to: this.#to, first: this.#parent };
  }
}
