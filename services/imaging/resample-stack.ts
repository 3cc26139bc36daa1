import type { VolumeGeometry } from '../domain/geometry.ts';
import type { Volume } from '../domain/volume.ts';
import { dot, minus, type Triple } from './grid.ts';
import type { ImageStack } from './image-stack.ts';

/**
 * Trilinear interpolation of slices that lie at uneven distances or are sheared, on a right-angled grid. A point between
 * two slices is looked up on both, at the pixel where the line between their first pixels puts it, so a field that is
 * linear in the patient comes out as it is. Beyond the images the nearest pixel is repeated.
 *
 * @param voxels the slices one after the other; whole numbers stay whole.
 */
export function resampleStack(voxels: Volume['voxels'], stack: ImageStack, grid: VolumeGeometry): Volume {
  const [nx, ny, nz] = grid.shape;
  const isWhole = voxels instanceof Int16Array;
  const out = isWhole ? new Int16Array(nx * ny * nz) : new Float32Array(nx * ny * nz);
  const source = sourceOf(voxels, stack);
  const step = indexOf(stack, grid.axes[0], grid.spacingMm[0]);
  const down = indexOf(stack, grid.axes[1], grid.spacingMm[1]);
  const up = indexOf(stack, grid.axes[2], grid.spacingMm[2]);
  const start = indexOf(stack, minus(grid.origin, stack.positions[0] ?? grid.origin), 1);
  for (let k = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      const at = (a: 0 | 1 | 2) => start[a] + up[a] * k + down[a] * j;
      sampleRow(source, [at(0), at(1), at(2)], step, out.subarray((k * ny + j) * nx, (k * ny + j + 1) * nx), isWhole);
    }
  }
  return { geometry: grid, voxels: out };
}

/** A vector in pixels across, pixels down and mm along the normal. */
const indexOf = ({ axes, spacingMm }: ImageStack, vector: Triple, by: number): Triple => [
  (dot(vector, axes[0]) * by) / spacingMm[0],
  (dot(vector, axes[1]) * by) / spacingMm[1],
  dot(vector, axes[2]) * by,
];

/** The slices and, by slice, where each lies: in the measure of `indexOf`, from the first. */
interface Source {
  readonly voxels: Volume['voxels'];
  readonly columns: number;
  readonly rows: number;
  readonly columnOf: Float64Array;
  readonly rowOf: Float64Array;
  readonly alongMm: Float64Array;
}

function sourceOf(voxels: Volume['voxels'], stack: ImageStack): Source {
  const { columns, rows, positions } = stack;
  const places = positions.map((position) => indexOf(stack, minus(position, positions[0] ?? position), 1));
  const column = (a: 0 | 1 | 2) => Float64Array.from(places, (place) => place[a]);
  return { voxels, columns, rows, columnOf: column(0), rowOf: column(1), alongMm: column(2) };
}

/** Fills a row of the grid: a walk through the stack in steps of one vector. Plain numbers only, for it is all the time. */
function sampleRow(source: Source, from: Triple, step: Triple, out: Volume['voxels'], isWhole: boolean): void {
  const { columnOf, rowOf, alongMm } = source;
  const last = alongMm.length - 1;
  let low = 0;
  for (let i = 0; i < out.length; i++) {
    const along = from[2] + i * step[2];
    while (low > 0 && (alongMm[low] as number) > along) low--;
    while (low < last - 1 && (alongMm[low + 1] as number) <= along) low++;
    const high = Math.min(low + 1, last);
    const part = share(along, alongMm[low] as number, alongMm[high] as number);
    const x = from[0] + i * step[0] - mixed(columnOf[low] as number, columnOf[high] as number, part);
    const y = from[1] + i * step[1] - mixed(rowOf[low] as number, rowOf[high] as number, part);
    const lower = part < 1 ? onSlice(source, low, x, y) : 0;
    const upper = part > 0 ? onSlice(source, high, x, y) : 0;
    const value = mixed(lower, upper, part);
    out[i] = isWhole ? Math.round(value) : value;
  }
}

/** How far a height lies between two slices: 0 at or below the first, 1 at or above the second. */
const share = (along: number, low: number, high: number): number =>
  high > low ? Math.min(1, Math.max(0, (along - low) / (high - low))) : 0;

const mixed = (a: number, b: number, part: number): number => a * (1 - part) + b * part;

/** Bilinear on one slice; beyond its edge the nearest pixel. */
function onSlice({ voxels, columns, rows }: Source, slice: number, column: number, row: number): number {
  const x = Math.min(Math.max(column, 0), columns - 1);
  const y = Math.min(Math.max(row, 0), rows - 1);
  const left = Math.floor(x);
  const top = Math.floor(y);
  const at = (slice * rows + top) * columns + left;
  const dx = x - left;
  const dy = y - top;
  const right = dx > 0 ? at + 1 : at;
  const upper = mixed(voxels[at] as number, voxels[right] as number, dx);
  if (dy === 0) return upper;
  return mixed(upper, mixed(voxels[at + columns] as number, voxels[right + columns] as number, dx), dy);
}
