import type { ReasonCode } from '../domain/reason.ts';
import type { ScanTruth } from '../evaluation/lesion.ts';
import type { DatasetFile } from './dataset-file.ts';

/** A scan of a data set with its truth. */
export interface BenchScan {
  readonly id: string;
  /** Absolute; `undefined` when there are no images. */
  readonly folder: string | undefined;
  readonly SeriesInstanceUID: string | undefined;
  /** Scans with one name are drawn together; its own id unless the data set says otherwise. */
  readonly group: string;
  /** What the images must be. */
  readonly sha256: string | undefined;
  /** The scan must be refused for this reason, and counts in no rate. */
  readonly expected: ReasonCode | undefined;
  /** One series in the patient; or single images, one or of several series. */
  readonly holds: 'a volume' | 'an image' | 'images';
  readonly truth: ScanTruth;
}

export interface BenchDataset {
  readonly about: DatasetFile;
  readonly scans: readonly BenchScan[];
  /** Over rules and truth of every scan: two runs with the same digest were asked the same. */
  readonly digest: string;
}
