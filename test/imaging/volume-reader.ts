import type { VolumeReader } from '../../services/imaging/read-volume.ts';
import { SliceThreads } from '../../services/imaging/slice-threads.ts';
import { StageClock } from '../../services/imaging/stage-clock.ts';

/** Of one test file; they end with its process. */
const threads = new SliceThreads(2);

export const volumeReader = (changes: Partial<VolumeReader> = {}): VolumeReader => ({
  threads,
  clock: new StageClock(),
  progress: () => undefined,
  ...changes,
});
