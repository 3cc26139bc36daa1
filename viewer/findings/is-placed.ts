import type { Lesion } from '../../services/domain/finding.ts';

/** A lesion that lies somewhere in the patient: one on a single image does not, and has no size. */
export interface Placed {
  readonly center: [number, number, number];
  readonly diameterMm: number;
  readonly volumeMm3: number;
}

export const isPlaced = <L extends Pick<Lesion, keyof Placed>>(lesion: L): lesion is L & Placed =>
  lesion.center !== null && lesion.diameterMm !== null && lesion.volumeMm3 !== null;
