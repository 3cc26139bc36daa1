import type { VolumeGeometry } from '../domain/geometry.ts';
import type { Volume } from '../domain/volume.ts';
import { bySize, connectedComponents, fillSlices } from './connected-components.ts';
import { squaredDistance } from './distance-transform.ts';
import { crop, lpsGrid, type Triple, toVoxel } from './grid.ts';
import { refusal } from './refusal.ts';
import { resample } from './resample.ts';
import { type Side, splitSides } from './split-sides.ts';
import { above, atMost, boundingBox, boxShape, cut, eroded, grown, laidBack, voxelsIn } from './voxel-mask.ts';

/** Both lungs and what is near them on a coarse grid in LPS order: enough to say where to look, and on which side. */
export interface LungMask {
  readonly geometry: VolumeGeometry;
  /** 0 outside, else a `Side`. */
  readonly sides: Uint8Array;
  /** Distance in mm from each voxel to the nearest lung voxel; 0 inside. */
  readonly distanceMm: Float32Array;
  readonly litres: number;
}

const GRID_MM = 2;
const VOXELS_PER_LITRE = 1e6 / GRID_MM ** 3;
/** Between lung (below -600, partial volume included) and soft tissue (above -100). */
const AIR_BELOW_HU = -400;
/** Bowel and stomach gas, or foam of the table: nearly pure air. Emphysema stays above. */
const GAS_BELOW_HU = -970;
const SMALLEST_PART_LITRES = 0.1;
const SMALLEST_LUNG_LITRES = 0.5;
/** Vessels, the hilum and nodules at the pleura, up to twice this wide, belong to the lung. */
const CLOSING_MM = 8;

/**
 * Finds the lungs: air inside the body that is not bowel gas, airway and vessels closed, a side for each voxel. The mask
 * reaches `reachMm` beyond the lungs; distances are known as far.
 *
 * @throws {AppError} NOT_ANALYSABLE with the reason LUNG_NOT_FOUND.
 */
export function lungMask(volume: Volume, reachMm: number): LungMask {
  const full = lpsGrid(volume.geometry, [GRID_MM, GRID_MM, GRID_MM]);
  const hu = resample(volume, full, true);
  const inside = bodyOf(hu, full.shape);
  const air = new Uint8Array(hu.length);
  for (let at = 0; at < air.length; at++) if ((hu[at] as number) < AIR_BELOW_HU && inside[at] === 1) air[at] = 1;
  const airLitres = keepLungs(air, hu, full.shape);
  if (airLitres < SMALLEST_LUNG_LITRES) throw refusal('LUNG_NOT_FOUND', { litres: airLitres });

  const margin = Math.ceil(Math.max(CLOSING_MM, reachMm) / GRID_MM) + 1;
  const box = boundingBox(air, full.shape, margin, (value) => value === 1);
  const geometry = crop(full, box.from, box.to);
  const { shape, spacingMm } = geometry;
  const sides = splitSides(cut(air, full.shape, box), shape, spacingMm, middleOf(inside, full.shape) - box.from[0]);
  for (const side of [1, 2] as const) closeSide(sides, side, shape, spacingMm);
  const isLung = voxelsOf(sides, 1, 2);
  const distanceMm = squaredDistance(isLung, 1, shape, spacingMm);
  for (let i = 0; i < distanceMm.length; i++) distanceMm[i] = Math.sqrt(distanceMm[i] as number);
  const litres = voxelsIn(isLung) / VOXELS_PER_LITRE;
  return { geometry, sides, distanceMm, litres };
}

/** Distance in mm from a point to the lungs; 0 inside, Infinity beyond the reach of the mask. */
export function distanceToLung(mask: LungMask, point: Triple): number {
  const at = indexOf(mask.geometry, point);
  return at < 0 ? Number.POSITIVE_INFINITY : (mask.distanceMm[at] as number);
}

/** The side of the lung voxel nearest to a point, at most `reachMm` away; `null` when there is none or both are as near. */
export function sideOf(mask: LungMask, point: Triple, reachMm: number): 'left' | 'right' | null {
  const { shape, spacingMm } = mask.geometry;
  const center = toVoxel(mask.geometry, point);
  const range = (a: 0 | 1 | 2) => {
    const reach = reachMm / spacingMm[a];
    return [Math.max(0, Math.ceil(center[a] - reach)), Math.min(shape[a] - 1, Math.floor(center[a] + reach))] as const;
  };
  const [[i0, i1], [j0, j1], [k0, k1]] = [range(0), range(1), range(2)];
  const nearest = [0, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let k = k0; k <= k1; k++) {
    for (let j = j0; j <= j1; j++) {
      for (let i = i0; i <= i1; i++) {
        const side = mask.sides[(k * shape[1] + j) * shape[0] + i] as number;
        const distance = GRID_MM * Math.hypot(i - center[0], j - center[1], k - center[2]);
        nearest[side] = Math.min(nearest[side] as number, distance);
      }
    }
  }
  const [, right = reachMm, left = reachMm] = nearest;
  if (right === left || Math.min(right, left) > reachMm) return null;
  return left < right ? 'left' : 'right';
}

/** The body with all it holds: the largest piece of tissue, thin bridges to the table cut, closed slice by slice. */
function bodyOf(hu: Float32Array, shape: Triple): Uint8Array {
  const tissue = new Uint8Array(hu.length);
  for (let at = 0; at < tissue.length; at++) if ((hu[at] as number) >= AIR_BELOW_HU) tissue[at] = 1;
  const components = connectedComponents(eroded(tissue, shape), shape);
  const [body = -1] = bySize(components);
  const core = voxelsOf(components.labels, body);
  return fillSlices(grown(core, tissue, shape), shape);
}

/** The voxels of one label, or of either of two. */
function voxelsOf(labels: Uint8Array | Int32Array, one: number, other = one): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(labels.length);
  for (let at = 0; at < out.length; at++) if (labels[at] === one || labels[at] === other) out[at] = 1;
  return out;
}

/** Mean index along i: where the middle of the body is. */
function middleOf(inside: Uint8Array, [nx]: Triple): number {
  let sum = 0;
  let count = 0;
  for (let at = 0; at < inside.length; at++) {
    if (inside[at] === 0) continue;
    sum += at % nx;
    count++;
  }
  return sum / Math.max(1, count);
}

/** Clears every piece of air that is too small or is gas; answers with the litres that are left. */
function keepLungs(air: Uint8Array, hu: Float32Array, shape: Triple): number {
  const { labels, sizes } = connectedComponents(air, shape);
  const sums = new Float64Array(sizes.length);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number;
    if (label !== 0) sums[label] = (sums[label] as number) + (hu[i] as number);
  }
  const kept = sizes.map((size, label) => {
    const mean = (sums[label] ?? 0) / Math.max(1, size);
    return label !== 0 && size >= SMALLEST_PART_LITRES * VOXELS_PER_LITRE && mean > GAS_BELOW_HU;
  });
  let voxels = 0;
  for (let i = 0; i < air.length; i++) {
    air[i] = kept[labels[i] as number] ? 1 : 0;
    voxels += air[i] as number;
  }
  return voxels / VOXELS_PER_LITRE;
}

/** Morphological closing of one lung, then its holes; never takes voxels of the other. */
function closeSide(sides: Uint8Array, side: Side, shape: Triple, spacingMm: Triple): void {
  const own = voxelsOf(sides, side);
  if (!own.includes(1)) return;
  // Nothing changes farther from the lung than the closing reaches.
  const box = boundingBox(own, shape, Math.ceil(CLOSING_MM / spacingMm[0]) + 1, (value) => value === 1);
  const filled = laidBack(closed(cut(own, shape, box), boxShape(box), spacingMm), shape, box);
  for (let i = 0; i < sides.length; i++) if (filled[i] === 1 && sides[i] === 0) sides[i] = side;
}

function closed(mask: Uint8Array, shape: Triple, spacingMm: Triple): Uint8Array {
  const reach = CLOSING_MM * CLOSING_MM;
  const wide = atMost(squaredDistance(mask, 1, shape, spacingMm, CLOSING_MM), reach);
  const narrow = above(squaredDistance(wide, 0, shape, spacingMm, CLOSING_MM), reach);
  for (let at = 0; at < narrow.length; at++) if (mask[at] === 1) narrow[at] = 1;
  return fillSlices(narrow, shape);
}

function indexOf(geometry: VolumeGeometry, point: Triple): number {
  const [i, j, k] = toVoxel(geometry, point).map(Math.round) as [number, number, number];
  const [nx, ny, nz] = geometry.shape;
  if (i < 0 || j < 0 || k < 0 || i >= nx || j >= ny || k >= nz) return -1;
  return (k * ny + j) * nx + i;
}
