import type { VolumeGeometry } from '../../domain/geometry.ts';
import type { LungMask } from '../../imaging/lung-mask.ts';

/** The image a model reads: resampled, cut to the region of interest, intensities mapped. */
export interface PreparedInput {
  /** One image for each channel before slices are stacked; x fastest, then y, z. */
  readonly channels: readonly Float32Array[];
  /** In the patient; of a single frame in its pixels. */
  readonly geometry: VolumeGeometry;
  readonly mask: LungMask | undefined;
}

/** The same while it is made: each step changes it. */
export interface WorkingImage {
  channels: Float32Array[];
  geometry: VolumeGeometry;
  readonly mask: LungMask | undefined;
  /** Ends of the last window. */
  window: readonly [low: number, high: number] | undefined;
  /** What only a single frame has. */
  readonly frame?: {
    readonly isInverted: boolean;
    readonly window: readonly [low: number, high: number] | undefined;
    readonly laterality: 'L' | 'R' | undefined;
  };
}
