import type { VolumeGeometry } from './geometry.ts';

/** A series as one block of voxels: i (column) fastest, then j (row), then k (slice); HU for CT. */
export interface Volume {
  readonly geometry: VolumeGeometry;
  readonly voxels: Int16Array | Float32Array;
}
