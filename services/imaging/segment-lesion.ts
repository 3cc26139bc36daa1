import type { VolumeGeometry } from '../domain/geometry.ts';
import type { Volume } from '../domain/volume.ts';
import { componentOf } from './connected-components.ts';
import { squaredDistance } from './distance-transform.ts';
import { withEnclosedAir } from './enclosed-air.ts';
import { type Triple, toVoxel } from './grid.ts';
import { forBall, type LocalBlock, localBlock, place, voxelAt } from './local-block.ts';
import { above, boundingBox, boxShape, cut, mayHoldBall, voxelsIn } from './voxel-mask.ts';
import { withoutVessels } from './without-vessels.ts';

/** The voxels of one lesion in lung, on a fine grid of its own. */
export interface LesionRegion {
  readonly block: LocalBlock;
  /** 1 in the lesion; x fastest, like the block. */
  readonly inside: Uint8Array;
  readonly voxels: number;
  /** HU of its border, between that of the lung around it and that of its core. */
  readonly borderHu: number;
  readonly lungHu: number;
  readonly coreHu: number;
  /** Whether it surrounds air, which is counted in. */
  readonly isHollow: boolean;
}

/** Voxels of a grid that lie away from the lungs: air there does not bound a lesion. */
export type AwayFromLung = (grid: VolumeGeometry) => Uint8Array;

/** Voxels across a lesion: few while its size is being found, then as many as images can show. */
const ROUGH = { least: 7, most: 16 };
const FINE = { least: 14, most: 28 };
/** What images can show; so large voxels as `most` demands only for masses, whose blocks would not end otherwise. */
const VOXEL_MM = { least: 0.5, most: 1.25 };
const SIZE_MM = { least: 3, most: 90 };
/**
 * The border lies at this part of the way from the lung's HU to the core's: where readers draw it, as 227 masks of the
 * training split say (median difference of the diameter -0.1 mm; 0.42 gives -0.8 mm). It is the edge seen on a lung
 * window, not the half-height of the profile.
 */
const BORDER = 0.3;
/** The same within ground glass, whose shell is sampled near its own edge. */
const RIM_BORDER = 0.5;
const LUNG_SAMPLES = 12_000;
const LUNG_HU = { likely: -860, above: -1000, below: -600 };
/** A denser core, bone or contrast, must not move the border outwards. */
const SOFT_TISSUE_HU = 60;
/** A core as thin as lung is no lesion that could be told from it. */
const LEAST_CONTRAST_HU = 100;
/** What a far voxel must be denser than a near one to be taken for the core. */
const SEED_SLOPE_HU = 120;
/** Chest wall: where a ball fits that is larger than the lesion by factor and addend. */
const WALL: Wall = { factor: 2, plusMm: 4 };
/** Walls that are too thin for that, as between the lungs: looked for where the lesion is so many times its mark. */
const THIN_WALL: Wall = { factor: 1.25, plusMm: 1.5 };
const TOO_LARGE = 1.6;
/** A cavity is counted in where that is so much larger than its wall alone, and nearer to the size of the mark. */
const HOLLOW_GAIN = 1.2;
/** The densest voxel is looked for in this part of the radius around the mark; the wall of a cavity lies farther out. */
const SEED_REACH = { massive: 0.5, hollow: 1 };

/** Ground glass around a denser core: what most of a shell outside the core's border must exceed lung by. */
const HALO = { fromMm: 1.2, toMm: 2.7, part: 0.4, aboveLungHu: 130 };

/**
 * Grows a lesion from a detector's mark: tissue denser than the border that hangs together with the middle, without the
 * chest wall and without vessels, with the ground glass around a solid core and, in a cavity, with the air inside. The
 * detector's size is where the search starts; it is corrected until both agree. `undefined` when nothing stands out from
 * the lung there.
 */
export function segmentLesion(
  volume: Volume,
  center: Triple,
  diameterMm: number,
  away?: AwayFromLung,
): LesionRegion | undefined {
  const search: Search = {
    volume,
    center,
    away,
    markMm: bounded(diameterMm),
    rimHu: undefined,
    withAir: false,
    wall: WALL,
  };
  const massive = withoutThinWall(search, withHalo(search));
  return hollowAround({ ...search, withAir: true }, massive ? sphereMm(massive) : 0) ?? massive;
}

/** The lesion without a wall that is thin, where with it it is too large for its mark, and without it nearer. */
function withoutThinWall(search: Search, lesion: LesionRegion | undefined): LesionRegion | undefined {
  if (!lesion || sphereMm(lesion) < TOO_LARGE * search.markMm) return lesion;
  const { markMm } = search;
  const apart = withHalo({ ...search, wall: THIN_WALL });
  const isNearer = apart && farness(apart, markMm) < farness(lesion, markMm);
  return isNearer ? apart : lesion;
}

/** How far a size is from that of the mark, as a ratio. */
const farness = (lesion: LesionRegion, markMm: number): number => Math.abs(Math.log(sphereMm(lesion) / markMm));

/** The lesion with the air in it around the middle of the mark, where that fits the mark better than one without. */
function hollowAround(search: Search, massiveMm: number): LesionRegion | undefined {
  const { markMm, center } = search;
  const smallestMm = massiveMm * HOLLOW_GAIN;
  // At most as many times the mark as the mark is the other; twice where the other is less than half, or none.
  const largestMm = markMm / Math.max(massiveMm / markMm, 0.5);
  const fits = (lesion: LesionRegion): boolean =>
    lesion.isHollow &&
    lesion.inside[voxelAt(lesion.block, center)] === 1 &&
    sphereMm(lesion) > smallestMm &&
    sphereMm(lesion) < largestMm;
  if (smallestMm >= markMm) return undefined;
  const rough = segmentOnce(search, markMm, ROUGH);
  if (!rough || !fits(rough)) return undefined;
  const hollow = withHalo(search);
  return hollow && fits(hollow) ? hollow : undefined;
}

/** With the ground glass around a denser core, where there is any. */
function withHalo(search: Search): LesionRegion | undefined {
  const core = settle(search, search.markMm);
  const rimHu = core && haloOf(core);
  return core === undefined || rimHu === undefined ? core : settle({ ...search, rimHu }, sphereMm(core) + 2);
}

interface Wall {
  readonly factor: number;
  readonly plusMm: number;
}

interface Search {
  readonly volume: Volume;
  readonly center: Triple;
  readonly away: AwayFromLung | undefined;
  /** What the detector says. The wall is looked for with a ball of no less, so that cutting at it cannot shrink the ball. */
  readonly markMm: number;
  /** HU of ground glass that belongs to the lesion, where there is any. */
  readonly rimHu: number | undefined;
  /** Whether air that the lesion surrounds is part of it. */
  readonly withAir: boolean;
  readonly wall: Wall;
}

function settle(search: Search, startMm: number): LesionRegion | undefined {
  let expectedMm = startMm;
  for (let round = 0; round < 4; round++) {
    const rough = segmentOnce(search, expectedMm, ROUGH);
    if (!rough) return undefined;
    const sizeMm = bounded(Math.min(Math.max(sphereMm(rough), expectedMm * 0.6), expectedMm * 1.6));
    if (Math.abs(sizeMm - expectedMm) < 0.12 * expectedMm) break;
    expectedMm = sizeMm;
  }
  return segmentOnce(search, expectedMm, FINE);
}

/** Diameter of the sphere of the region's volume. */
export const sphereMm = ({ voxels, block }: LesionRegion): number =>
  ((6 / Math.PI) * voxels) ** (1 / 3) * block.geometry.spacingMm[0];

const isIn = (value: number): boolean => value === 1;
const bounded = (mm: number): number => Math.min(Math.max(mm, SIZE_MM.least), SIZE_MM.most);

function segmentOnce(search: Search, expectedMm: number, across: typeof ROUGH): LesionRegion | undefined {
  const { volume, center, away, markMm, rimHu, withAir, wall } = search;
  const usualMm = Math.min(Math.max(expectedMm / across.least, VOXEL_MM.least), VOXEL_MM.most);
  const voxelMm = Math.max(usualMm, expectedMm / across.most);
  const radius = expectedMm / 2;
  const wallMm = wallReach(Math.max(expectedMm, markMm) / 2, wall);
  const block = localBlock(volume, center, radius + wallMm + 2, voxelMm);
  if (!block) return undefined;
  const seed = seedOf(block, center, radius * (withAir ? SEED_REACH.hollow : SEED_REACH.massive));
  const levels = levelsOf(block, seed, radius, rimHu);
  if (!levels) return undefined;
  const beyond = away?.(block.geometry);
  const tissue = above(block.hu, levels.borderHu);
  if (beyond) for (let at = 0; at < tissue.length; at++) if (beyond[at] === 1) tissue[at] = 1;
  const apart = withoutWall(block, tissue, wallMm);
  const start = nearestIn(block, apart, seed, radius);
  const part = componentAt(start < 0 ? tissue : apart, block, start < 0 ? seed : start);
  const { shape, spacingMm } = block.geometry;
  const whole = withAir ? withEnclosedAir(part, shape, spacingMm[0], expectedMm) : part;
  const inside = withoutVessels(block, whole, start < 0 ? seed : start, radius);
  return { block, inside, voxels: voxelsIn(inside), ...levels, isHollow: whole !== part };
}

/** HU of a shell around a region when most of it is denser than lung. */
function haloOf({ block, inside, lungHu, borderHu }: LesionRegion): number | undefined {
  const { shape, spacingMm } = block.geometry;
  const box = boundingBox(inside, shape, Math.ceil(HALO.toMm / spacingMm[0]), isIn);
  const outside = squaredDistance(cut(inside, shape, box), 1, boxShape(box), spacingMm, HALO.toMm);
  const hus = cut(block.hu, shape, box);
  const [from, to] = [HALO.fromMm ** 2, HALO.toMm ** 2];
  const shell: number[] = [];
  for (let at = 0; at < outside.length; at++) {
    const squared = outside[at] as number;
    if (squared >= from && squared <= to) shell.push(hus[at] as number);
  }
  const hu = quantile(shell, HALO.part);
  return hu > lungHu + HALO.aboveLungHu && hu < borderHu ? hu : undefined;
}

/** The densest voxel near the mark; a far one must be clearly denser. */
function seedOf(block: LocalBlock, center: Triple, reachMm: number): number {
  const reach = Math.max(1, reachMm);
  const best = { index: 0, value: Number.NEGATIVE_INFINITY };
  forBall(block, toVoxel(block.geometry, center), reach, (index, mm) => {
    const value = Math.min(block.hu[index] as number, SOFT_TISSUE_HU) - SEED_SLOPE_HU * (mm / reach) ** 2;
    if (value > best.value) Object.assign(best, { index, value });
  });
  return best.index;
}

/** HU of lung, core and border; `undefined` where the core is no denser than lung. */
function levelsOf(block: LocalBlock, seed: number, radius: number, rimHu?: number) {
  const core: number[] = [];
  forBall(block, place(block, seed), Math.max(block.geometry.spacingMm[0], radius * 0.4), (index) => {
    core.push(block.hu[index] as number);
  });
  const lung: number[] = [];
  const step = Math.max(1, Math.floor(block.hu.length / LUNG_SAMPLES));
  for (let at = 0; at < block.hu.length; at += step) {
    const value = block.hu[at] as number;
    if (value > LUNG_HU.above && value < LUNG_HU.below) lung.push(value);
  }
  const lungHu = lung.length < 100 ? LUNG_HU.likely : quantile(lung, 0.5);
  const coreHu = Math.min(SOFT_TISSUE_HU, quantile(core, 0.75));
  if (coreHu - lungHu < LEAST_CONTRAST_HU) return undefined;
  return {
    lungHu,
    coreHu,
    borderHu: lungHu + (rimHu === undefined ? BORDER * (coreHu - lungHu) : RIM_BORDER * (rimHu - lungHu)),
  };
}

function quantile(values: readonly number[], part: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

const wallReach = (radius: number, { factor, plusMm }: Wall): number => Math.max(radius * factor, radius + plusMm);

/** An opening by a ball that no part of the lesion can hold takes the wall out, also under a broad base. */
function withoutWall({ geometry }: LocalBlock, tissue: Uint8Array, reach: number): Uint8Array {
  const { shape, spacingMm } = geometry;
  if (!mayHoldBall(tissue, shape, Math.floor(reach / spacingMm[0]))) return tissue;
  const core = above(squaredDistance(tissue, 0, shape, spacingMm, reach), reach * reach);
  if (!core.includes(1)) return tissue;
  const apart = above(squaredDistance(core, 1, shape, spacingMm, reach), reach * reach);
  for (let at = 0; at < apart.length; at++) if (tissue[at] === 0) apart[at] = 0;
  return apart;
}

/** The voxel of a mask nearest to another, at most a radius away; -1 when there is none. */
function nearestIn(block: LocalBlock, mask: Uint8Array, seed: number, radius: number): number {
  if (mask[seed] === 1) return seed;
  const best = { index: -1, mm: Number.POSITIVE_INFINITY };
  forBall(block, place(block, seed), radius, (index, mm) => {
    if (mask[index] === 1 && mm < best.mm) Object.assign(best, { index, mm });
  });
  return best.index;
}

const componentAt = (mask: Uint8Array, { geometry }: LocalBlock, seed: number): Uint8Array =>
  componentOf(mask, geometry.shape, seed);
