import { create } from 'zustand';
import type { ImageSeries } from '../series/image-series.ts';
import type { SlabMode } from '../series/slab.ts';
import type { Plane } from '../slice.ts';

/** How many panes, beside each other; `three` is one large with two small ones. */
export const LAYOUTS = ['one', 'two', 'three', 'four'] as const;
export type Layout = (typeof LAYOUTS)[number];

/** Where the planes lie on screen and how they are drawn: the reader's own, kept from study to study. */
export interface Arrangement {
  readonly layout: Layout;
  /** The plane that the keys move. */
  readonly active: Plane;
  /** The active plane alone, whatever the layout. */
  readonly maximised: boolean;
  readonly inverted: boolean;
  /** Without one a plane is one slice. */
  readonly slab: SlabMode | undefined;
  readonly slabMm: number;
  readonly cine: boolean;
  readonly framesPerSecond: number;
  /** The prior beside the current study. */
  readonly comparing: boolean;
}

const SLAB_RANGE_MM = [2, 60] as const;
const FRAMES_RANGE = [1, 60] as const;

export const useArrangement = create<Arrangement>(() => ({
  layout: 'three',
  active: 'axial',
  maximised: false,
  inverted: false,
  slab: undefined,
  slabMm: 10,
  cine: false,
  framesPerSecond: 12,
  comparing: false,
}));

export const arrange = (patch: Partial<Arrangement>): void => useArrangement.setState(patch);

const SLABS = [undefined, 'max', 'min', 'mean'] as const;
/** No slab, MIP, MinIP, average, and around. */
export const nextSlab = (slab: SlabMode | undefined): SlabMode | undefined =>
  SLABS[(SLABS.indexOf(slab) + 1) % SLABS.length];

const within = (value: number, [low, high]: readonly [number, number]) => Math.min(high, Math.max(low, value));

export const thicker = (mm: number, by: number): number => within(Math.round(mm + by), SLAB_RANGE_MM);
export const faster = (frames: number, by: number): number => within(frames + by, FRAMES_RANGE);

/** The planes on screen, in their order. Of images that lie nowhere in the patient there is one, as they were acquired. */
export function shownPlanes(
  { layout, active, maximised, comparing }: Arrangement,
  { obstacle }: Pick<ImageSeries, 'obstacle'>,
): readonly Plane[] {
  if (comparing || obstacle === 'noGeometry') return ['axial'];
  if (maximised || layout === 'one') return [active];
  if (layout === 'two') return active === 'sagittal' ? ['axial', 'sagittal'] : ['axial', 'coronal'];
  return ['axial', 'sagittal', 'coronal'];
}

const ORDER = ['axial', 'sagittal', 'coronal'] as const satisfies readonly Plane[];

/** The plane `steps` on, around the end: what left and right choose. */
export const neighbourPlane = (plane: Plane, steps: 1 | -1): Plane =>
  ORDER[(ORDER.indexOf(plane) + steps + ORDER.length) % ORDER.length] ?? 'axial';
