import type { SeriesKey } from '../../domain/study.ts';
import type { Outcome } from '../dimse/status.ts';

/** A C-STORE request whose data set is about to arrive. */
export interface StoreRequest {
  readonly SOPClassUID: string;
  readonly SOPInstanceUID: string;
  /** How the data set is encoded: what was accepted for its presentation context. */
  readonly TransferSyntaxUID: string;
  readonly callingAETitle: string;
}

export interface StoreOutcome extends Outcome {
  /** Where the instance belongs; set when it was stored. */
  readonly series?: SeriesKey | undefined;
}

/** Where a data set goes while it arrives. After a failure of any kind `abort` is called, and nothing may be left. */
export interface InstanceSink {
  /** Takes the next bytes; a promise means: send no more until it is settled. The bytes are a view of what arrived. */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /** The data set is whole. Success is answered when this resolves, so it resolves when nothing can be lost any more. */
  end(): Promise<StoreOutcome>;
  abort(): Promise<void>;
}
